"""The image files of a folder, found by what annotations call them.

Annotations are made on one machine and read on another: what they say of folders may be
wrong, and decides only where several files have the name.
"""

from collections import defaultdict
from collections.abc import Container, Iterable, Sequence
from itertools import takewhile
from pathlib import Path, PurePosixPath

from rexpand.data.detection.parts import PartName, part_of
from rexpand.data.files import list_images

_SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff")


class Pictures:
    """The image files of a folder."""

    def __init__(self, folder: Path) -> None:
        """List them; DataError for a folder that cannot be read."""
        self._root = folder
        self._files = list_images(folder, _SUFFIXES).images
        self._named: dict[str, list[PurePosixPath]] = defaultdict(list)
        for file in self._files:
            path = PurePosixPath(Path(file).relative_to(folder).as_posix())
            self._named[path.name].append(path)
            self._named[path.stem].append(path)

    def find(self, names: Sequence[str], beside: Path, part: PartName) -> str:
        """The file of the first name that there is; empty where there is none.

        `beside` is the annotation file, of that part. Of several files that have a name,
        one in the folders of the name is taken, then one of the part, then the nearest.
        A file in folders of another part is of that part alone.
        """
        near = beside.relative_to(self._root).parts[:-1]
        for name in names:
            asked = PurePosixPath(name.replace("\\", "/"))
            ranked = sorted(
                (-alike, part_of(path.parent) != part, -_same(near, path.parts), path)
                for path in self._named.get(asked.name, ())
                if (alike := _same(reversed(asked.parts), reversed(path.parts))) > 1
                or part == "all"
                or part_of(path.parent) in (part, "all")
            )
            if ranked:
                return str(self._root / ranked[0][-1])
        return ""

    def besides(self, used: Container[str]) -> list[str]:
        """The files that are not among those used."""
        return [file for file in self._files if file not in used]


def _same(first: Iterable[str], second: Iterable[str]) -> int:
    """How many parts of two paths are the same before the first that differs."""
    pairs = zip(first, second, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
