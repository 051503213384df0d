"""Networks in the two formats of 16 bits: float16 for size, bfloat16 for speed too.

A processor multiplies bfloat16 where it has instructions for it; float16 is what GPUs
and phones multiply, and half of the file elsewhere. Images and scores stay float32.
"""

from pathlib import Path

import torch
from torch import Tensor, nn

from rexpand.deploy.converted import (
    Converted,
    properties_in,
    read_graph,
    write_graph,
)
from rexpand.deploy.quantising_openvino import openvino_files, openvino_model
from rexpand.deploy.silence import silence
from rexpand.errors import MissingExtraError


def onnx_in_float16(graph: bytes | str | Path) -> Converted:
    """An exported graph in float16. Raises CheckpointError for what is no graph."""
    found = read_graph(graph)
    try:
        from onnxruntime.transformers.float16 import convert_float_to_float16
    except ImportError:
        raise MissingExtraError("onnxruntime", "deploy") from None
    with silence():
        halved = convert_float_to_float16(found, keep_io_types=True)
    content = write_graph(halved, properties_in(found, "fp16"))
    return Converted(precision="fp16", contents={".onnx": content})


def openvino_in_float16(graph: bytes | str | Path) -> Converted:
    """An exported ONNX graph as OpenVINO's files with weights in float16.

    A CPU computes with them in float32. Raises CheckpointError for what is no graph.
    """
    found = read_graph(graph)
    contents = openvino_files(
        openvino_model(found), properties_in(found, "fp16"), in_float16=True
    )
    return Converted(precision="fp16", contents=contents)


def openvino_in_bfloat16(graph: bytes | str | Path) -> Converted:
    """An exported ONNX graph as OpenVINO's files that are computed in bfloat16.

    The weights are in float16, which holds more digits. On a processor without bfloat16
    OpenVINO computes in float32. Raises CheckpointError for what is no graph.
    """
    found = read_graph(graph)
    contents = openvino_files(
        openvino_model(found), properties_in(found, "bf16"), in_float16=True
    )
    return Converted(precision="bf16", contents=contents)


class InPrecision(nn.Module):
    """A module that computes in a floating-point type of 16 bits between float32.

    Maps what the module maps, and gives float32.
    """

    def __init__(self, module: nn.Module, dtype: torch.dtype) -> None:
        super().__init__()
        self.module = module.to(dtype)
        self.dtype = dtype

    def forward(self, images: Tensor) -> Tensor:
        scores: Tensor = self.module(images.to(self.dtype))
        return scores.float()
