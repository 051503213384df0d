"""A line of the catalogue of data sets: what a set is, and how it is loaded."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rexpand.data.dataset import DataSet
    from rexpand.data.origin import Origin


@dataclass(frozen=True, kw_only=True)
class DataSetInfo:
    """What is known of a data set before it is loaded.

    `images` counts train and test together. `recipe` and `search_recipe` name those that
    it is trained and searched by, unless another is asked for.
    """

    name: str
    images: int
    classes: int
    resolution: int
    source: str
    layout: str
    recipe: str
    search_recipe: str
    can_download: bool = False


@dataclass(frozen=True, kw_only=True)
class Request:
    """Where to find a data set, and the resolution of its batches; None: its own."""

    root: Path
    resolution: int | None
    download: bool


@dataclass(frozen=True, kw_only=True)
class ImageEntry:
    """A data set of encoded images: its facts, and where below a root they come from.

    The function takes the root and whether to download what is not there.
    """

    info: DataSetInfo
    origin: "Callable[[Path, bool], Origin]"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A data set of arrays: its facts, and the function that loads it.

    The function imports what it needs when it is called, so that the catalogue answers
    without torch.
    """

    info: DataSetInfo
    load: "Callable[[Request], DataSet]"
