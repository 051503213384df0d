"""Networks for other runtimes."""

from rexpand.deploy.checked import TOLERANCE, Exported, export_checked
from rexpand.deploy.folding import folded
from rexpand.deploy.onnx import OPSET, export_onnx, onnx_difference, onnx_graph
from rexpand.deploy.openvino import export_openvino, openvino_difference
from rexpand.deploy.optimized import Optimized, optimized

__all__ = [
    "OPSET",
    "TOLERANCE",
    "Exported",
    "Optimized",
    "export_checked",
    "export_onnx",
    "export_openvino",
    "folded",
    "onnx_difference",
    "onnx_graph",
    "openvino_difference",
    "optimized",
]
