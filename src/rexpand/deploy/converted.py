"""A network in another precision than float32: the content of its files."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rexpand.deploy.properties import NAMES
from rexpand.errors import CheckpointError, MissingExtraError
from rexpand.spec import ExportPrecision


@dataclass(frozen=True, kw_only=True)
class Converted:
    """The files of one format, by suffix, that of the opened one first.

    `in_float` names the layers of an int8 network that stay in float32, as in its
    graph. `agreement` is the share of images that have the same top class as in float32,
    where it was measured.
    """

    precision: ExportPrecision
    contents: Mapping[str, bytes]
    in_float: tuple[str, ...] = ()
    agreement: float | None = None


def read_graph(graph: bytes | str | Path) -> Any:
    """An ONNX graph with its weights, from a file or its content.

    Raises CheckpointError for what is none.
    """
    try:
        import onnx
    except ImportError:
        raise MissingExtraError("onnx", "deploy") from None
    named = "the content" if isinstance(graph, bytes) else str(graph)
    try:
        content = graph if isinstance(graph, bytes) else Path(graph).read_bytes()
        found = onnx.load_from_string(content)
        onnx.checker.check_model(found)
    except Exception as error:
        # onnx, protobuf and the file system: each has its own exceptions.
        said = str(error).strip().partition("\n")[0]
        raise CheckpointError(
            f"{named} is no ONNX graph: {said}; export the network again"
        ) from None
    for place, node in enumerate(found.graph.node):
        node.name = node.name or f"{node.op_type}_{place}"
    return found


def write_graph(graph: Any, properties: Mapping[str, str]) -> bytes:
    """The content of a graph's file."""
    import onnx

    onnx.helper.set_model_props(graph, dict(properties))
    return bytes(graph.SerializeToString())


def properties_in(graph: Any, precision: ExportPrecision) -> dict[str, str]:
    """What a graph says of itself, with another precision."""
    said = {each.key: each.value for each in graph.metadata_props if each.key in NAMES}
    return {**said, "precision": precision}
