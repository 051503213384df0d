"""The formats that a network is written in for other runtimes."""

from collections.abc import Iterable
from dataclasses import dataclass
from types import MappingProxyType

from rexpand.errors import UnknownNameError

_PROTOBUF = 2**31 - 1  # bytes of one message (protobuf.dev/programming-guides)


@dataclass(frozen=True, kw_only=True)
class ExportFormat:
    """A format by name, and the suffixes of its files, that of the opened one first.

    `packages` write and compare it; its weights are of `most_bytes` at most.
    """

    name: str
    suffixes: tuple[str, ...]
    packages: tuple[str, ...] = ()
    most_bytes: float = float("inf")


_ONNX = ("onnx", "onnxscript")
EXPORT_FORMATS = MappingProxyType(
    {
        each.name: each
        for each in (
            ExportFormat(
                name="onnx",
                suffixes=(".onnx",),
                packages=(*_ONNX, "onnxruntime"),
                most_bytes=_PROTOBUF,
            ),
            ExportFormat(  # made of the ONNX graph
                name="openvino",
                suffixes=(".xml", ".bin"),
                packages=(*_ONNX, "openvino"),
                most_bytes=_PROTOBUF,
            ),
            ExportFormat(name="torch_export", suffixes=(".pt2",)),
            ExportFormat(name="torchscript", suffixes=(".pt",)),
        )
    }
)


def find_formats(names: Iterable[str]) -> tuple[ExportFormat, ...]:
    """The formats of some names, each once; UnknownNameError for another or for none."""
    found = []
    for name in dict.fromkeys(names):
        if name not in EXPORT_FORMATS:
            hint = f"choose from {', '.join(EXPORT_FORMATS)}"
            raise UnknownNameError("format", name, EXPORT_FORMATS, hint)
        found.append(EXPORT_FORMATS[name])
    if not found:
        return find_formats([""])
    return tuple(found)
