"""XML to a tree of elements, without anything that XML can make a parser do."""

from pathlib import Path
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from rexpand.documents.opening import read_bytes
from rexpand.errors import MistakeError

_DEEPEST = 64  # levels


def read_xml(path: Path, error: type[MistakeError]) -> Element:
    """The root element of a file; an `error` that names it for one that is no XML.

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
    parser.Parse(content, True)
    return builder.close()
