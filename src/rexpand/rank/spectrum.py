"""The spectrum of features, streamed: memory is (features, features), for any number.

The singular values of F, (samples, features), are the square roots of the eigenvalues
of its Gram matrix F^T F, which adds up over batches. In float64 they are exact to about
1e-8 of the largest; smaller ones drown in rounding.
"""

import torch
from torch import Tensor


class Spectrum:
    """Singular values of a feature matrix that never exists as a whole."""

    def __init__(self, features: int) -> None:
        self.samples = 0
        self._gram = torch.zeros(features, features, dtype=torch.float64)

    def add(self, batch: Tensor) -> None:
        """Take in a batch of (samples, features)."""
        rows = batch.to(torch.float64)
        self._gram += (rows.T @ rows).cpu()
        self.samples += len(rows)

    def singular_values(self) -> Tensor:
        """Singular values, largest first, (features,)."""
        eigenvalues = torch.linalg.eigvalsh(self._gram)
        return eigenvalues.clamp(min=0).sqrt().flip(0)

    def nuclear_norm(self) -> float:
        """Sum of the singular values."""
        return float(self.singular_values().sum())
