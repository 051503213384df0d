"""Dataclasses to JSON content, and to its text."""

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from rexpand.codec.declared import default_of


def to_content(value: Any) -> Any:
    """A value as JSON content, with every field."""
    if is_dataclass(value):
        return {
            field.name: to_content(getattr(value, field.name))
            for field in fields(value)
        }
    if isinstance(value, Mapping):
        return {name: to_content(each) for name, each in value.items()}
    if isinstance(value, tuple | list):
        return [to_content(each) for each in value]
    return value


def to_short_content(value: Any) -> Any:
    """A value as content of a file for people: fields at their default are left out.

    The `kind` of a dataclass is always written.
    """
    if isinstance(value, tuple):
        return [to_short_content(each) for each in value]
    if not is_dataclass(value):
        return value
    pairs = [(field, getattr(value, field.name)) for field in fields(value)]
    return {
        field.name: to_short_content(content)
        for field, content in pairs
        if field.name == "kind" or content != default_of(field)
    }


def to_line(value: Any) -> str:
    """A value as one line of JSON."""
    return json.dumps(to_content(value))


def to_document(value: Any) -> str:
    """A value as JSON for people: one line per field, and one per row of a table."""
    return _laid_out(to_content(value), "") + "\n"


def _laid_out(content: Any, indent: str) -> str:
    inside = f"{indent} "
    if isinstance(content, dict) and content:
        lines = (
            f"{inside}{json.dumps(name)}: {_laid_out(each, inside)}"
            for name, each in content.items()
        )
        return "{\n" + ",\n".join(lines) + f"\n{indent}}}"
    if isinstance(content, list) and content and isinstance(content[0], dict):
        rows = (f"{inside}{json.dumps(row)}" for row in content)
        return "[\n" + ",\n".join(rows) + f"\n{indent}]"
    return json.dumps(content)
