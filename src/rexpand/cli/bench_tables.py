"""What `rexpand bench` prints: a table per comparison, and whether to trust it."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rexpand.cli.console import note, print_table

if TYPE_CHECKING:
    from rexpand.records import LatencyComparison, LatencyRow, LatencyStudy


def show(studies: "Sequence[LatencyStudy]") -> None:
    """The comparisons of some studies, each on its machine."""
    for study in studies:
        print(machine_line(study))
        for comparison in study.comparisons:
            _show(comparison)
    least = 100 * studies[0].least_difference
    print(
        "medians of interleaved rounds, with the interval of 95 % of each; faster or "
        f"slower: by {least:g} % at least"
    )


def machine_line(study: "LatencyStudy") -> str:
    """AMD EPYC, 2 processors, avx512f, governor performance."""
    machine, found = study.provenance.machine, study.fingerprint
    facts = [
        machine.cpu if study.device == "cpu" else machine.device,
        f"{found.processors} processors on {found.cores} cores",
        *found.instruction_sets[-1:],
        *([f"governor {found.governor}"] if found.governor else []),
    ]
    return ", ".join(facts)


def note_unsteady(study: "LatencyStudy") -> None:
    """One line for the person on what disturbed the machine, if anything did."""
    problems = [
        problem
        for comparison in study.comparisons
        for problem in comparison.steadiness.problems
    ]
    if problems:
        note(
            f"this machine was not steady: {'; '.join(dict.fromkeys(problems))}; trust "
            "the ratios more than the milliseconds, or run it again when it is quiet"
        )


def _show(comparison: "LatencyComparison") -> None:
    rows = comparison.rows
    print(
        f"\nthreads {comparison.threads}, batch {comparison.batch_size}, "
        f"{rows[0].latency_ms.count} rounds"
    )
    has_memory = any(row.memory_mb is not None for row in rows)
    has_energy = any(row.energy_mj is not None for row in rows)
    header = (
        *("network", "runtime", "precision", "px", "ms", "interval", "ratio"),
        *("interval", "verdict"),
        *(("MiB",) if has_memory else ()),
        *(("mJ",) if has_energy else ()),
    )
    print_table(header, [tuple(_cells(row, has_memory, has_energy)) for row in rows])
    print()


def _cells(row: "LatencyRow", has_memory: bool, has_energy: bool) -> Iterator[str]:
    ms, ratio = row.latency_ms, row.ratio
    yield from (row.network, row.runtime, row.precision, str(row.height))
    yield f"{ms.median:.3f}"
    yield f"{ms.least:.3f} to {ms.most:.3f}"
    yield f"{ratio.median:.3f}"
    yield f"{ratio.least:.3f} to {ratio.most:.3f}" if row.verdict else ""
    yield row.verdict or ""
    if has_memory:
        yield "-" if row.memory_mb is None else f"{row.memory_mb:.1f}"
    if has_energy:
        yield "-" if row.energy_mj is None else f"{row.energy_mj:.1f}"
