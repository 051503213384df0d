"""The samples of WebDataset shards: for each key an image and a label.

As in the webdataset library, members of one key follow each other, and an extension
begins at the first point of a name. Images are KEY.jpg, .jpeg, .png or .webp; labels are
KEY.cls, or the field `label` or `cls` of KEY.json. No other member is opened.
"""

import os
import re
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from rexpand.data.tar import Member, members
from rexpand.documents import naming, parsed_json
from rexpand.errors import DataError, quoted

_IMAGES = ("jpg", "jpeg", "png", "webp")
_LABEL_FIELDS = ("label", "cls")  # of KEY.json
_LARGEST_IMAGE = 2**30  # bytes; 89 million pixels of 16 bits take 0.7 GB
_LARGEST_LABEL = 2**20
_NUMBER = re.compile(r"-?[0-9]{1,9}")

Label = int | str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """An image in a shard, a place in the list of shards, and its label."""

    shard: int
    member: Member
    label: Label


def samples_of(shards: tuple[str, ...]) -> list[Sample]:
    """The samples of all shards, in order; several shards are indexed at a time.

    Raises DataError for a shard that is none or is cut off, for a key that is there twice,
    and for a sample without an image or a label.
    """
    with ThreadPoolExecutor() as threads:
        indexed = threads.map(_indexed, shards, range(len(shards)))
        return [sample for found in indexed for sample in found]


def _indexed(shard: str, number: int) -> list[Sample]:
    return [
        _sample(shard, number, key, dict(parts), dict(labels))
        for key, parts, labels in _grouped(shard)
    ]


def _grouped(
    shard: str,
) -> Iterator[tuple[str, Mapping[str, Member], Mapping[str, bytes]]]:
    """For each key its members by extension, and the bytes of those that may label it."""
    keyed = (
        (*_key(member.name), member, handle) for member, handle in members(Path(shard))
    )
    counted = (each for each in keyed if each[0])
    for key, group in groupby(counted, key=lambda each: each[0]):
        parts, labels = dict[str, Member](), dict[str, bytes]()
        for _, extension, member, handle in group:
            if extension in parts:
                raise DataError(
                    f"'{shard}' has '{key}.{extension}' twice; give each sample a key "
                    "of its own"
                )
            parts[extension] = member
            if extension in ("cls", "json") and member.size <= _LARGEST_LABEL:
                labels[extension] = os.pread(handle, member.size, member.offset)
        yield key, parts, labels


def _key(name: str) -> tuple[str, str]:
    """A member's key and its extension, which begins at the first point of its name.

    Both are empty for what belongs to no sample: hidden files, and the library's own
    (__NAME__).
    """
    folder, _, base = name.rpartition("/")
    stem, _, extension = base.partition(".")
    if not stem or not extension or (stem[:2] == stem[-2:] == "__"):
        return "", ""
    return (f"{folder}/{stem}" if folder else stem), extension.lower()


def _sample(
    shard: str,
    number: int,
    key: str,
    parts: Mapping[str, Member],
    labels: Mapping[str, bytes],
) -> Sample:
    found = [extension for extension in _IMAGES if extension in parts]
    if len(found) != 1:
        raise DataError(
            f"'{shard}' has {len(found) or 'no'} image{'s' * bool(found)} of the key "
            f"{quoted(key)} (it has {', '.join(sorted(parts))}); a sample has one "
            f"{', '.join(_IMAGES)}"
        )
    image = parts[found[0]]
    if image.size > _LARGEST_IMAGE:
        raise DataError(
            f"'{shard}/{image.name}' has {image.size} bytes; at most "
            f"{_LARGEST_IMAGE} are read as an image"
        )
    with naming(f"'{shard}', key {quoted(key)}", DataError):
        return Sample(shard=number, member=image, label=_label(labels))


def _label(labels: Mapping[str, bytes]) -> Label:
    """The label that the members say; ValueError if there is none."""
    if "cls" in labels:
        text = _decoded(labels["cls"], "cls").strip()
        return int(text) if _NUMBER.fullmatch(text) else _checked(text)
    if "json" not in labels:
        raise ValueError(
            "it has no label; give it a member .cls or .json (pickles are not opened)"
        )
    content: Any = parsed_json(_decoded(labels["json"], "json"))
    if isinstance(content, dict):
        field = next((each for each in _LABEL_FIELDS if each in content), None)
        if field is None:
            raise ValueError(f"its .json has no field {' or '.join(_LABEL_FIELDS)}")
        content = content[field]
    return _checked(content)


def _checked(label: Any) -> Label:
    is_number = isinstance(label, int) and not isinstance(label, bool)
    if is_number and abs(label) < 10**9:
        return int(label)
    if isinstance(label, str) and label:
        return label
    raise ValueError(f"its label is {quoted(str(label))}, no number or name of a class")


def _decoded(content: bytes, extension: str) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        raise ValueError(f"its .{extension} is not UTF-8 text") from None
