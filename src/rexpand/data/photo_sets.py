"""Data sets of photographs by name, in the layouts that torchvision gives them.

torchvision's classes find the files and their labels. Where the authors part the images
in three, training and validation images are trained on, as the papers that transfer to
them do (arXiv 1805.08974, appendix A). No torch here.
"""

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from rexpand.data.entry import DataSetInfo, ImageEntry

if TYPE_CHECKING:
    from rexpand.data.origin import Origin

_RECIPE = "folder"
_RESOLUTION = 224  # pixels; photographs have no size of their own


@dataclass(frozen=True, kw_only=True)
class PhotoSet:
    """How torchvision has a data set: its class, its folder, its names of the parts.

    `metadata` are the files below the folder from which it takes names and labels.
    `without_download` says where to get the images, where torchvision cannot.
    """

    name: str
    reader: str
    folder: str
    training: tuple[str, ...]
    test: str
    metadata: tuple[str, ...]
    without_download: str | None = None


def _entry(photos: PhotoSet, *, images: int, classes: int, source: str) -> ImageEntry:
    return ImageEntry(
        info=DataSetInfo(
            name=photos.name,
            images=images,
            classes=classes,
            resolution=_RESOLUTION,
            source=source,
            layout=f"ROOT/{photos.folder} (torchvision's {photos.reader})",
            recipe=_RECIPE,
            search_recipe=_RECIPE,
            can_download=photos.without_download is None,
        ),
        origin=partial(_origin, photos),
    )


def _origin(photos: PhotoSet, root: Path, download: bool) -> "Origin":
    from rexpand.data.torchvision_photos import TorchvisionPhotos

    return TorchvisionPhotos(photos=photos, root=root, download=download)


def _imagenet(root: Path, download: bool) -> "Origin":
    from rexpand.data.torchvision_photos import imagenet

    return imagenet(root / "imagenet", download)


FOOD101 = _entry(
    PhotoSet(
        name="food101",
        reader="Food101",
        folder="food-101",
        training=("train",),
        test="test",
        metadata=("meta/train.json", "meta/test.json"),
    ),
    images=101_000,
    classes=101,
    source="Bossard et al. 2014, research use",
)
STANFORD_CARS = _entry(
    PhotoSet(
        name="stanford_cars",
        reader="StanfordCars",
        folder="stanford_cars",
        training=("train",),
        test="test",
        metadata=(
            "devkit/cars_train_annos.mat",
            "devkit/cars_meta.mat",
            "cars_test_annos_withlabels.mat",
        ),
        without_download="its authors' page is gone; copies are listed in "
        "github.com/pytorch/vision/issues/7545",
    ),
    images=16_185,
    classes=196,
    source="Krause et al. 2013, research use",
)
FGVC_AIRCRAFT = _entry(
    PhotoSet(
        name="fgvc_aircraft",
        reader="FGVCAircraft",
        folder="fgvc-aircraft-2013b",
        training=("trainval",),
        test="test",
        metadata=(
            "data/variants.txt",
            "data/images_variant_trainval.txt",
            "data/images_variant_test.txt",
        ),
    ),
    images=10_000,
    classes=100,
    source="Maji et al. 2013, research use",
)
FLOWERS102 = _entry(
    PhotoSet(
        name="flowers102",
        reader="Flowers102",
        folder="flowers-102",
        training=("train", "val"),
        test="test",
        metadata=("imagelabels.mat", "setid.mat"),
    ),
    images=8_189,
    classes=102,
    source="Nilsback and Zisserman 2008",
)
IMAGENET = ImageEntry(
    info=DataSetInfo(
        name="imagenet",
        images=1_331_167,
        classes=1_000,
        resolution=_RESOLUTION,
        source="Russakovsky et al. 2015, research use",
        layout="ROOT/imagenet/train and val, a folder per WordNet number",
        recipe=_RECIPE,
        search_recipe=_RECIPE,
    ),
    origin=_imagenet,
)
