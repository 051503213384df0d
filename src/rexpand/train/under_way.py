"""One pass over the training images, begun or gone on with: what its steps add up to."""

import time
from math import isfinite

import numpy as np
import torch
from torch import Tensor

from rexpand.train.chance import generator_at, state_of
from rexpand.train.state import UnderWay


class NotFiniteError(ArithmeticError):
    """The sum of the losses is not finite after so many steps of an epoch."""

    def __init__(self, loss: float, steps: int) -> None:
        super().__init__(f"the loss is {loss} after {steps} steps")
        self.loss, self.steps = loss, steps


class Pass:
    """The epoch under way: its steps, the sum of their losses, and the mixing's draws.

    The sum stays on the device, and is read only where somebody asks for it.
    """

    def __init__(
        self, before: UnderWay | None, seed: int, device: torch.device
    ) -> None:
        self._started = time.perf_counter()
        self._seconds = before.seconds if before else 0.0
        self.steps = before.steps if before else 0
        total = before.loss_sum if before else 0.0
        self._total = torch.full((), total, device=device)
        self.mixing = (
            generator_at(before.mixing) if before else np.random.default_rng(seed)
        )

    def add(self, loss_sum: Tensor) -> None:
        """One more step is done, at a sum of its images' losses."""
        self._total += loss_sum
        self.steps += 1

    @property
    def loss_sum(self) -> float:
        """The sum over all images so far; the device is waited for.

        Raises NotFiniteError if any of them was not finite.
        """
        total = float(self._total)
        if not isfinite(total):
            raise NotFiniteError(total, self.steps)
        return total

    @property
    def is_finite(self) -> bool:
        """Whether all losses were; the device is waited for."""
        return bool(self._total.isfinite())

    @property
    def seconds(self) -> float:
        """The time that the steps took."""
        return self._seconds + time.perf_counter() - self._started

    def stands(self) -> UnderWay:
        """Where the pass stands, as data."""
        return UnderWay(
            steps=self.steps,
            loss_sum=self.loss_sum,
            seconds=self.seconds,
            mixing=state_of(self.mixing),
        )
