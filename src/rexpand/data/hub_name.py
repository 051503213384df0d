"""hf:PLACE[:control=value,...]: a data set of Hugging Face's `datasets`, as a value.

    hf:my_set                              a folder that save_to_disk wrote, or with parquet
    hf:owner/name                          a name of the hub
    hf:owner/name:label=fine_label         another column than that of the one ClassLabel
    hf:owner/name:stream=true,images=50000 read in order, never whole

No torch here, and nothing is read.
"""

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Annotated

from rexpand.allowed import Line, check_fields
from rexpand.errors import DataError, UnknownNameError, quoted
from rexpand.ranges import PLACE, SOME_IMAGES

_PREFIX = "hf:"
_TEXT = Line(longest=100)
_BUFFER = 1_000  # images; that of the library's own shuffle


@dataclass(frozen=True, kw_only=True)
class HubName:
    """A data set by its place: a folder, or a name of the hub.

    `config` is one of several under a name. `image` and `label` are columns, `train` and
    `test` splits; without them they are found. With `stream` the images are read in
    order, shuffled through a buffer of `buffer`; `images` is the number of training
    images, where the data set does not say it.
    """

    place: Annotated[str, PLACE]
    config: Annotated[str, _TEXT] | None = None
    image: Annotated[str, _TEXT] | None = None
    label: Annotated[str, _TEXT] | None = None
    train: Annotated[str, _TEXT] | None = None
    test: Annotated[str, _TEXT] | None = None
    stream: bool = False
    images: Annotated[int, SOME_IMAGES] | None = None
    buffer: Annotated[int, SOME_IMAGES] = _BUFFER

    def __post_init__(self) -> None:
        check_fields(self, DataError)

    @classmethod
    def parse(cls, text: str) -> "HubName":
        """The value of hf:PLACE[:control=value,...].

        Raises UnknownNameError for an unknown control, DataError for what else is wrong.
        """
        place, _, controls = text.removeprefix(_PREFIX).partition(":")
        if not place:
            raise DataError(
                f"{quoted(text)} names no data set; write hf:FOLDER or hf:OWNER/NAME"
            )
        values = dict[str, object]()
        for control in controls.split(",") if controls else ():
            name, has_value, value = control.partition("=")
            if not (has_value and value):
                raise DataError(f"{quoted(text)}: write controls as name=value")
            values[name] = _value(name, value)
        return cls(place=place, **values)  # type: ignore[arg-type]

    @property
    def name(self) -> str:
        """The last part of the place."""
        return Path(self.place).name or self.place


def is_hub_name(text: str) -> bool:
    """Whether a text names a data set of this kind."""
    return text.startswith(_PREFIX)


def _value(name: str, text: str) -> object:
    known = [field.name for field in fields(HubName) if field.name != "place"]
    if name not in known:
        raise UnknownNameError("control", name, known, ", ".join(known))
    if name in ("images", "buffer"):
        if not (text.isascii() and text.isdigit() and len(text) < 12):
            raise DataError(f"{name}={quoted(text)} is no number of images")
        return int(text)
    if name == "stream":
        if text not in ("true", "false"):
            raise DataError(f"stream={quoted(text)} is neither true nor false")
        return text == "true"
    return text
