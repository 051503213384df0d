"""The boundary where a file's content becomes a spec."""

from typing import Any

from rexpand.codec import from_content
from rexpand.spec.network import NetworkSpec


def validate(content: Any) -> NetworkSpec:
    """The spec that a decoded file describes.

    Raises ValueError, in one line with the place in the file, for a key that is
    unknown or missing and for a value of the wrong type or out of range.
    """
    if not isinstance(content, dict):
        raise ValueError("it holds no table of fields; see `rexpand cost --help`")
    for index, block in enumerate(_tables(content.get("blocks"))):
        squeeze = block.get("squeeze_excite")
        roundings = [value for key, value in block.items() if key.endswith("_multiple")]
        if isinstance(squeeze, dict):
            roundings.append(squeeze.get("multiple_of"))
        if 0 in roundings:
            # What the solver's relaxation is made of has no module.
            raise ValueError(
                f"blocks[{index}] rounds to multiples of 0; write 1 for whole widths"
            )
    return from_content(NetworkSpec, content)


def _tables(blocks: Any) -> list[dict[str, Any]]:
    """The blocks that are tables; what else there is, the codec refuses."""
    found = blocks if isinstance(blocks, list) else []
    return [block for block in found if isinstance(block, dict)]
