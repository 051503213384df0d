"""The page of `rexpand bench`: latencies on one machine, or on several in one table."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from rexpand.records import LatencyStudy, Steadiness
from rexpand.report import formats, markup
from rexpand.report.document import document, provenance
from rexpand.report.figures import Figure
from rexpand.report.files import ReportFiles, write_report
from rexpand.report.latency_accuracy_page import accuracy_figures, accuracy_sections
from rexpand.report.latency_rows import Setting, ShownRow, machines, settings
from rexpand.report.markup import Cell, Column

_COLUMNS = (
    Column(title="Network"),
    Column(title="Runtime"),
    Column(title="Precision"),
    Column(title="px", is_number=True, hint="side of the images"),
    Column(title="Macs", is_number=True),
    Column(title="ms", is_number=True, hint="median of a batch"),
    Column(title="Interval", hint="of the median, of 95 %"),
    Column(title="Ratio", is_number=True, hint="to the first on the same machine"),
    Column(title="Interval", hint="of the ratio, of 95 %"),
    Column(title="Verdict"),
)
_MEMORY = Column(title="MiB", is_number=True, hint="peak while it runs")
_ENERGY = Column(title="mJ", is_number=True, hint="of a batch")
_MACHINE = Column(title="Machine")


def write_latency_report(
    studies: Sequence[LatencyStudy], folder: str | Path
) -> ReportFiles:
    """Write the page and its figures below a folder, as `write_study_report` does."""
    figures = latency_figures(studies)
    return write_report(latency_page(studies, figures), figures, Path(folder))


def latency_figures(studies: Sequence[LatencyStudy]) -> tuple[Figure, ...]:
    """A figure for each number of threads and images per batch, then of accuracies."""
    from rexpand.report import charts

    latencies = tuple(
        Figure(
            name=f"latency_{each.name}",
            title=f"Latency, {each.title}",
            caption="The median of interleaved rounds; whiskers: its interval of 95 %.",
            spec=charts.latency_chart(each.rows).to_dict(),
        )
        for each in settings(studies)
    )
    return (*latencies, *accuracy_figures(studies))


def latency_page(
    studies: Sequence[LatencyStudy], figures: tuple[Figure, ...] | None = None
) -> str:
    """The page as one HTML document; MissingExtraError without the `report` extra."""
    drawn = figures or latency_figures(studies)
    own = settings(studies)
    latencies, accuracies = drawn[: len(own)], drawn[len(own) :]
    numbered = zip(own, enumerate(latencies, start=1), strict=True)
    body = [
        markup.facts(_facts(studies)),
        *(_setting(each, place, figure) for each, (place, figure) in numbered),
        accuracy_sections(studies, accuracies, len(own) + 1),
        _machines(studies),
        provenance([study.provenance for study in studies]),
    ]
    return document(
        title="Latency",
        kicker="Networks and runtimes, timed in turns",
        lead=latency_lead(studies),
        body="".join(body),
        figures=drawn,
    )


def latency_lead(studies: Sequence[LatencyStudy]) -> str:
    """How many are faster or slower than the first of their comparison."""
    said = [
        row.verdict
        for study in studies
        for comparison in study.comparisons
        for row in comparison.rows
        if row.verdict
    ]
    if not said:
        return "One network alone: its latency, compared with nothing."
    counts = ", ".join(
        f"{said.count(word)} {text}"
        for word, text in (
            ("faster", "faster"),
            ("slower", "slower"),
            ("no difference", "without a difference"),
        )
        if word in said
    )
    least = 100 * studies[0].least_difference
    return (
        f"Compared with the first: {counts}. A difference is one of {least:g} % at least, "
        "by an interval of 95 %."
    )


def _facts(studies: Sequence[LatencyStudy]) -> list[tuple[str, str]]:
    rounds = {
        row.latency_ms.count
        for study in studies
        for comparison in study.comparisons
        for row in comparison.rows
    }
    return [
        ("Machines", f"{len(studies)}"),
        ("Rounds", " and ".join(map(str, sorted(rounds)))),
        ("Time", formats.duration(sum(study.seconds for study in studies))),
    ]


def _setting(setting: Setting, place: int, figure: Figure) -> str:
    rows = setting.rows
    has_machines = len({each.machine for each in rows}) > 1
    has_memory = any(each.measured.memory_mb is not None for each in rows)
    has_energy = any(each.measured.energy_mj is not None for each in rows)
    columns = (
        *((_MACHINE,) if has_machines else ()),
        *_COLUMNS,
        *((_MEMORY,) if has_memory else ()),
        *((_ENERGY,) if has_energy else ()),
    )
    cells = [
        [
            *((Cell(text=each.machine),) if has_machines else ()),
            *_cells(each),
            *((_measured(each.measured.memory_mb),) if has_memory else ()),
            *((_measured(each.measured.energy_mj),) if has_energy else ()),
        ]
        for each in rows
    ]
    caption = f"Every network and runtime, {setting.title}."
    table = markup.table(columns, cells, caption, "sortable")
    return markup.section(
        setting.title.capitalize(),
        markup.figure(place, figure) + table,
        setting.name.replace("_", "-"),
    )


def _cells(shown: ShownRow) -> Iterator[Cell]:
    row = shown.measured
    ms, ratio = row.latency_ms, row.ratio
    yield Cell(text=shown.network)
    yield Cell(text=row.runtime)
    yield Cell(text=row.precision)
    yield _number(row.height, f"{row.height}")
    yield _number(row.macs, "" if row.macs is None else formats.count(row.macs))
    yield _number(ms.median, f"{ms.median:.3f}")
    yield Cell(text=f"{ms.least:.3f} to {ms.most:.3f}")
    yield _number(ratio.median, f"{ratio.median:.3f}" if row.verdict else "1")
    yield Cell(text=f"{ratio.least:.3f} to {ratio.most:.3f}" if row.verdict else "")
    yield Cell(text=row.verdict or "")


def _measured(value: float | None) -> Cell:
    return _number(value, "" if value is None else f"{value:.1f}")


def _number(value: float | None, text: str) -> Cell:
    return Cell(text=text, value=value, is_number=True)


def _machines(studies: Sequence[LatencyStudy]) -> str:
    """What each machine is, and whether it was steady."""
    body = "".join(
        markup.paragraph(_machine(name, study))
        for name, study in zip(machines(studies), studies, strict=True)
    )
    note = markup.paragraph(
        "A ratio is the median of the ratios of single rounds, in which everything runs "
        "once: what slows a machine for a while slows all of them.",
        "note",
    )
    return markup.section("How steady the machines were", body + note, "steadiness")


def _machine(name: str, study: LatencyStudy) -> str:
    found = study.fingerprint
    processors = formats.plural(found.processors, "processor")
    facts = [
        f"{processors} on {formats.plural(found.cores, 'core')}",
        *found.instruction_sets,
        *found.caches,
        *([f"governor {found.governor}"] if found.governor else []),
        *([f"at most {found.most_mhz:.0f} MHz"] if found.most_mhz else []),
        *(["a virtual machine"] if found.is_virtual else []),
    ]
    said = "; ".join(
        f"{formats.plural(each.threads, 'thread')}, batch {each.batch_size}: "
        f"{_steadiness(each.steadiness)}"
        for each in study.comparisons
    )
    return f"{name}: {', '.join(facts)}. {said}."


def _steadiness(found: Steadiness) -> str:
    return ", ".join(found.problems) or "steady"
