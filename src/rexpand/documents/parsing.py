"""TOML and JSON text to content: tables, lists and scalars, of limited depth."""

import json
import re
from typing import Any

_DEEPEST = 64  # levels; a layer of ours is at most 8 deep
# A key of so many parts: the parser takes time in the square of their number.
_ENDLESS_KEY = re.compile(rf"(?:\.[ \t]*[\w\"'-][^.\n=,\[\]{{}}]*){{{_DEEPEST}}}")


def parsed_json(text: str) -> Any:
    """The content of JSON text; ValueError, in one clause, if it is none.

    Refused besides wrong syntax: a key that is in a table twice, and depth without end.
    """
    try:
        content = json.loads(text, object_pairs_hook=_table)
    except json.JSONDecodeError as error:
        raise ValueError(f"it is not valid JSON: {error}") from None
    except RecursionError:
        raise ValueError(_too_deep()) from None
    except _TwiceError:
        raise
    except ValueError:  # the only other one
        raise ValueError("it holds a number of thousands of digits") from None
    return _checked(content)


def parsed_toml(text: str) -> Any:
    """The content of TOML text; ValueError, in one clause, if it is none."""
    import tomllib

    if _ENDLESS_KEY.search(text):
        raise ValueError(_too_deep())
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"it is not valid TOML: {error}") from None
    except RecursionError:
        raise ValueError(_too_deep()) from None
    except ValueError:  # the only other one
        raise ValueError("it holds a number of thousands of digits") from None
    return _checked(content)


class _TwiceError(ValueError):
    """A key that is in a table twice."""


def _table(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table = dict(pairs)
    if len(table) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise _TwiceError(f"key {twice} is there twice")
    return table


def _checked(content: Any) -> Any:
    """The content, if it is of limited depth."""
    level = [content] if isinstance(content, dict | list) else []
    for _ in range(_DEEPEST):
        # Without the numbers, of which a document may have millions
        level = [
            inner
            for each in level
            for inner in (each.values() if isinstance(each, dict) else each)
            if isinstance(inner, dict | list)
        ]
        if not level:
            return content
    raise ValueError(_too_deep())


def _too_deep() -> str:
    return f"it is nested too deeply, more than {_DEEPEST} levels"
