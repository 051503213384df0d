"""Which part of an epoch's batches one process takes."""

from dataclasses import dataclass

from rexpand.errors import DataError


@dataclass(frozen=True, kw_only=True)
class Part:
    """The batches from `first_batch` on, and of each the slice of one process of many.

    Slices are contiguous and of equal length, up to one image; those of all `processes`
    together are the batch. Each process has an image of every batch that has as many
    images as there are processes. Of a smaller one, which only the last of an epoch
    should be, some have none: these go without that batch.

    Raises DataError for a process that is not one of the processes.
    """

    first_batch: int = 0
    process: int = 0
    processes: int = 1

    def __post_init__(self) -> None:
        if not 0 <= self.process < self.processes:
            raise DataError(
                f"process {self.process} is none of {self.processes}; they count from 0"
            )
        if self.first_batch < 0:
            raise DataError(f"first_batch {self.first_batch} is below 0")

    def of(self, batches: list[slice]) -> list[slice]:
        """Of the batches of an epoch, as slices of its order, those of this part."""
        own = [self._slice(batch) for batch in batches[self.first_batch :]]
        return [each for each in own if each.start < each.stop]

    def _slice(self, batch: slice) -> slice:
        images = batch.stop - batch.start
        first, last = (
            images * process // self.processes
            for process in (self.process, self.process + 1)
        )
        return slice(batch.start + first, batch.start + last)


WHOLE = Part()
