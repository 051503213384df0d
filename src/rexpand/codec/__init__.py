"""Frozen dataclasses to JSON content and back: the one codec of files and records.

Reading is strict: every key must be a field, every field without a default must be
present, and no value is converted to another type: `true` is not a width and "224" is
not a resolution. A number is finite and in the range of its field, if that has one
(`rexpand.ranges`). The field `kind` selects one of the dataclasses of a union or of an
abstract class; one of a union may have no such field. A mistake is a ValueError: one line with the place and the value.
"""

from rexpand.codec.reading import check_version, from_content
from rexpand.codec.writing import to_content, to_document, to_line, to_short_content

__all__ = [
    "check_version",
    "from_content",
    "to_content",
    "to_document",
    "to_line",
    "to_short_content",
]
