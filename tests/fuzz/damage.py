"""One mutation of one document: of its file, its bytes, its values or its claims.

Every kind is a function of a path and a number that chooses the place; the same two give
the same damage.
"""

import io
import json
import os
import socket
import struct
import tomllib
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import tomli_w

from fuzz.case import Damage

# What takes the place of a value, whatever it was.
VALUES: Mapping[str, Any] = {
    "true": True,
    "text": "224",
    "list": [],
    "table": {},
    "lists": [[1], [2]],
    "negative": -1,
    "zero": 0,
    "fraction": 1.5,
    "huge": 10**12,
    "beyond": 10**30,
    "float": 1e300,
    "nan": float("nan"),
    "inf": float("inf"),
    "empty": "",
    "letters": "x" * 10_000,
    "newline": "one\ntwo\rthree",
    "escape": "\x1b[2J\x07red",
    "path": "../../taken.txt",
    "surrogate": "\u202e\ufeff",
}
_DEEP, _MARK = 100_000, "PLACE"


def damaged(folder: Path, damage: Damage) -> None:
    """Damage the document of a world."""
    path = folder / damage.document
    if damage.kind in FILES:
        FILES[damage.kind](path)
    elif damage.kind in BYTES:
        path.write_bytes(BYTES[damage.kind](path.read_bytes(), damage.at))
    elif damage.kind == "claim":
        _CLAIMS[path.suffix](path)
    else:
        _change(path, damage.kind, damage.at)


def kinds_for(document: str) -> tuple[str, ...]:
    """The kinds of damage that a document can take."""
    suffix = Path(document).suffix
    inside = (*VALUES, *_KEYS) if suffix in _READ else ()
    claims = ("claim",) if suffix in _CLAIMS else ()
    return (*FILES, *BYTES, *inside, *claims)


# The file itself


def _replaced(make: Callable[[Path], object]) -> Callable[[Path], None]:
    def replace(path: Path) -> None:
        path.unlink()
        make(path)

    return replace


def _socket(path: Path) -> None:
    here = Path.cwd()
    os.chdir(path.parent)  # the name of a socket is short
    try:
        with socket.socket(socket.AF_UNIX) as opened:
            opened.bind(path.name)
    finally:
        os.chdir(here)


def _sparse(path: Path) -> None:
    os.truncate(path, 1 << 40)


FILES: Mapping[str, Callable[[Path], None]] = {
    "missing": Path.unlink,
    "directory": _replaced(Path.mkdir),
    "pipe": _replaced(os.mkfifo),
    "socket": _replaced(_socket),
    "device": _replaced(lambda path: path.symlink_to("/dev/zero")),
    "loop": _replaced(lambda path: path.symlink_to(path.name)),
    "dangling": _replaced(lambda path: path.symlink_to("nowhere")),
    "unreadable": lambda path: path.chmod(0),
    "sparse": _sparse,
}


# Its bytes


def _flip(data: bytes, at: int) -> bytes:
    place = at % max(1, len(data))
    return data[:place] + bytes([data[place] ^ (1 << at % 8)]) + data[place + 1 :]


BYTES: Mapping[str, Callable[[bytes, int], bytes]] = {
    "truncated": lambda data, at: data[: at % max(1, len(data))],
    "flipped": _flip,
    "emptied": lambda data, at: b"",
    "garbage": lambda data, at: bytes((7 * n + at) % 256 for n in range(1000)),
    "utf16": lambda data, at: data.decode("latin-1").encode("utf-16"),
    "bom": lambda data, at: b"\xef\xbb\xbf" + data,
    "latin": lambda data, at: data[: at % max(1, len(data))] + b"\xe9" + data,
    "nul": lambda data, at: data[: at % max(1, len(data))] + b"\0" * 9 + data,
    "doubled": lambda data, at: data + data,
    "appended": lambda data, at: data + b"}\n",
    "deep": lambda data, at: b"[" * _DEEP,
    "deep_table": lambda data, at: b'{"a":' * _DEEP,
    "number": lambda data, at: b"9" * 10_000,
    "null": lambda data, at: b"null",
}


# Its values: a document is a tree, whose places are counted from the root

_KEYS = ("dropped", "renamed", "added", "nested", "version", "repeated")


