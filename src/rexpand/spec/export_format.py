"""The formats that a network is written in for other runtimes, and their precisions."""

from collections.abc import Iterable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType
from typing import Literal, get_args

from rexpand.errors import (
    CheckpointError,
    MissingExtraError,
    SpecError,
    UnknownNameError,
)

# What the products of an exported network are computed in.
ExportPrecision = Literal["fp32", "fp16", "bf16", "int8"]
EXPORT_PRECISIONS: tuple[ExportPrecision, ...] = get_args(ExportPrecision)

_PROTOBUF = 2**31 - 1  # bytes of one message (protobuf.dev/programming-guides)


@dataclass(frozen=True, kw_only=True)
class ExportFormat:
    """A format by name, and the suffixes of its files, that of the opened one first.

    `runtime` is what opens it, by its name in tables and records. `packages` write and
    compare it, and `int8_packages` quantise it; its weights are of `most_bytes` at most.
    It is written in fp32 and in `precisions`.
    """

    name: str
    runtime: str
    suffixes: tuple[str, ...]
    packages: tuple[str, ...] = ()
    int8_packages: tuple[str, ...] = ()
    most_bytes: float = float("inf")
    precisions: tuple[ExportPrecision, ...] = ()


_ONNX = ("onnx", "onnxscript")
EXPORT_FORMATS = MappingProxyType(
    {
        each.name: each
        for each in (
            ExportFormat(
                name="onnx",
                runtime="onnxruntime",
                suffixes=(".onnx",),
                packages=(*_ONNX, "onnxruntime"),
                most_bytes=_PROTOBUF,
                precisions=("fp16", "int8"),
            ),
            ExportFormat(  # made of the ONNX graph
                name="openvino",
                runtime="openvino",
                suffixes=(".xml", ".bin"),
                packages=(*_ONNX, "openvino"),
                int8_packages=("onnxruntime", "nncf"),
                most_bytes=_PROTOBUF,
                precisions=("fp16", "bf16", "int8"),
            ),
            ExportFormat(
                name="torch_export", runtime="torch_export", suffixes=(".pt2",)
            ),
            ExportFormat(name="torchscript", runtime="torchscript", suffixes=(".pt",)),
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


def check_precision(form: ExportFormat, precision: ExportPrecision) -> None:
    """Raise SpecError for a precision other than fp32 that a format is not written in."""
    if precision not in form.precisions:
        others = ", ".join(("fp32", *form.precisions))
        raise SpecError(
            f"{form.name} is not written in {precision}, but in {others}; leave out "
            f"{form.name} or {precision}"
        )


def check_installed(form: ExportFormat, precisions: Iterable[str] = ()) -> None:
    """Raise MissingExtraError for a package that a format in some precisions needs."""
    quantisers = form.int8_packages if "int8" in precisions else ()
    for package in (*form.packages, *quantisers):
        if find_spec(package) is None:
            raise MissingExtraError(package, "deploy")


def format_of(path: str | Path) -> ExportFormat:
    """The format of an exported file, by its suffix; CheckpointError for another one."""
    suffix = Path(path).suffix
    for each in EXPORT_FORMATS.values():
        if suffix == each.suffixes[0]:
            return each
    suffixes = ", ".join(each.suffixes[0] for each in EXPORT_FORMATS.values())
    raise CheckpointError(
        f"{path} is no exported network; give a file that ends in one of {suffixes}"
    )


def is_exported(path: str | Path) -> bool:
    """Whether a file's name is that of an exported network."""
    suffix = Path(path).suffix
    return any(suffix == each.suffixes[0] for each in EXPORT_FORMATS.values())
