"""How this process was started: alone, or by a launcher as one of several.

`accelerate launch` and `torchrun` say so in the environment.
"""

import os
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Launch:
    """Process `number` of `count`, of which `on_machine` run on this machine."""

    number: int = 0
    count: int = 1
    on_machine: int = 1

    @property
    def is_main(self) -> bool:
        """Whether this is the process that writes files and speaks."""
        return self.number == 0

    @property
    def are_many(self) -> bool:
        """Whether there are other processes."""
        return self.count > 1


def launched() -> Launch:
    """What the launcher says; alone where none says all of it."""
    said = [os.environ.get(name, "") for name in ("RANK", "WORLD_SIZE", "LOCAL_RANK")]
    if not all(each.isdecimal() for each in said):
        return Launch()
    on_machine = os.environ.get("LOCAL_WORLD_SIZE", said[1])
    return Launch(number=int(said[0]), count=int(said[1]), on_machine=int(on_machine))
