"""Exported networks in other precisions, as files beside those in float32."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType

from rexpand.deploy.agreeing import agreeing_onnx, agreeing_openvino
from rexpand.deploy.calibration import Array
from rexpand.deploy.converted import Converted
from rexpand.deploy.formats import Exported, export
from rexpand.deploy.graph_form import GraphForm
from rexpand.deploy.half_precision import (
    onnx_in_float16,
    openvino_in_bfloat16,
    openvino_in_float16,
)
from rexpand.deploy.quantising_onnx import quantised_onnx
from rexpand.deploy.quantising_openvino import quantised_openvino
from rexpand.models import Opened
from rexpand.records import write_atomic
from rexpand.size import Resolution
from rexpand.spec import EXPORT_FORMATS, ExportPrecision, check_precision

Halve = Callable[[bytes], Converted]

_HALVES: Mapping[tuple[str, ExportPrecision], Halve] = MappingProxyType(
    {
        ("onnx", "fp16"): onnx_in_float16,
        ("openvino", "fp16"): openvino_in_float16,
        ("openvino", "bf16"): openvino_in_bfloat16,
    }
)
_INTEGERS = MappingProxyType({"onnx": quantised_onnx, "openvino": quantised_openvino})
_AGREEING = MappingProxyType({"onnx": agreeing_onnx, "openvino": agreeing_openvino})


@dataclass(frozen=True, kw_only=True)
class ExportedFiles:
    """The files of one format and precision, that of the opened one first.

    `in_float` names the layers of an int8 network that stay in float32.
    """

    files: tuple[Path, ...]
    precision: ExportPrecision
    in_float: tuple[str, ...] = ()


def graph_behind(
    opened: Opened,
    done: Sequence[Exported],
    form: GraphForm,
    resolution: Resolution | None,
) -> bytes:
    """The ONNX graph that the files of a network are made of; made again if need be."""
    for each in done:
        if each.format == "onnx":
            return each.files[0].read_bytes()
    with TemporaryDirectory() as folder:
        (only,) = export(opened, ["onnx"], folder, resolution=resolution, form=form)
        return only.files[0].read_bytes()


def write_precisions(
    graph: bytes,
    done: Sequence[Exported],
    precisions: Sequence[ExportPrecision],
    images: Array,
    *,
    agreement: float | None = None,
) -> Iterator[ExportedFiles]:
    """Write a graph in other precisions, beside its files in float32: NAME.int8.onnx.

    As `in_precision`, once for each precision and format. Each file is replaced as a
    whole, the one that is opened last.
    """
    for precision in precisions:
        for each in done:
            found = in_precision(
                graph, each.format, precision, images, agreement=agreement
            )
            first = each.files[0]
            places = {
                first.with_name(f"{first.stem}.{precision}{suffix}"): content
                for suffix, content in found.contents.items()
            }
            for place, content in reversed(places.items()):
                write_atomic(place, content)
            yield ExportedFiles(
                files=tuple(places), precision=precision, in_float=found.in_float
            )


def in_precision(
    graph: bytes,
    form: str,
    precision: ExportPrecision,
    images: Array,
    *,
    agreement: float | None = None,
) -> Converted:
    """A graph in a format and a precision, calibrated on images as the graph takes them.

    With an `agreement` the layers of an int8 file that hurt stay in float32, until so
    large a share of the images has float's top class. Raises SpecError for a precision
    that the format does not have, and what the conversion raises.
    """
    check_precision(EXPORT_FORMATS[form], precision)
    if precision != "int8":
        return _HALVES[form, precision](graph)
    if agreement is None:
        return _INTEGERS[form](graph, images)
    return _AGREEING[form](graph, images, agreement=agreement)
