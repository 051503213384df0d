"""How the images of an epoch become steps of the optimiser."""

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from rexpand.errors import SpecError


class Batches(Protocol):
    """What a recipe says of the images of a step."""

    @property
    def batch_size(self) -> int: ...

    @property
    def accumulation(self) -> int: ...

    @property
    def sync_norm(self) -> bool: ...


_PAIR = 2  # images of one position, the least of which batch norm can learn


@dataclass(frozen=True)
class Cut:
    """An epoch of `images`, cut into batches, one for each step of the optimiser.

    Each batch is cut into the recipe's micro-batches, whose gradients are added up, and
    each of these into a slice for each process. A last micro-batch that is too small
    for batch norm is left out: without synchronised norms every slice needs two images,
    with them the slices together do, and each slice one.

    Raises SpecError if that is more than a whole micro-batch has.
    """

    images: int
    recipe: Batches
    processes: int = 1

    def __post_init__(self) -> None:
        if self.size < self._least:
            raise SpecError(
                f"micro-batches of {self.size} images leave fewer than "
                f"{self._least // self.processes} for each of {self.processes} "
                "processes; give a larger batch_size, less accumulation or fewer "
                "processes"
            )

    @property
    def size(self) -> int:
        """Images of a micro-batch, over all processes."""
        return self.recipe.batch_size // self.recipe.accumulation

    @property
    def leaves_some_out(self) -> bool:
        """Whether the last micro-batch is left out, because it is too small."""
        return 0 < self.images % self.size < self._least

    @cached_property
    def micro_batches(self) -> int:
        """Micro-batches of an epoch."""
        return -(-self.images // self.size) - self.leaves_some_out

    @property
    def trained(self) -> int:
        """Images of an epoch that are trained on: all but those left out."""
        return min(self.micro_batches * self.size, self.images)

    @property
    def steps(self) -> int:
        """Steps of an epoch."""
        return -(-self.micro_batches // self.recipe.accumulation)

    def of_step(self, step: int) -> tuple[int, int]:
        """The micro-batches and the images of a step of the epoch."""
        first = step * self.recipe.accumulation
        last = min(first + self.recipe.accumulation, self.micro_batches)
        return last - first, min(last * self.size, self.images) - first * self.size

    @property
    def _least(self) -> int:
        if self.recipe.sync_norm:
            return max(_PAIR, self.processes)
        return _PAIR * self.processes
