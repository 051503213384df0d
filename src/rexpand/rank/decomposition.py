"""Singular values of one matrix or many: from the Gram matrix where that is exact enough.

F^T F squares the condition number. Its eigenvalues carry an error of about
eps * s_1^2, so a singular value s carries eps * s_1^2 / (2 s): harmless for large ones,
while everything below sqrt(eps) * s_1, 1.5e-8 in float64, is noise. A count of values
above t * s_1 is moved by that error as by a shift of the threshold by eps / (2 t^2); at
the border, t = 1e-6, the shift is some 1e-4 of t, and grows hundredfold for every digit
below. On that side the SVD, which is several times slower, is exact to eps * s_1.
"""

from typing import Literal

import torch
from torch import Tensor

from rexpand.errors import RankError
from rexpand.rank.tolerance import (
    Absolute,
    Energy,
    Relative,
    Tolerance,
    TorchDefault,
    relative_value,
)

GRAM_BORDER = 1e-6  # the smallest relative tolerance that float64 Gram matrices resolve
_ENERGY_BORDER = 1e-10  # energies are squares already: no condition number is lost
Method = Literal["gram", "svd"]


def singular_values(
    matrix: Tensor, tolerance: Tolerance | None = None, name: str = "the matrix"
) -> Tensor:
    """Singular values of (..., rows, columns) in float64, largest first, (..., d).

    d is the smaller of rows and columns. They are exact enough to count by `tolerance`;
    without one, all of them are exact to rounding. RankError if a value is not finite;
    the message says `name`.
    """
    wide = matrix.to(torch.float64)
    if method_for(wide, tolerance) == "gram":
        gram = smaller_gram(wide)
        # Every feature is squared into the diagonal, so that is all there is to look at.
        if bool(torch.isfinite(gram.diagonal(dim1=-2, dim2=-1)).all()):
            return gram_singular_values(gram)
    check_finite(wide, name)
    return torch.linalg.svdvals(
        wide
    )  # also where finite features have infinite squares


def method_for(matrix: Tensor, tolerance: Tolerance | None) -> Method:
    """Which way is exact enough for a tolerance: by Gram matrix or by SVD."""
    shape = (matrix.shape[-2], matrix.shape[-1])
    match tolerance:
        case None:
            exact = False
        case Energy(share):
            exact = 1 - share >= _ENERGY_BORDER
        case Absolute(value):
            # The Frobenius norm is at least s_1, so the tolerance at least this.
            norms = torch.linalg.matrix_norm(matrix)
            exact = bool((value >= GRAM_BORDER * norms).all())
        case Relative() | TorchDefault():
            exact = relative_value(tolerance, shape) >= GRAM_BORDER
    return "gram" if exact else "svd"


def smaller_gram(matrix: Tensor) -> Tensor:
    """F^T F, or F F^T where there are fewer rows than columns: (..., d, d)."""
    if matrix.shape[-2] < matrix.shape[-1]:
        return matrix @ matrix.mT
    return matrix.mT @ matrix


def gram_singular_values(gram: Tensor) -> Tensor:
    """Square roots of the eigenvalues of a Gram matrix, largest first."""
    eigenvalues = torch.linalg.eigvalsh(gram)
    return eigenvalues.clamp(min=0).sqrt().flip(-1)  # rounding may take them below 0


def check_finite(matrix: Tensor, name: str) -> None:
    """Raise RankError, with the layer's name, if any feature is NaN or infinite."""
    if not bool(torch.isfinite(matrix).all()):
        count = int((~torch.isfinite(matrix)).sum())
        raise RankError(
            f"{name} has {count} NaN or infinite features of {matrix.numel()}; "
            "check its inputs and weights"
        )
