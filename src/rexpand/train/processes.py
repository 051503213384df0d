"""The processes that train one network together, as a launcher has started them.

`accelerate launch` and `torchrun` say in the environment which process this is. The
processes exchange sums over NCCL on GPUs and over gloo on CPUs. Whatever is written or
printed is the main process's, number 0.
"""

import atexit
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

import torch
from accelerate import PartialState
from torch import Tensor, distributed

from rexpand.data.part import Part
from rexpand.errors import ProcessLostError, RunError
from rexpand.launch import Launch, launched

Value = TypeVar("Value")


@dataclass(frozen=True, kw_only=True)
class Processes(Launch):
    """This process, `number`, of `count`; alone it exchanges nothing.

    What is exchanged has to be asked for by all of them, in the same order. Raises
    ProcessLostError where another one ended instead.
    """

    def part(self, first_batch: int = 0) -> Part:
        """What this process takes of an epoch that begins at a batch."""
        return Part(first_batch=first_batch, process=self.number, processes=self.count)

    def seed(self, epoch_seed: int, step: int) -> int:
        """What this process draws from in a step: no other process or step has it."""
        return (epoch_seed << 32) + step * self.count + self.number

    def add_up(self, tensor: Tensor) -> None:
        """Replace the numbers of a tensor by their sums over all processes."""
        if self.are_many:
            with self.exchange():
                distributed.all_reduce(tensor)

    def average(self, tensors: Sequence[Tensor]) -> None:
        """Replace tensors of one type by their means over all processes, at once."""
        if not self.are_many or not tensors:
            return
        flat = torch.cat([each.flatten() for each in tensors])
        self.add_up(flat)
        flat /= self.count
        sizes = [each.numel() for each in tensors]
        for tensor, mean in zip(tensors, torch.split(flat, sizes), strict=True):
            tensor.copy_(mean.view_as(tensor))

    def of_main(self, work: Callable[[], Value]) -> Value:
        """What the work gives, which only the main process does and the others wait for.

        It is pickled for them: its tensors should be on the CPU.
        """
        if not self.are_many:
            return work()
        values = [work() if self.is_main else None]
        with self.exchange():
            distributed.broadcast_object_list(values)
        return values[0]  # type: ignore[return-value]  # the main one gave it

    def gathered(self, value: Value) -> list[Value]:
        """The values of all processes in their order."""
        if not self.are_many:
            return [value]
        values: list[Value | None] = [None] * self.count
        with self.exchange():
            distributed.all_gather_object(values, value)
        return values  # type: ignore[return-value]  # each process gave one

    @contextmanager
    def exchange(self) -> Iterator[None]:
        """Raise ProcessLostError for what the exchange inside the `with` raises."""
        try:
            yield
        except RuntimeError as error:
            if not self.are_many or not _is_of_exchange(error):
                raise
            raise ProcessLostError(
                f"another of the {self.count} processes has ended; the same command "
                "continues where the training stands"
            ) from error


ALONE = Processes()


def joined() -> Processes:
    """This process, connected with the others; returns at once where it is already.

    Raises RunError if they do not meet.
    """
    launch = launched()
    processes = Processes(
        number=launch.number, count=launch.count, on_machine=launch.on_machine
    )
    if not processes.are_many or distributed.is_initialized():
        return processes
    try:
        PartialState(cpu=not torch.cuda.is_available())
    except (RuntimeError, ValueError) as error:
        place = f"{os.environ.get('MASTER_ADDR')}:{os.environ.get('MASTER_PORT')}"
        reason = " ".join(str(error).split())
        raise RunError(
            f"the {processes.count} processes do not meet at {place}: {reason}; give the "
            "launcher another --main_process_port, or the address of the main machine"
        ) from error
    atexit.register(distributed.destroy_process_group)  # its threads would abort
    return processes


def _is_of_exchange(error: RuntimeError) -> bool:
    """Whether the connection failed, and not a computation of ours between."""
    return isinstance(error, distributed.DistError) or "gloo" in str(error).lower()
