"""Values cross into JSON and back unchanged, and nothing else gets in."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rexpand.codec import (
    from_content,
    to_content,
    to_document,
    to_line,
    to_short_content,
)
from rexpand.documents import from_text


@dataclass(frozen=True, kw_only=True)
class Round:
    radius: float
    kind: Literal["round"] = "round"


@dataclass(frozen=True, kw_only=True)
class Square:
    side: int
    kind: Literal["square"] = "square"


@dataclass(frozen=True, kw_only=True)
class Tool(ABC):
    kind: str

    @abstractmethod
    def use(self) -> None: ...


@dataclass(frozen=True, kw_only=True)
class Saw(Tool):
    teeth: int
    kind: Literal["saw"] = "saw"

    def use(self) -> None: ...


@dataclass(frozen=True, kw_only=True)
class Box:
    name: str
    shape: Round | Square
    tools: tuple[Tool, ...] = ()
    pair: tuple[int, float] = (1, 2.0)
    grades: Mapping[str, float] = field(default_factory=dict)
    colour: Literal["red", "blue"] | None = None
    is_open: bool = False
    version: int = 2


BOXES = st.builds(
    Box,
    name=st.text(),
    shape=st.builds(Round, radius=st.floats(allow_nan=False, allow_infinity=False))
    | st.builds(Square, side=st.integers(-(2**63) + 1, 2**63 - 1)),
    tools=st.lists(
        st.builds(Saw, teeth=st.integers(-(2**63) + 1, 2**63 - 1)), max_size=3
    ).map(tuple),
    pair=st.tuples(
        st.integers(-(2**63) + 1, 2**63 - 1),
        st.floats(allow_nan=False, allow_infinity=False),
    ),
    grades=st.dictionaries(st.text(), st.floats(0, 1), max_size=3),
    colour=st.sampled_from(["red", "blue", None]),
    is_open=st.booleans(),
)


@given(box=BOXES)
def test_a_value_comes_back_from_every_form_it_is_written_in(box: Box) -> None:
    # Every digit of every number, the kind of every part.
    assert from_text(Box, to_line(box)) == box
    assert from_text(Box, to_document(box)) == box
    assert from_content(Box, to_content(box)) == box
    # One line, whatever the texts hold.
    assert "\n" not in to_line(box)


def test_defaults_are_left_out_of_what_people_read_but_kinds_are_not() -> None:
    box = Box(name="a", shape=Square(side=3), is_open=True)

    short = to_short_content(box)

    assert short == {
        "name": "a",
        "shape": {"side": 3, "kind": "square"},
        "is_open": True,
    }
    assert from_content(Box, short) == box


GOOD = {"name": "a", "shape": {"kind": "square", "side": 3}}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"nmae": 1}, "unknown key nmae; the nearest is name"),
        # A key that belongs one table lower is named with its place.
        ({"teeht": 1, "radius": 2}, "unknown key radius; the nearest is shape.radius"),
        ({"shape": {"kind": "square"}}, "missing key shape.side"),
        ({"shape": {"kind": "oval"}}, "shape has kind 'oval'; choose from round, squ"),
        (
            {"tools": [{"kind": "saw", "teeth": "9"}]},
            r"tools\[0\].teeth is '9'; give a wh",
        ),
        ({"tools": [{"kind": "axe"}]}, r"tools\[0\] has kind 'axe'; choose from saw"),
        ({"tools": 3}, "tools is not a list"),
        ({"pair": [1]}, "pair is \\[1\\]; give a list of 2"),
        ({"grades": {"a": True}}, "grades.a is True; give a number"),
        ({"grades": 1}, "grades is not a table"),
        ({"colour": "green"}, "colour is 'green'; choose from red, blue"),
        ({"is_open": 1}, "is_open is 1; give true or false"),
        ({"name": None}, "name is None; give a text"),
        ({"shape": {"kind": "square", "side": True}}, "shape.side is True"),
        ({"shape": {"kind": "square", "side": 3.0}}, "shape.side is 3.0"),
    ],
)
def test_what_is_not_asked_for_is_refused_with_its_place(
    changes: dict[str, object], message: str
) -> None:
    with pytest.raises(ValueError, match=message) as caught:
        from_content(Box, GOOD | changes)

    assert "\n" not in str(caught.value)


def test_all_mistakes_are_told_at_once() -> None:
    with pytest.raises(ValueError, match=r"missing key name; .*side is '3'"):
        from_content(Box, {"shape": {"kind": "square", "side": "3"}})


@pytest.mark.parametrize("version", [1, "2", None, True])
def test_another_version_is_refused_and_both_are_named(version: object) -> None:
    text = to_line(Box(name="a", shape=Square(side=3)))
    text = text.replace('"version": 2', f'"version": {to_line(version)}')

    with pytest.raises(ValueError, match=f"version {version!r}, this rexpand reads 2"):
        from_text(Box, text)


def test_a_document_has_one_line_per_row() -> None:
    box = Box(name="a", shape=Square(side=3), tools=(Saw(teeth=1), Saw(teeth=2)))

    lines = to_document(box).splitlines()

    # So that a change of one row is a change of one line.
    assert [line for line in lines if "teeth" in line] == [
        '  {"kind": "saw", "teeth": 1},',
        '  {"kind": "saw", "teeth": 2}',
    ]
