"""The one door for documents: a value, or one error that names the file."""

import os
import re
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from rexpand.codec import from_content
from rexpand.documents import read_document, read_lines, read_value
from rexpand.errors import MistakeError, RecordError, SpecError


@dataclass(frozen=True, kw_only=True)
class Oven:
    degrees: float
    shelves: tuple[int, ...] = ()
    version: int = 3


def read_oven(path: Path) -> Oven:
    return read_document(path, partial(from_content, Oven), SpecError)


def refusal(path: Path) -> str:
    """What is said of a file, in one line that names it."""
    with pytest.raises(SpecError) as refused:
        read_oven(path)

    message = str(refused.value)
    assert message.isprintable()
    assert str(path) in message
    return message


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("oven.toml", "degrees = 220"),
        ("oven.json", '{"degrees": 220}'),
        ("oven.conf", "degrees = 220"),
    ],
)
def test_a_document_is_read_by_its_suffix(name: str, text: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text)

    assert read_oven(tmp_path / name) == Oven(degrees=220)


def test_the_mark_of_some_editors_at_the_start_is_no_mistake(tmp_path: Path) -> None:
    (tmp_path / "oven.toml").write_bytes(b"\xef\xbb\xbfdegrees = 220")

    assert read_oven(tmp_path / "oven.toml") == Oven(degrees=220)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "it is not valid JSON"),
        (b"{", "it is not valid JSON"),
        (b'{"degrees": 220}'.decode().encode("utf-16"), "is not UTF-8 text"),
        (b'{"degrees": "\xe9"}', "is not UTF-8 text: byte 13 is 0xe9"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"degrees": ' + b"[" * 70 + b"]" * 70 + b"}", "nested too deeply"),
        (b'{"degrees": 1, "degrees": 2}', "key degrees is there twice"),
        (b'{"degrees": 1' + b"0" * 5000 + b"}", "a number of thousands of digits"),
        (b'{"degrees": 1' + b"0" * 400 + b"}", "give a finite number"),
        (b'{"degrees": NaN}', "degrees is nan; give a finite number"),
        (b'{"degrees": 1e999}', "degrees is inf; give a finite number"),
        (b'{"degrees": true}', "degrees is True; give a number"),
        (b'{"degrees": "220"}', "degrees is '220'; give a number"),
        (b'{"degrees": null}', "degrees is None; give a number"),
        (b'{"degrees": 220, "shelves": [1.0]}', r"shelves\[0\] is 1.0; give a whole"),
        (b'{"degrees": 220, "shelf": 1}', "unknown key shelf; the nearest is shelves"),
        (b"{}", "missing key degrees"),
        (b"[]", "it is not a table of fields"),
        (b"null", "it is not a table of fields"),
        (b'{"a\\u0000\\u001b[31m\\ud800": 1}', r"unknown key a\\x00\\x1b\[31m"),
    ],
    ids=lambda value: value[:30] if isinstance(value, bytes) else None,
)
def test_whatever_is_wrong_with_a_document_is_one_line(
    content: bytes, message: str, tmp_path: Path
) -> None:
    (tmp_path / "oven.json").write_bytes(content)

    # The line says what and where, and what to give instead.
    assert re.search(message, refusal(tmp_path / "oven.json"))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("degrees = ", "it is not valid TOML"),
        ("degrees = nan", "degrees is nan; give a finite number"),
        ("degrees = 1\ndegrees = 2", "it is not valid TOML"),
        ("degrees = 0x" + "f" * 10_000, "give a finite number"),
        ("degrees = 1" + "0" * 10_000, "a number of thousands of digits"),
        ("degrees = " + "[" * 10_000, "nested too deeply"),
        ("a." * 100_000 + "a = 1", "nested too deeply"),
        ("[" + "a." * 100_000 + "a]", "nested too deeply"),
        ("degrees = 2026-11-27", "give a number"),
    ],
    ids=lambda value: value[:30],
)
def test_toml_is_refused_as_json_is(content: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "oven.toml").write_text(content)

    # A key of many parts takes the parser hours; it is refused before.
    assert message in refusal(tmp_path / "oven.toml")


def test_many_unknown_keys_are_not_all_told(tmp_path: Path) -> None:
    keys = ", ".join(f'"{"x" * 200}{n}": 1' for n in range(20_000))
    (tmp_path / "oven.json").write_text(f"{{{keys}}}")

    # For each of them the nearest known key would be looked for.
    assert refusal(tmp_path / "oven.json").count("unknown key") <= 3


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert "there is no file" in refusal(tmp_path / "oven.json")


def test_a_folder_is_no_document(tmp_path: Path) -> None:
    (tmp_path / "oven.json").mkdir()

    assert "is a folder; give a file" in refusal(tmp_path / "oven.json")


def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "oven.json")

    assert "is a pipe or a device" in refusal(tmp_path / "oven.json")


def test_a_file_of_terabytes_is_refused_by_its_size(tmp_path: Path) -> None:
    with (tmp_path / "oven.json").open("wb") as file:
        file.truncate(2**41)

    assert "has more than 64 MiB" in refusal(tmp_path / "oven.json")


def test_a_name_that_no_file_can_have_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match=r"null byte"):
        read_oven(Path("a\0b.json"))
    with pytest.raises(SpecError, match="name too long"):
        read_oven(tmp_path / ("x" * 10_000 + ".json"))


def test_a_value_of_another_version_is_refused(tmp_path: Path) -> None:
    (tmp_path / "oven.json").write_text('{"degrees": 220, "version": 2}')

    with pytest.raises(RecordError, match="it has version 2, this rexpand reads 3"):
        read_value(Oven, tmp_path / "oven.json", RecordError)


def test_lines_are_read_one_by_one(tmp_path: Path) -> None:
    (tmp_path / "ovens.log").write_text('{"degrees": 1}\n{"degrees": 2}\n{"degr')

    found = [
        *read_lines(tmp_path / "ovens.log", partial(from_content, Oven), RecordError)
    ]

    # The last line has no end: who wrote it was killed, and nobody has read it.
    assert found == [Oven(degrees=1), Oven(degrees=2)]


@pytest.mark.parametrize("line", [b"{", b"[]", b"\xff", b'{"degrees": "hot"}', b""])
def test_a_damaged_line_is_named_by_its_number(line: bytes, tmp_path: Path) -> None:
    (tmp_path / "ovens.log").write_bytes(b'{"degrees": 1}\n' + line + b"\n")

    with pytest.raises(MistakeError, match=r"ovens.log, line 2: it is|line 2: degrees"):
        [*read_lines(tmp_path / "ovens.log", partial(from_content, Oven), RecordError)]
