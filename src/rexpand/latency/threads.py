"""The threads of a measurement: torch's own, from which the other runtimes take theirs."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def threads_of_torch(count: int) -> Iterator[None]:
    """So many threads inside of the block, and as many as before after it."""
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)
