"""The rows of latency records as tables and figures show them, on one or more machines."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from rexpand.records import LatencyRow, LatencyStudy
from rexpand.report import formats


@dataclass(frozen=True, kw_only=True)
class ShownRow:
    """A measured row; `row` names it on the page.

    `series` is its runtime and precision, with its machine where there are several; a
    network that was timed twice has a number behind its name.
    """

    row: str
    machine: str
    network: str
    series: str
    measured: LatencyRow


@dataclass(frozen=True, kw_only=True)
class Setting:
    """Threads and images per batch, with everything that was timed so."""

    threads: int
    batch_size: int
    rows: tuple[ShownRow, ...]

    @property
    def name(self) -> str:
        """As a name of a file has it."""
        return f"threads_{self.threads}_batch_{self.batch_size}"

    @property
    def title(self) -> str:
        """In words: 2 threads, 1 image per batch."""
        return (
            f"{formats.plural(self.threads, 'thread')}, "
            f"{formats.plural(self.batch_size, 'image')} per batch"
        )


def machines(studies: Sequence[LatencyStudy]) -> tuple[str, ...]:
    """A short name of each study's machine, with a number where several have it."""
    plain = [
        study.provenance.machine.cpu
        if study.device == "cpu"
        else study.provenance.machine.device
        for study in studies
    ]
    alike: Counter[str] = Counter()
    names = []
    for name in plain:
        alike[name] += 1
        names.append(f"{name} ({alike[name]})" if plain.count(name) > 1 else name)
    return tuple(names)


def settings(studies: Sequence[LatencyStudy]) -> tuple[Setting, ...]:
    """The rows of all studies by threads and batch, in the order of the records."""
    found: dict[tuple[int, int], list[ShownRow]] = {}
    names = machines(studies)
    for place, (machine, study) in enumerate(zip(names, studies, strict=True)):
        for turn, comparison in enumerate(study.comparisons):
            own = found.setdefault((comparison.threads, comparison.batch_size), [])
            seen: Counter[tuple[str, str]] = Counter()
            for number, measured in enumerate(comparison.rows):
                series = _series(measured, machine if len(studies) > 1 else "")
                seen[measured.network, series] += 1
                times = seen[measured.network, series]
                own.append(
                    ShownRow(
                        row=f"{place}-{turn}-{number}",
                        machine=machine,
                        network=_again(measured.network, times),
                        series=series,
                        measured=measured,
                    )
                )
    return tuple(
        Setting(threads=threads, batch_size=batch_size, rows=tuple(rows))
        for (threads, batch_size), rows in found.items()
    )


def _series(measured: LatencyRow, machine: str) -> str:
    runtime = f"{measured.runtime} {measured.precision}"
    return f"{runtime}, {machine}" if machine else runtime


def _again(network: str, times: int) -> str:
    return network if times == 1 else f"{network} ({times})"
