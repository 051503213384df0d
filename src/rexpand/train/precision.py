"""The precision that a recipe's steps compute in.

Not through accelerate, whose state is the process's: a second training there could not
have another precision than the first.
"""

from contextlib import AbstractContextManager, nullcontext

import torch

from rexpand.recipe.recipe import Precision


def is_half(precision: Precision) -> bool:
    """Whether steps compute in bf16, here."""
    if precision == "auto":
        return torch.cuda.is_available() and torch.cuda.is_bf16_supported()
    return precision == "bf16"


def autocast(
    precision: Precision, device: torch.device
) -> AbstractContextManager[object]:
    """Where a forward pass is in bf16, if that is its precision."""
    if not is_half(precision):
        return nullcontext()
    return torch.autocast(device.type, torch.bfloat16)
