"""Networks for other runtimes."""

from rexpand.deploy.checked import TOLERANCE, Exported, export_checked
from rexpand.deploy.onnx import OPSET, export_onnx, onnx_difference

__all__ = [
    "OPSET",
    "TOLERANCE",
    "Exported",
    "export_checked",
    "export_onnx",
    "onnx_difference",
]
