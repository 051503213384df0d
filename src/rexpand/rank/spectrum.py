"""The spectrum of features, streamed: memory is (channels, channels), for any number.

The singular values of F, (samples, channels), are the square roots of the eigenvalues
of its Gram matrix F^T F, which adds up over batches and over workers. float32 features
multiply exactly in float64, so only the sums round. What that resolves is said in
`rank.decomposition`: relative tolerances down to `GRAM_BORDER`.
"""

from typing import Self

import torch
from torch import Tensor

from rexpand.errors import RankError
from rexpand.rank.decomposition import gram_singular_values


class Spectrum:
    """Singular values of a feature matrix that never exists as a whole.

    `name` is the layer's; error messages say it.
    """

    def __init__(self, channels: int, name: str = "the layer") -> None:
        self.channels = channels
        self.samples = 0
        self.name = name
        self._gram = torch.zeros(channels, channels, dtype=torch.float64)

    def update(self, features: Tensor) -> None:
        """Take in a batch of (samples, channels); RankError if one is not finite."""
        rows = features.to(torch.float64)
        gram = (rows.mT @ rows).cpu()
        # Every value is in its column's sum of squares, so the diagonal tells.
        if not bool(torch.isfinite(gram.diagonal()).all()):
            raise RankError(
                f"{self.name} has NaN or infinite features among samples "
                f"{self.samples} to {self.samples + len(rows) - 1}; "
                "check its inputs and weights"
            )
        self._gram += gram
        self.samples += len(rows)

    def merge(self, other: "Spectrum") -> Self:
        """Take in what another worker saw; the sum of the two Gram matrices."""
        if other.channels != self.channels:
            raise RankError(
                f"{self.name} has {self.channels} channels and {other.name} has "
                f"{other.channels}; only spectra of one layer merge"
            )
        self._gram += other._gram
        self.samples += other.samples
        return self

    def singular_values(self) -> Tensor:
        """Singular values, largest first, (channels,); beyond `samples` they are 0."""
        return gram_singular_values(self._gram)

    def nuclear_norm(self) -> float:
        """Sum of the singular values."""
        return float(self.singular_values().sum())
