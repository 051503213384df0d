"""XML to a tree of elements, without anything that XML can make a parser do."""

import re
from pathlib import Path
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from rexpand.documents.opening import read_bytes
from rexpand.errors import MistakeError

_DEEPEST = 64  # levels
_DECLARED = re.compile(rb"""<\?xml[^>]{1,80}encoding\s*=\s*["']([\w.:-]{1,40})["']""")
_OF_EXPAT = ("utf-8", "utf-16")  # which it tells apart by the first bytes


def read_xml(path: Path, error: type[MistakeError]) -> Element:
    """The root element of a file; an `error` that names it for one that is no XML.

    Its encoding is the one that it declares, any that Python knows, else UTF-8 or UTF-16.
    A document type is refused: it can define entities that grow without end or that
    stand for other files.
    """
    content = read_bytes(path, error)
    try:
        return _parsed(content)
    # LookupError: an encoding that Python does not know
    except (expat.ExpatError, ValueError, LookupError) as problem:
        raise error(f"{path}: it is not valid XML: {problem}") from None


def _parsed(content: bytes) -> Element:
    builder = TreeBuilder()
    level = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal level
        level += 1
        if level > _DEEPEST:
            raise ValueError(f"nested too deeply, more than {_DEEPEST} levels")
        builder.start(name, attributes)

    def end(name: str) -> None:
        nonlocal level
        level -= 1
        builder.end(name)

    def refuse(*_: object) -> None:
        raise ValueError("it declares a document type; remove the declaration")

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = refuse
    parser.Parse(_decoded(content), True)
    return builder.close()


def _decoded(content: bytes) -> str | bytes:
    """The text of an encoding that the parser may not know; else the bytes as they are."""
    declared = _DECLARED.match(content)
    if not declared:
        return content
    encoding = declared[1].decode("ascii", "replace").lower()
    return content if encoding in _OF_EXPAT else content.decode(encoding)
