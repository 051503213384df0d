"""Estimators of rank: pure functions of singular values, batched.

`values` is (..., d), largest first, as `singular_values` gives them; what comes out is
(...), in the values' own type. A matrix of zeros has rank 0 under every definition.
"""

import torch
from torch import Tensor

from rexpand.rank.tolerance import (
    Absolute,
    Energy,
    Shape,
    Tolerance,
    relative_value,
)


def numerical_rank(
    values: Tensor, tolerance: Tolerance, shape: Shape | None = None
) -> Tensor:
    """How many singular values are not zero under a tolerance, as int64.

    `shape` is the matrix's (rows, columns); only `TorchDefault` asks for it.
    """
    if isinstance(tolerance, Energy):
        return _energy_rank(values, tolerance.share)
    if isinstance(tolerance, Absolute):
        return (values > tolerance.value).sum(-1)
    threshold = relative_value(tolerance, shape) * values[..., :1]
    return (values > threshold).sum(-1)


def effective_rank(values: Tensor) -> Tensor:
    """Effective rank: exp of the entropy of s / sum(s) (Roy and Vetterli, 2007)."""
    shares = _shares(values)
    rank = torch.special.entr(shares).sum(-1).exp()
    return torch.where(shares.sum(-1) > 0, rank, 0.0)


def stable_rank(values: Tensor) -> Tensor:
    """Sum of squares over the largest square: |F|_fro^2 / |F|_2^2."""
    squares = _scaled(values).square()
    return squares.sum(-1)  # the largest is 1 now


def participation_ratio(values: Tensor) -> Tensor:
    """(sum of s^2)^2 / sum of s^4: how many directions share the energy."""
    squares = _scaled(values).square()
    fourth = squares.square().sum(-1)
    ratio = squares.sum(-1).square() / fourth.clamp(min=1)
    return torch.where(fourth > 0, ratio, 0.0)


def nuclear_norm(values: Tensor) -> Tensor:
    """Sum of the singular values."""
    return values.sum(-1)


def cumulative(values: Tensor) -> Tensor:
    """Share of the sum that the first 1, 2, ... d singular values hold, (..., d)."""
    return _shares(values).cumsum(-1)


def _energy_rank(values: Tensor, share: float) -> Tensor:
    squares = _scaled(values).square()
    total = squares.sum(-1, keepdim=True)
    held = squares.cumsum(-1)
    # Those before the first that reaches the share, and that one.
    short = (held < share * total).sum(-1) + 1
    return torch.where(total[..., 0] > 0, short.clamp(max=values.shape[-1]), 0)


def _shares(values: Tensor) -> Tensor:
    scaled = _scaled(values)
    return scaled / scaled.sum(-1, keepdim=True).clamp(min=1)  # 0 for a matrix of zeros


def _scaled(values: Tensor) -> Tensor:
    """Values over the largest, so that squares neither overflow nor underflow."""
    largest = values[..., :1]
    return values / torch.where(largest > 0, largest, 1.0)
