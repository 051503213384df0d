"""CIFAR-10 and CIFAR-100, in torchvision's layout or as an .npz file under the root."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from rexpand.data.entry import DataSetInfo, Entry, Request
from rexpand.data.files import is_file, is_folder, is_there
from rexpand.data.places import listed
from rexpand.errors import DataError
from rexpand.recipe import Augmentation
from rexpand.records.files import new_folders

if TYPE_CHECKING:
    from rexpand.data.arrays import Arrays
    from rexpand.data.dataset import DataSet

_LARGEST = 256 * 2**20  # bytes; the original archives have 170 million
# The augmentation of arXiv 1512.03385, section 4.2, and of most papers since
AUGMENTATION = Augmentation(crop_padding=4, flip=True)


@dataclass(frozen=True, kw_only=True)
class Cifar:
    """One of the two: its name, torchvision's class, and that one's folder.

    `mean` and `std` are of all pixels of the 50,000 training images, 255 being 1; those
    of CIFAR-100 are printed in weiaicunzai/pytorch-cifar100, conf/global_settings.py.
    """

    name: str
    classes: int
    reader: str
    folder: str
    mean: tuple[float, float, float]
    std: tuple[float, float, float]


def read_cifar(cifar: Cifar, root: Path, download: bool) -> "Arrays":
    """Read from torchvision's folder if there, else from NAME.npz; download if asked.

    Raises DataError if neither is there, and for files that are not the originals.
    """
    from rexpand.data.arrays import read_npz

    folder, archive = root / cifar.folder, root / f"{cifar.name}.npz"
    if is_folder(folder) or (download and not is_file(archive)):
        return _read_pickles(cifar, root, download)
    if is_file(archive):
        return read_npz(archive)
    raise DataError(
        f"{cifar.name} is not at {listed((folder, archive))}; "
        f"run: rexpand data fetch {cifar.name}, or point REXPAND_DATA at its folder"
    )


def _load(cifar: Cifar, request: Request) -> "DataSet":
    from rexpand.data.arrays import data_set
    from rexpand.data.normalisation import Normalisation

    return data_set(
        cifar.name,
        read_cifar(cifar, request.root, request.download),
        normalisation=Normalisation(mean=cifar.mean, std=cifar.std),
        augmentation=AUGMENTATION,
        resolution=request.resolution,
    )


def _read_pickles(cifar: Cifar, root: Path, download: bool) -> "Arrays":
    """Read torchvision's layout.

    torchvision compares the md5 of every file with the original's before it opens the
    first, so that no pickle of another author is ever run.
    """
    import numpy as np
    from torchvision import datasets

    from rexpand.data.arrays import Arrays

    reader = getattr(datasets, cifar.reader)
    _check_sizes(root / cifar.folder, root / reader.filename)
    try:
        with new_folders(root / cifar.folder):
            train = reader(root, train=True, download=download)
            test = reader(root, train=False, download=False)
    except (RuntimeError, OSError) as error:
        raise DataError(_refusal(cifar, root, error, download)) from error
    return Arrays(
        source=str(root / cifar.folder),
        train_images=np.ascontiguousarray(train.data),
        train_labels=np.asarray(train.targets, dtype=np.int64),
        test_images=np.ascontiguousarray(test.data),
        test_labels=np.asarray(test.targets, dtype=np.int64),
        class_names=tuple(train.classes),
    )


def _check_sizes(folder: Path, archive: Path) -> None:
    """Refuse what has no end, or is too long, before its md5 is computed."""
    files = folder.iterdir() if is_folder(folder) else ()
    for path in (archive, *files):
        if not is_there(path):
            continue
        if not is_file(path) or path.stat().st_size > _LARGEST:
            raise DataError(
                f"'{path}' is not the original file of CIFAR: it is no regular file, or "
                f"larger than {_LARGEST // 2**20} MiB; remove it"
            )


def _refusal(cifar: Cifar, root: Path, error: Exception, download: bool) -> str:
    folder = root / cifar.folder
    if download:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        return (
            f"{cifar.name} could not be downloaded to '{folder}' ({reason}); "
            "check the connection, or copy the folder from another machine"
        )
    return (
        f"'{folder}' does not hold the original files of {cifar.name} (their md5 "
        "differs), and pickles of unknown make are not opened; run: rexpand data fetch "
        f"{cifar.name}"
    )


def _entry(cifar: Cifar) -> Entry:
    return Entry(
        info=DataSetInfo(
            name=cifar.name,
            images=60_000,
            classes=cifar.classes,
            resolution=32,
            source="Krizhevsky 2009, research use",
            layout=f"ROOT/{cifar.folder} (torchvision's) or ROOT/{cifar.name}.npz",
            recipe="cifar",
            search_recipe="search",
            can_download=True,
        ),
        load=partial(_load, cifar),
    )


CIFAR10 = _entry(
    Cifar(
        name="cifar10",
        classes=10,
        reader="CIFAR10",
        folder="cifar-10-batches-py",
        mean=(0.49139968, 0.48215841, 0.44653091),
        std=(0.24703223, 0.24348513, 0.26158784),
    )
)
CIFAR100 = _entry(
    Cifar(
        name="cifar100",
        classes=100,
        reader="CIFAR100",
        folder="cifar-100-python",
        mean=(0.50707516, 0.48654887, 0.44091784),
        std=(0.26733429, 0.25643846, 0.27615047),
    )
)
