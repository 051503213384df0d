"""What is in a tar archive, by its headers alone: nothing is extracted.

The formats are ustar, GNU's with long names, and pax (POSIX.1-2001); the archive must
not be compressed, so that a member is a place in it. What a header claims is compared
with the size of the file before it is used.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rexpand.documents import opened
from rexpand.errors import DataError

_BLOCK = 512  # bytes; headers and contents begin at multiples of it
_LONGEST_NAME = 2**16  # bytes; of what precedes a header with a long name
_REGULAR = (b"0", b"\0", b"7")
_WITHOUT_CONTENT = (b"1", b"2", b"3", b"4", b"5", b"6")  # links, devices, folders
_LONG_NAME, _FIELDS = b"L", b"x"  # say the name of the member that follows
_OTHER_EXTENSIONS = (b"K", b"g")  # a link's target, and fields of all members


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A regular file of an archive: its name, and where its bytes are."""

    name: str
    offset: int
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Header:
    kind: bytes
    member: Member

    @property
    def next(self) -> int:
        """Where the next header is."""
        size = 0 if self.kind in _WITHOUT_CONTENT else self.member.size
        return self.member.offset + -(-size // _BLOCK) * _BLOCK


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    """Name and size of the next member, where what precedes its header says them."""

    name: str | None = None
    size: str | None = None

    def of(self, path: Path, header: _Header) -> _Header:
        """The member's header with them."""
        member = Member(
            name=self.name or header.member.name,
            offset=header.member.offset,
            size=_whole(path, self.size) if self.size else header.member.size,
        )
        return _Header(kind=header.kind, member=member)


def members(path: Path) -> Iterator[tuple[Member, int]]:
    """The regular files of an archive in order, with a handle to read them by.

    Raises DataError, with the name of the archive, for what is none, and where it is
    cut off: in the middle of a member, or before the empty block at its end.
    """
    with opened(path, DataError) as (file, end):
        handle, at, said = file.fileno(), 0, _Said()
        while (header := _header(path, handle, at, end)) is not None:
            if header.kind == _LONG_NAME:
                content = _extension(path, handle, header.member)
                said = _Said(name=_text(content).rstrip("\0"), size=said.size)
            elif header.kind == _FIELDS:
                fields = dict(_records(_extension(path, handle, header.member)))
                said = _Said(
                    name=fields.get("path", said.name), size=fields.get("size")
                )
            elif header.kind not in _OTHER_EXTENSIONS:
                header, said = said.of(path, header), _Said()
                _check_end(path, header, end)
                if header.kind in _REGULAR:
                    yield header.member, handle
            at = header.next


def _header(path: Path, handle: int, at: int, end: int) -> _Header | None:
    """The header at a place; None for the block of zeros that ends an archive."""
    block = os.pread(handle, _BLOCK, at)
    if len(block) < _BLOCK:
        raise DataError(
            f"'{path}' is cut off after {end} bytes: it has no end of an archive; "
            "copy it again"
        )
    if not any(block):
        return None
    stated = _number(block[148:156])
    # the checksum is that of a header whose checksum is spaces
    if stated != sum(block) - sum(block[148:156]) + 8 * ord(" "):
        raise DataError(
            f"'{path}' is no tar archive, or damaged: there is no header at byte {at} "
            "(compressed archives are not read; unpack them to .tar)"
        )
    name, prefix = _field(block[:100]), _field(block[345:500])
    is_ustar = block[257:263] == b"ustar\0"  # GNU's has other fields in place of prefix
    size = _number(block[124:136])
    if size is None:
        raise DataError(f"'{path}' is damaged: the header at byte {at} has no size")
    header = _Header(
        kind=block[156:157],
        member=Member(
            name=f"{prefix}/{name}" if is_ustar and prefix else name,
            offset=at + _BLOCK,
            size=size,
        ),
    )
    if header.kind in (_LONG_NAME, _FIELDS, *_OTHER_EXTENSIONS):
        _check_end(path, header, end)
    return header


def _check_end(path: Path, header: _Header, end: int) -> None:
    member = header.member
    if header.kind not in _WITHOUT_CONTENT and member.offset + member.size > end:
        raise DataError(
            f"'{path}' is cut off in '{member.name}': {member.size} bytes from byte "
            f"{member.offset} on are more than the {end} of the file; copy it again"
        )


def _extension(path: Path, handle: int, member: Member) -> bytes:
    if member.size > _LONGEST_NAME:
        raise DataError(
            f"'{path}' has a name of {member.size} bytes at byte {member.offset}; at "
            f"most {_LONGEST_NAME} are read"
        )
    return os.pread(handle, member.size, member.offset)


def _records(content: bytes) -> Iterator[tuple[str, str]]:
    """The records of a pax header, each "LENGTH KEY=VALUE" and a line feed."""
    while content[:1].isdigit():
        length, _, _ = content.partition(b" ")
        whole = int(length) if len(length) < 8 and length.isdigit() else 0
        key, has_value, value = content[len(length) + 1 : whole - 1].partition(b"=")
        if not has_value:
            return
        yield _text(key), _text(value)
        content = content[whole:]


def _number(field: bytes) -> int | None:
    """Octal digits, or a binary number where the first bit is set (GNU)."""
    if field[0] & 0x80:
        return int.from_bytes(bytes([field[0] & 0x7F]) + field[1:])
    digits = field.strip(b" \0")
    if not digits:
        return 0
    return (
        int(digits, 8) if all(b"0"[0] <= digit <= b"7"[0] for digit in digits) else None
    )


def _whole(path: Path, text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 20):
        raise DataError(f"'{path}' is damaged: a size is {text[:20]!r}")
    return int(text)


def _field(content: bytes) -> str:
    return _text(content.partition(b"\0")[0])


def _text(content: bytes) -> str:
    return content.decode("utf-8", "surrogateescape")
