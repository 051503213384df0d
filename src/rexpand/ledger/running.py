"""Running an item: choose the largest protocol that can be, do its steps, read them."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from rexpand.data.catalogue import locate
from rexpand.errors import DataError, MistakeError, RunError, UnknownNameError
from rexpand.ledger.item import Item, Protocol, Step
from rexpand.ledger.reading import ItemRecord
from rexpand.records import this_provenance
from rexpand.workers.death import end_with_parent

_MISTAKE = 2  # the exit code of rexpand for one
Advance = Callable[[Step], None]  # hears of a step before it begins


def missing(
    protocol: Protocol, hours: float, data_root: str | Path | None = None
) -> tuple[str, ...]:
    """What stands against running a protocol within `hours`, a line each."""
    return tuple(_missing(protocol, hours, data_root))


def choose(
    item: Item,
    root: str | Path,
    hours: float,
    data_root: str | Path | None = None,
) -> Protocol:
    """The largest protocol whose runs are in `root`, else the largest that can be run.

    Raises DataError if there is none: it says what the smallest one lacks.
    """
    for protocol in item.protocols:
        if protocol.steps and protocol.is_run(Path(root)):
            return protocol
    for protocol in item.protocols:
        if not missing(protocol, hours, data_root):
            return protocol
    lacking = "; ".join(missing(item.quick, hours, data_root))
    raise DataError(f"{item.name} cannot be run here: {lacking}")


def run(
    item: Item,
    protocol: Protocol,
    root: str | Path,
    *,
    data_root: str | Path | None = None,
    advance: Advance = lambda step: None,
) -> ItemRecord:
    """Do the steps that are not done in `root`, and read the rows of all.

    Each step is a command of rexpand in a process of its own, in a folder of its own;
    what it prints goes to stderr. Raises MistakeError or RunError if one fails: what is
    done stays, and the next run goes on from there.
    """
    root = Path(root)
    began = time.perf_counter()
    for step in protocol.steps:
        if not step.is_done(root):
            advance(step)
            _do(step, root, data_root)
    reading = protocol.read(root)
    own = this_provenance(("rexpand",), threads=None)
    return ItemRecord(
        item=item.name,
        title=item.title,
        source=item.source,
        protocol=protocol.name,
        says=protocol.says,
        rows=reading.rows,
        panels=reading.panels,
        provenances=reading.provenances or (own,),
        seconds=time.perf_counter() - began,
    )


def _missing(
    protocol: Protocol, hours: float, data_root: str | Path | None
) -> Iterator[str]:
    needs = protocol.needs
    if needs.hours > hours:
        yield (
            f"protocol {protocol.name} takes about {needs.hours:g} hours on two cores, "
            f"more than {hours:g}; --hours allows more"
        )
    for name in needs.data:
        try:
            locate(name, data_root)
        except (DataError, UnknownNameError) as error:
            yield str(error)
    for name in needs.weights:
        if not Path(name).is_file():
            yield f"it needs the weights {name} in the folder where you run it"
    if needs.gpu and not _has_gpu():
        yield f"protocol {protocol.name} needs a GPU"


def _has_gpu() -> bool:
    import torch

    return torch.cuda.is_available()


def _do(step: Step, root: Path, data_root: str | Path | None) -> None:
    command = [sys.executable, "-m", "rexpand", *step.command(root)]
    parent = os.getpid()
    environment = dict(os.environ)
    if data_root is not None:
        environment["REXPAND_DATA"] = str(data_root)
    done = subprocess.run(
        command,
        stdout=sys.stderr,
        env=environment,
        check=False,
        preexec_fn=lambda: end_with_parent(parent),
    )
    if done.returncode:
        said = f"`rexpand {' '.join(step.command(root))}` failed; its own lines say why"
        raise MistakeError(said) if done.returncode == _MISTAKE else RunError(said)
    if not step.is_done(root):
        raise RunError(
            f"`rexpand {' '.join(step.command(root))}` left no {step.result}"
        )
