"""Damaged documents: a valid one with one mutation, as hypothesis draws them."""

import json
import math
from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

from hypothesis import strategies as st


def _nested(depth: int) -> Any:
    content: Any = 0
    for _ in range(depth):
        content = [content]
    return content


# What a field may be turned into: other types, numbers outside any range, depth.
VALUES = (
    *(None, True, False, 0, 1, -1, 2.5, "", "x", "224", "\x00\x1b[31m\n", "x" * 5000),
    *([], {}, [None], {"kind": "x"}, [[]], [1, 2], {"": 0}),
    *(10**9, 10**12, 10**30, 10**400, -(10**12), 1e300, -1e300, 1e-300),
    *(math.nan, math.inf, -math.inf, _nested(40), _nested(500)),
)


@st.composite
def damaged(
    draw: st.DrawFn, content: Any, written: Callable[[Any], str] = json.dumps
) -> bytes:
    """The bytes of a document with one mutation of its content or of its bytes."""
    if draw(st.integers(0, 3)):
        return written(_mutated(draw, content)).encode("utf-8", "surrogatepass")
    text = written(content)
    data = text.encode()
    place = draw(st.integers(0, len(data) - 1))
    return draw(
        st.sampled_from(
            (
                data[:place],
                data[:place] + draw(st.binary(min_size=1, max_size=4)) + data[place:],
                data[:place]
                + draw(st.binary(min_size=1, max_size=4))
                + data[place + 4 :],
                b"\xef\xbb\xbf" + data,
                text.encode("utf-16"),
                b"",
                data + data,
            )
        )
    )


def _mutated(draw: st.DrawFn, content: Any) -> Any:
    content = deepcopy(content)
    places = [*_places(content)]
    table, key = draw(st.sampled_from(places))
    match draw(st.sampled_from(("change", "change", "delete", "add", "repeat"))):
        case "change":
            table[key] = draw(st.sampled_from(VALUES))
        case "delete":
            del table[key]
        case "add" if isinstance(table, dict):
            table[draw(st.sampled_from(("x", "", "kind", "version", "\x1b")))] = table[
                key
            ]
        case _ if isinstance(table, list):
            table.insert(key, deepcopy(table[key]))
    return content


def _places(content: Any) -> Iterator[tuple[Any, Any]]:
    """Every place in a document: its table or list, and the key."""
    if isinstance(content, dict | list):
        keys = list(content) if isinstance(content, dict) else range(len(content))
        for key in keys:
            yield content, key
            yield from _places(content[key])
