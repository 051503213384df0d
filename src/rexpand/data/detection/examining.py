"""From what annotations say to images that can be trained on, and what is wrong.

What is wrong is left out and noted; whether that is allowed is asked afterwards.
"""

from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from rexpand.data.decoding import MOST_PIXELS, size_of
from rexpand.data.detection.defects import Defect, DefectKind
from rexpand.data.detection.feeding import file_finding
from rexpand.data.detection.given import GivenImage, GivenInstance
from rexpand.data.detection.instances import AnnotatedImage, Instance
from rexpand.data.detection.opening import AnnotatedFolder
from rexpand.data.detection.parts import PartName
from rexpand.data.detection.pictures import Pictures
from rexpand.data.detection.soundness import sound_box, sound_mask
from rexpand.data.detection.split import DetectionSplit
from rexpand.data.images import ImageFile
from rexpand.data.reading import thread_count
from rexpand.errors import DataError, quoted


class Examination:
    """The splits of a folder's parts, and the defects that are met on the way.

    With `decodes` every image is decoded, to leave out those that are corrupt.
    """

    def __init__(self, folder: AnnotatedFolder, *, decodes: bool) -> None:
        self.defects: list[Defect] = []
        self._pictures = Pictures(folder.path)
        self._part_of: dict[str, PartName] = {}  # by the file of an image
        self._folder = folder
        self._decodes = decodes

    def split(self, name: PartName) -> DetectionSplit:
        """The images of a part, of the classes of all parts."""
        part = self._folder.parts[name]
        self.defects += part.defects
        category_ids = part.category_ids
        classes = {each: number for number, each in enumerate(category_ids)}
        taken = (self._taken(image, name, classes) for image in part.images)
        images = tuple(filter(None, taken))
        if self._decodes:
            images = self._decoded(images)
        return DetectionSplit(
            class_names=tuple(category_ids),
            category_ids=tuple(category_ids.values()),
            images=images,
        )

    def without_annotations(self) -> list[Defect]:
        """The image files that no annotation of the parts taken names."""
        return [
            Defect(
                kind="file without annotations",
                file=file,
                said="no annotation file names it; it is not used",
            )
            for file in self._pictures.besides(self._part_of.keys())
        ]

    def _decoded(
        self, images: tuple[AnnotatedImage, ...]
    ) -> tuple[AnnotatedImage, ...]:
        """Those that decode, and to the size that is annotated."""
        with ThreadPoolExecutor(thread_count()) as threads:
            findings = [*threads.map(file_finding, images)]
        for image, found in zip(images, findings, strict=True):
            if found:
                self._note(found[0], image.file, found[1])
        pairs = zip(images, findings, strict=True)
        return tuple(image for image, found in pairs if not found)

    def _taken(
        self, image: GivenImage, part: PartName, classes: Mapping[str, int]
    ) -> AnnotatedImage | None:
        """An image; None for one that is left out."""
        file = self._pictures.find(image.names, Path(image.file), part)
        if not file:
            said = f"image '{image.names[0]}' is nowhere in the folder"
            self._note("missing file", image.file, said)
            return None
        if self._part_of.setdefault(file, part) != part:
            said = f"'{file}' is of {self._part_of[file]} and of {part}"
            self._note("file of two parts", image.file, said)
        size = self._size(image, file)
        if size is None:
            return None
        if not image.instances:
            said = f"image '{file}' has no annotation; it is kept as background"
            self._note("image without annotations", image.file, said)
        found = (
            self._instance(image.file, one, classes, *size) for one in image.instances
        )
        return AnnotatedImage(
            file=file,
            image_id=image.image_id,
            height=size[0],
            width=size[1],
            instances=tuple(filter(None, found)),
        )

    def _size(self, image: GivenImage, file: str) -> tuple[int, int] | None:
        """Height and width as they are annotated, else as the file says."""
        if image.height is None or image.width is None:
            try:
                return size_of(ImageFile(file))
            except DataError as error:
                self._note("corrupt file", image.file, str(error))
                return None
        if image.height * image.width > MOST_PIXELS:
            said = f"'{file}' is said to have {image.width}x{image.height} pixels"
            self._note("file of another size", image.file, said)
            return None
        return image.height, image.width

    def _instance(
        self,
        file: str,
        given: GivenInstance,
        classes: Mapping[str, int],
        height: int,
        width: int,
    ) -> Instance | None:
        """An object; None for one that is left out."""
        box, of_box = sound_box(given.box, height, width)
        mask, of_mask = sound_mask(given.mask, height, width)
        for kind, said in filter(None, (of_box, of_mask)):
            self._note(kind, file, f"{given.place} has {said}")
        if box is None or (given.mask and not mask):
            return None
        x_min, y_min, x_max, y_max = box
        area = (x_max - x_min) * (y_max - y_min) if given.area is None else given.area
        return Instance(
            category=classes[given.category],
            box=box,
            area=area,
            is_crowd=given.is_crowd,
            mask=mask,
        )

    def _note(self, kind: DefectKind, file: str, said: str) -> None:
        self.defects.append(Defect(kind=kind, file=file, said=said))


def not_trained(
    judged: DetectionSplit, train: DetectionSplit, part: str
) -> list[Defect]:
    """The classes of objects of a part that judges of which no object trains."""
    trained = _objects(train)
    return [
        Defect(
            kind="class without training objects",
            file=part,
            said=f"{quoted(judged.class_names[category])} has no object to train on, "
            f"and {count:,} here; its average precision counts, as 0 if none is found",
        )
        for category, count in sorted(_objects(judged).items())
        if category not in trained
    ]


def _objects(split: DetectionSplit) -> Counter[int]:
    """How many objects each class has, without crowds."""
    return Counter(
        each.category
        for image in split.images
        for each in image.instances
        if not each.is_crowd
    )
