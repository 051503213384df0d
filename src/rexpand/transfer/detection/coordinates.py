"""Coordinates keep float32 where a detector computes in half precision.

torchvision makes anchors of the type of the maps, and boxes of the type of what the heads
give. Under autocast that would be bf16, whose eight digits are steps of 4 pixels at 800.
"""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torchvision.models.detection.ssd import SSD

_HALF = (torch.bfloat16, torch.float16)


def keep_coordinates(model: Any) -> None:
    """Have maps and heads of torchvision's detectors give float32 instead of half."""
    if isinstance(model, SSD):
        giving = [model.backbone, model.head]
    else:
        giving = [model.backbone, model.rpn.head, model.roi_heads.box_predictor]
    for module in giving:
        module.register_forward_hook(_after)


def _after(module: nn.Module, inputs: Any, output: Any) -> Any:
    return _wide(output)


def _wide(output: Any) -> Any:
    """What a module gives, in float32 where it is half precision."""
    if isinstance(output, Tensor):
        return output.float() if output.dtype in _HALF else output
    kind: Any = type(output)
    if isinstance(output, Mapping):
        return kind((name, _wide(each)) for name, each in output.items())
    return kind(map(_wide, output))
