"""Which files of a folder are shards, and of which part; no torch here."""

import re
from pathlib import Path
from typing import Literal

from rexpand.data.files import is_file, is_folder
from rexpand.errors import DataError

Which = Literal["train", "test"]

# Words of folders and of names of shards; tests are taken from the first that is there
_WORDS = {
    "train": (("train", "training"),),
    "test": (("test", "testing"), ("val", "valid", "validation")),
}


def has_shards(folder: Path) -> bool:
    """Whether a folder holds shards, for training or tests."""
    return bool(shards_of(folder, "train") or shards_of(folder, "test"))


def shards_of(folder: Path, which: Which) -> tuple[str, ...]:
    """The shards of a part, sorted: in a folder of that name, or with it in their names.

    Raises DataError for a folder that cannot be read.
    """
    for words in _WORDS[which]:
        inside = [path for word in words for path in _tars(folder / word)]
        named = [path for path in _tars(folder) if {*words} & _words_of(path)]
        if inside or named:
            return tuple(sorted(str(path) for path in inside or named))
    return ()


def _words_of(path: Path) -> set[str]:
    return set(re.split(r"[-_.]", path.stem))


def _tars(folder: Path) -> list[Path]:
    if not is_folder(folder):
        return []
    try:
        paths = [path for path in folder.iterdir() if path.suffix == ".tar"]
    except OSError as error:
        raise DataError(f"'{folder}' cannot be read: {error.strerror}") from error
    return [path for path in paths if path.name[:1] != "." and is_file(path)]