def _change(path: Path, kind: str, at: int) -> None:
    read, write = _READ[path.suffix], _WRITE[path.suffix]
    lead, content, rest = read(path.read_bytes())
    if kind == "version":
        changed = _with_version(content, at)
    else:
        places = [*_places(content)]
        if not places:
            return
        changed = _put(content, places[at % len(places)], kind)
    text = write(changed)
    nested = "[" * _DEEP + "]" * _DEEP
    again = f'"{_MARK}"'
    if kind == "repeated":  # the last line, or the last key, once more
        text = text + text.splitlines()[-1] + "\n"
    path.write_bytes(lead(text.replace(again, nested).encode("utf-8"), rest))


def _places(content: Any, root: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    inside = (
        content.items()
        if isinstance(content, dict)
        else enumerate(content[:3])
        if isinstance(content, list)
        else ()
    )
    for key, value in inside:
        yield (*root, key)
        yield from _places(value, (*root, key))


def _put(content: Any, place: tuple[Any, ...], kind: str) -> Any:
    if not place:
        return content
    changed = content.copy()
    key, *rest = place
    if rest:
        changed[key] = _put(content[key], tuple(rest), kind)
    elif kind == "dropped":
        del changed[key]
    elif kind == "renamed" and isinstance(content, dict):
        changed[f"{key}s"] = changed.pop(key)
    elif kind == "added" and isinstance(content, dict):
        changed["colour"] = "red"
    elif kind == "nested":
        changed[key] = _MARK
    elif kind in VALUES:
        changed[key] = VALUES[kind]
    return changed


def _with_version(content: Any, at: int) -> Any:
    versions: list[Any] = [0, 99, -1, "1", None, 1.0, True, [1]]
    if not isinstance(content, dict):
        return content
    value = versions[at % len(versions)]
    return {**content, "version": "" if value is None else value}


Lead = Callable[[bytes, bytes], bytes]


def _plain(changed: bytes, rest: bytes) -> bytes:
    return changed + rest


def _headed(changed: bytes, rest: bytes) -> bytes:
    return struct.pack("<Q", len(changed)) + changed + rest


def _header(data: bytes) -> tuple[Lead, Any, bytes]:
    (length,) = struct.unpack("<Q", data[:8])
    return _headed, json.loads(data[8 : 8 + length]), data[8 + length :]


def _lines(data: bytes) -> tuple[Lead, Any, bytes]:
    return _plain, [json.loads(line) for line in data.splitlines()], b""


_READ: Mapping[str, Callable[[bytes], tuple[Lead, Any, bytes]]] = {
    ".toml": lambda data: (_plain, tomllib.loads(data.decode()), b""),
    ".json": lambda data: (_plain, json.loads(data), b""),
    ".log": _lines,
    ".safetensors": _header,
}
_WRITE: Mapping[str, Callable[[Any], str]] = {
    ".toml": tomli_w.dumps,
    ".json": lambda content: json.dumps(content, indent=1),
    ".log": lambda content: "".join(json.dumps(each) + "\n" for each in content),
    ".safetensors": json.dumps,
}


# What it claims to hold: terabytes in a few bytes


def _npz_claim(path: Path) -> None:
    """Every array of an archive says that it has 10^12 rows."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, member in members.items():
            array = np.lib.format.read_array(io.BytesIO(member))
            header = np.lib.format.header_data_from_array_1_0(array)
            header["shape"] = (10**12, *array.shape[1:])
            claimed = io.BytesIO()
            np.lib.format.write_array_header_1_0(claimed, header)
            archive.writestr(name, claimed.getvalue())


def _png_claim(path: Path) -> None:
    """A picture of 65,000 pixels a side."""
    header = b"IHDR" + struct.pack(">IIBBBBB", 65_000, 65_000, 8, 2, 0, 0, 0)
    rows = zlib.compress(bytes(65_000 * 3 + 1) * 20)
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n" + _chunk(header) + _chunk(b"IDAT" + rows) + _chunk(b"IEND")
    )


def _chunk(data: bytes) -> bytes:
    length, sum_ = struct.pack(">I", len(data) - 4), struct.pack(">I", zlib.crc32(data))
    return length + data + sum_


def _safetensors_claim(path: Path) -> None:
    """Every tensor says that it has 10^12 elements, and the file is that long."""
    _, content, _ = _header(path.read_bytes())
    for name, tensor in content.items():
        if name != "__metadata__":
            tensor["shape"] = [10**12]
            tensor["data_offsets"] = [0, 4 * 10**12]
    text = json.dumps(content).encode()
    path.write_bytes(_headed(text, b""))


_CLAIMS: Mapping[str, Callable[[Path], None]] = {
    ".npz": _npz_claim,
    ".png": _png_claim,
    ".safetensors": _safetensors_claim,
}
