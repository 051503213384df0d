"""Which part of a data set a file belongs to, by the words of its name and folders."""

import re
from collections.abc import Mapping
from pathlib import PurePath
from types import MappingProxyType
from typing import Literal

# "all" is what no name says more of.
PartName = Literal["train", "val", "test", "all"]

_WORDS: Mapping[str, PartName] = MappingProxyType(
    {
        "train": "train",
        "training": "train",
        "trainval": "train",
        "val": "val",
        "valid": "val",
        "validation": "val",
        "minival": "val",
        "test": "test",
        "testing": "test",
    }
)
_LETTERS = re.compile(r"[a-z]+")


def part_of(path: PurePath) -> PartName:
    """The part that a path names: its last word first, then its folders, inner first.

    "all" where none does, and where a name has words of two parts.
    """
    for name in (path.stem, *reversed(path.parts[:-1])):
        words = _LETTERS.findall(name.lower())
        if found := {_WORDS[word] for word in words if word in _WORDS}:
            return found.pop() if len(found) == 1 else "all"
    return "all"
