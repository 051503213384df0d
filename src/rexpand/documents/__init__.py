"""The one door for documents: TOML, JSON, its lines, XML, headers of weights, arrays.

What comes from a file is text of a stranger: of any size, cut off, of another kind.
Whatever is wrong with it becomes one error of the caller's class that names the file,
the place in it and the value. Nothing else in rexpand parses files. Take the arrays from
`rexpand.documents.arrays`: an archive's modules are no part of a quick start.
"""

from rexpand.documents.header import Header, TensorEntry, read_header
from rexpand.documents.opening import opened, read_bytes, read_text
from rexpand.documents.parsing import parsed_json
from rexpand.documents.reading import (
    from_text,
    naming,
    read_document,
    read_lines,
    read_value,
)
from rexpand.documents.xml_tree import read_xml

__all__ = [
    "Header",
    "TensorEntry",
    "from_text",
    "naming",
    "opened",
    "parsed_json",
    "read_bytes",
    "read_document",
    "read_header",
    "read_lines",
    "read_text",
    "read_value",
    "read_xml",
]
