"""The check of a file's content, which becomes a spec."""

from typing import Any

from rexpand.codec import from_content
from rexpand.spec.network import NetworkSpec


def validate(content: Any) -> NetworkSpec:
    """The spec that a decoded file describes.

    Raises ValueError, in one line with the place in the file, for a key that is
    unknown or missing and for a value of the wrong type or out of range.
    """
    if not isinstance(content, dict):
        raise ValueError(
            "it is not a table of fields, such as name, stem, blocks and head"
        )
    spec = from_content(NetworkSpec, content)
    for index, block in enumerate(spec.blocks):
        if block.is_relaxed:
            raise ValueError(
                f"blocks[{index}] rounds to multiples of 0; write 1 for whole widths"
            )
    return spec
