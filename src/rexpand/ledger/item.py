"""An item of the ledger: a table, figure, formula or claim, and how it is run.

An item has one or more protocols: the source's own first, then smaller ones. A protocol
is a list of commands of rexpand, and a function that reads rows from the folders that
they leave. A count needs no command.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from rexpand.ledger.reading import Reading

Read = Callable[[Path], Reading]


@dataclass(frozen=True, kw_only=True)
class Needs:
    """What a protocol takes: data sets and weights by name, and hours on two cores.

    `hours` are measured where a record of the run is committed, else they are forecast.
    """

    hours: float = 0.0
    data: tuple[str, ...] = ()
    weights: tuple[str, ...] = ()
    gpu: bool = False


@dataclass(frozen=True, kw_only=True)
class Step:
    """A command of rexpand that works in a folder of its own, and the file it ends with.

    A verb that goes on where it was stopped is run again until that file is there.
    """

    folder: str
    arguments: tuple[str, ...]
    result: str

    def command(self, root: Path) -> tuple[str, ...]:
        """The arguments of `rexpand`."""
        return (*self.arguments, "--out", str(root / self.folder))

    def is_done(self, root: Path) -> bool:
        return (root / self.folder / self.result).is_file()


@dataclass(frozen=True, kw_only=True)
class Protocol:
    """One way to run an item: `says` is a line on what it does, and what it leaves out."""

    name: str
    says: str
    read: Read
    steps: tuple[Step, ...] = ()
    needs: Needs = Needs()

    def is_run(self, root: Path) -> bool:
        return all(step.is_done(root) for step in self.steps)


@dataclass(frozen=True, kw_only=True)
class Item:
    """An entry of the ledger. `protocols` go from the largest to the smallest."""

    name: str
    title: str
    source: str
    protocols: tuple[Protocol, ...]

    @property
    def quick(self) -> Protocol:
        """The smallest protocol."""
        return self.protocols[-1]

    @property
    def smallest(self) -> "Item":
        """The item with its smallest protocol alone."""
        return replace(self, protocols=(self.quick,))


def counted_item(name: str, title: str, source: str, says: str, read: Read) -> Item:
    """An item that needs no run: its numbers are counted, or printed and not run."""
    return Item(
        name=name,
        title=title,
        source=source,
        protocols=(Protocol(name="counts", says=says, read=read),),
    )
