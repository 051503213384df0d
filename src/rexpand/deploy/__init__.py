"""Networks for other runtimes."""

from rexpand.deploy.onnx import OPSET, export_onnx, onnx_difference

__all__ = ["OPSET", "export_onnx", "onnx_difference"]
