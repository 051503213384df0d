"""CIFAR-10 and CIFAR-100, in torchvision's layout or as an .npz file under the root."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rexpand.data import normalisation
from rexpand.data.arrays import Arrays, read_npz
from rexpand.data.catalogue import listed
from rexpand.data.normalisation import Normalisation
from rexpand.errors import DataError
from rexpand.recipe import Augmentation

# The augmentation of arXiv 1512.03385, section 4.2, and of most papers since
AUGMENTATION = Augmentation(crop_padding=4, flip=True)


@dataclass(frozen=True, kw_only=True)
class Cifar:
    """One of the two: torchvision's class, its folder, and the normalisation."""

    reader: str
    folder: str
    normalisation: Normalisation


CIFARS = {
    "cifar10": Cifar(
        reader="CIFAR10",
        folder="cifar-10-batches-py",
        normalisation=normalisation.CIFAR10,
    ),
    "cifar100": Cifar(
        reader="CIFAR100",
        folder="cifar-100-python",
        normalisation=normalisation.CIFAR100,
    ),
}


def read_cifar(name: str, root: Path, download: bool) -> Arrays:
    """Read from torchvision's folder if there, else from NAME.npz; download if asked.

    Raises DataError if neither is there, and for files that are not the originals.
    """
    folder, archive = root / CIFARS[name].folder, root / f"{name}.npz"
    if folder.is_dir() or (download and not archive.is_file()):
        return _read_pickles(name, root, download)
    if archive.is_file():
        return read_npz(archive)
    raise DataError(
        f"{name} is not at {listed((folder, archive))}; "
        f"run: rexpand data fetch {name}, or point REXPAND_DATA at its folder"
    )


def _read_pickles(name: str, root: Path, download: bool) -> Arrays:
    """Read torchvision's layout.

    torchvision compares the md5 of every file with the original's before it opens the
    first, so that no pickle of another author is ever run.
    """
    from torchvision import datasets

    cifar = CIFARS[name]
    reader = getattr(datasets, cifar.reader)
    try:
        train = reader(root, train=True, download=download)
        test = reader(root, train=False, download=False)
    except (RuntimeError, OSError) as error:
        raise DataError(_refusal(name, root / cifar.folder, error, download)) from error
    return Arrays(
        source=str(root / cifar.folder),
        train_images=np.ascontiguousarray(train.data),
        train_labels=np.asarray(train.targets, dtype=np.int64),
        test_images=np.ascontiguousarray(test.data),
        test_labels=np.asarray(test.targets, dtype=np.int64),
        class_names=tuple(train.classes),
    )


def _refusal(name: str, folder: Path, error: Exception, download: bool) -> str:
    if download:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        return (
            f"{name} could not be downloaded to '{folder}' ({reason}); "
            "check the connection, or copy the folder from another machine"
        )
    return (
        f"'{folder}' does not hold the original files of {name} (their md5 differs), "
        f"and pickles of unknown make are not opened; run: rexpand data fetch {name}"
    )
