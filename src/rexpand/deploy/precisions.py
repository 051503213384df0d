"""An exported ONNX graph in another precision, as a file of a format."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from rexpand.deploy.agreeing import agreeing_onnx, agreeing_openvino
from rexpand.deploy.calibration import Array
from rexpand.deploy.converted import Converted
from rexpand.deploy.half_precision import (
    onnx_in_float16,
    openvino_in_bfloat16,
    openvino_in_float16,
)
from rexpand.deploy.quantising_onnx import quantised_onnx
from rexpand.deploy.quantising_openvino import quantised_openvino
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
