"""Documents to values: whatever is wrong becomes one error that names the file."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any, TypeVar, cast

from rexpand.codec import check_version, from_content
from rexpand.documents.opening import opened, read_text
from rexpand.documents.parsing import parsed_json, parsed_toml
from rexpand.errors import MistakeError

Value = TypeVar("Value")

_LONGEST_LINE = 16 * 2**20  # bytes


def read_document(
    path: Path, read: Callable[[Any], Value], error: type[MistakeError]
) -> Value:
    """What `read` makes of the content of a file: JSON by that suffix, else TOML.

    A ValueError of `read` becomes an `error` that names the file.
    """
    text = read_text(path, error)
    with naming(path, error):
        return read(parsed_json(text) if path.suffix == ".json" else parsed_toml(text))


def read_value(kind: type[Value], path: Path, error: type[MistakeError]) -> Value:
    """The value of a file of JSON that `from_text` reads."""
    text = read_text(path, error)
    with naming(path, error):
        return from_text(kind, text)


def from_text(kind: type[Value], text: str) -> Value:
    """The value that JSON text describes.

    Raises ValueError for text that is not JSON, for another version of the format
    (where `kind` has a `version`), and for what `from_content` refuses.
    """
    content = parsed_json(text)
    known = {field.name: field.default for field in fields(cast(Any, kind))}
    if "version" in known and isinstance(content, dict):
        check_version(content.get("version"), known["version"])
    return from_content(kind, content)


def read_lines(
    path: Path, read: Callable[[Any], Value], error: type[MistakeError]
) -> Iterator[Value]:
    """What `read` makes of each line of JSON; an `error` names file and line.

    A last line without its end is left out: a killed process was writing it.
    """
    with opened(path, error) as (file, _):
        number = 0
        while line := file.readline(_LONGEST_LINE):
            number += 1
            with naming(f"{path}, line {number}", error):
                if len(line) == _LONGEST_LINE:
                    raise ValueError(f"it is longer than {_LONGEST_LINE >> 20} MiB")
                if not line.endswith(b"\n"):
                    return
                value = read(_parsed(line))
            yield value


@contextmanager
def naming(origin: Path | str, error: type[MistakeError]) -> Iterator[None]:
    """Turn a ValueError into an `error` that names the origin of what was read."""
    try:
        yield
    except ValueError as problem:
        raise error(f"{origin}: {problem}") from None


def _parsed(line: bytes) -> Any:
    try:
        return parsed_json(line.decode("utf-8"))
    except UnicodeDecodeError as problem:
        raise ValueError(f"it is not UTF-8 text at byte {problem.start}") from None
