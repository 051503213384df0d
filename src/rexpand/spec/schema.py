"""The boundary where a file's content becomes a spec, checked by pydantic.

Imported only when a file is read: pydantic takes longer than costing a network.
"""

from collections.abc import Hashable
from functools import cache
from typing import Any, TypeVar, cast

from pydantic import TypeAdapter, ValidationError

from rexpand.spec.blocks import KINDS, Block
from rexpand.spec.network import NetworkSpec

Value = TypeVar("Value")


def validate(content: Any) -> NetworkSpec:
    """The spec that a decoded file describes.

    Raises ValueError, in one line with the place in the file, for a key that is
    unknown or missing and for a value of the wrong type or out of range.
    """
    if not isinstance(content, dict):
        raise ValueError("it holds no table of fields; see `rexpand cost --help`")
    blocks = content.get("blocks", ())
    if not isinstance(blocks, list | tuple):
        raise ValueError("blocks is no list; write one [[blocks]] table a block")
    built = tuple(_block(block, index) for index, block in enumerate(blocks))
    return checked(NetworkSpec, {**content, "blocks": built})


def _block(content: Any, index: int) -> Block:
    place = f"blocks[{index}]"
    if not isinstance(content, dict):
        raise ValueError(f"{place} is no table of fields")
    kind = content.get("kind")
    if not isinstance(kind, str) or kind not in KINDS:
        raise ValueError(
            f"{place} has kind {kind!r}; choose from {', '.join(sorted(KINDS))}"
        )
    squeeze = content.get("squeeze_excite")
    roundings = [value for key, value in content.items() if key.endswith("_multiple")]
    if isinstance(squeeze, dict):
        roundings.append(squeeze.get("multiple_of"))
    if 0 in roundings:
        # What the solver's relaxation is made of has no module.
        raise ValueError(f"{place} rounds to multiples of 0; write 1 for whole widths")
    return checked(KINDS[kind], content, place)


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    """Made once a kind: making one costs a hundred times what using it does."""
    return TypeAdapter(kind)


def checked(kind: type[Value], content: Any, place: str = "") -> Value:
    """The dataclass that decoded content describes; ValueError as `validate` says."""
    try:
        adapter: TypeAdapter[Value] = _adapter(cast(Hashable, kind))
        return adapter.validate_python(content)
    except ValidationError as error:
        raise ValueError("; ".join(_lines(error, place))) from None


def _lines(error: ValidationError, place: str) -> list[str]:
    """One clause a mistake, each naming the key and what was given."""
    clauses = []
    for mistake in error.errors(include_url=False):
        where = ".".join(str(part) for part in (place, *mistake["loc"]) if part != "")
        match mistake["type"]:
            case "unexpected_keyword_argument":
                clauses.append(f"unknown key {where}")
            case "missing" | "missing_keyword_only_argument" | "missing_argument":
                clauses.append(f"missing key {where}")
            case "value_error":
                message = mistake["msg"].removeprefix("Value error, ")
                clauses.append(f"{where}: {message}" if where else message)
            case _:
                clauses.append(f"{where} is {mistake['input']!r}: {mistake['msg']}")
    return clauses
