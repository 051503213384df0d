"""The page of `rexpand bench guidelines`: verdicts, one chart per guideline, times."""

from pathlib import Path

from rexpand.records import GuidelineRow, GuidelineStudy, Platform
from rexpand.report import formats, markup
from rexpand.report.document import document, provenance
from rexpand.report.figures import Figure
from rexpand.report.files import ReportFiles, write_report
from rexpand.report.markup import Cell, Column

_COLUMNS = (
    Column(title="Stack"),
    Column(title="Runtime"),
    Column(title="Width", is_number=True, hint="channels of the experiment"),
    Column(title="Channels", hint="of this stack's convolutions"),
    Column(title="Macs", is_number=True),
    Column(title="Access", is_number=True, hint="elements read and written"),
    Column(title="ms", is_number=True, hint="median; the record has its quartiles"),
    Column(title="Ratio", is_number=True, hint="median, quartiles"),
    Column(title="Interval", hint="of the median, of 95 %"),
    Column(title="Verdict"),
    Column(title="ARM", is_number=True, hint="the paper's ratio at the same width"),
    Column(
        title="GPU",
        is_number=True,
        hint="the paper's ratio at its width of the same rank",
    ),
)
_CAPTIONS = {
    1: "Ten blocks of two 1x1 convolutions, from c1 to c2 channels and back.",
    2: "Ten 1x1 convolutions in groups, wider where there are more groups.",
    3: "Ten blocks of 1x1 convolutions, in series or in parallel and added.",
    4: "Ten of ResNet's bottlenecks, with and without ReLU and shortcut.",
}


def write_guidelines_report(study: GuidelineStudy, folder: str | Path) -> ReportFiles:
    """Write the page and its figures below a folder, as `write_study_report` does."""
    folder = Path(folder)
    figures = guideline_figures(study)
    return write_report(guidelines_page(study, figures), figures, folder)


def guideline_figures(study: GuidelineStudy) -> tuple[Figure, ...]:
    """A figure for each guideline that was tested."""
    from rexpand.report import charts

    return tuple(
        Figure(
            name=f"guideline_{number}",
            title=f"Guideline {number}: {study.titles[number].lower()}",
            caption=(
                f"{_CAPTIONS[int(number)]} Equal macs; the ratio to {_first(study, number)}"
                f" on images of {study.sides[number]} pixels. Each colour has one point "
                "per width, from narrow to wide; whiskers: the median's interval. The paper gives "
                "no spread."
            ),
            spec=charts.guideline_chart(study, int(number)).to_dict(),
        )
        for number in study.titles
    )


def guidelines_page(
    study: GuidelineStudy, figures: tuple[Figure, ...] | None = None
) -> str:
    """The page as one HTML document; MissingExtraError without the `report` extra."""
    drawn = figures or guideline_figures(study)
    numbered = zip(study.titles, enumerate(drawn, start=1), strict=True)
    body = [
        markup.facts(_facts(study)),
        _verdicts(study),
        *(
            _guideline(study, number, place, figure)
            for number, (place, figure) in numbered
        ),
        _paper(),
        provenance([study.provenance]),
    ]
    return document(
        title="ShuffleNetV2's guidelines on this machine",
        kicker="Guideline experiments · batch of one, float32",
        lead=guidelines_lead(study),
        body="".join(body),
        figures=drawn,
    )


def guidelines_lead(study: GuidelineStudy) -> str:
    """How many of the verdicts say what the paper says."""
    said = [finding.verdict for finding in study.findings]
    counts = [
        f"{said.count(verdict)} {_of_many(verdict, said.count(verdict))}"
        for verdict in dict.fromkeys(said)
        if verdict != "holds"
    ]
    rest = f"; {', '.join(counts)}" if counts else ""
    total = formats.plural(len(said), "claim")
    held = said.count("holds")
    return (
        f"Of {total} tested on this machine's runtimes, {held} {_of_many('holds', held)} "
        f"at every width{rest}."
    )


def _of_many(verdict: str, number: int) -> str:
    """The verdict as a verb for so many claims: 1 holds, 2 hold."""
    many = {
        "holds": "hold",
        "does not hold": "do not hold",
        "depends on the width": "depend on the width",
    }
    return verdict if number == 1 else many.get(verdict, verdict)


def _facts(study: GuidelineStudy) -> list[tuple[str, str]]:
    return [
        ("Runtimes", ", ".join(dict.fromkeys(row.runtime for row in study.rows))),
        ("Rounds", f"{study.rounds}, interleaved"),
        ("Threads", f"{study.threads}"),
        ("Channels", _multiples(study)),
        ("Time", formats.duration(study.seconds)),
    ]


def _multiples(study: GuidelineStudy) -> str:
    return "any" if study.multiple_of == 1 else f"multiples of {study.multiple_of}"


def _verdicts(study: GuidelineStudy) -> str:
    sentences = "".join(markup.paragraph(each.sentence) for each in study.findings)
    note = markup.paragraph(
        "A guideline holds where the interval of the median ratio lies above 1, does "
        "not hold where it lies below, and is undecided where it contains 1. The "
        "interval is the bootstrap's, of 95 % from six rounds on. Equal macs need "
        "widths that are not multiples of a vector's length, which costs extra "
        "time: multiple_of 8 separates the two effects.",
        "note",
    )
    return markup.section("Verdicts", sentences + note, "verdicts")


def _guideline(study: GuidelineStudy, number: str, place: int, figure: Figure) -> str:
    rows = [row for row in study.rows if row.guideline == int(number)]
    caption = f"Every stack of guideline {number}; the last two columns are the paper's ratios."
    table = markup.table(
        _COLUMNS, [_cells(study, row) for row in rows], caption, "sortable"
    )
    body = markup.figure(place, figure) + table
    return markup.section(f"Guideline {number}", body, f"guideline-{number}")


def _cells(study: GuidelineStudy, row: GuidelineRow) -> list[Cell]:
    ms, ratio = row.latency_ms, row.ratio
    interval = f"{ratio.least:.3f} to {ratio.most:.3f}" if row.verdict else ""
    return [
        Cell(text=row.variant),
        Cell(text=row.runtime),
        _number(row.width, f"{row.width}"),
        Cell(text=f"{row.narrow}, {row.wide}"),
        _number(row.macs, formats.count(row.macs)),
        _number(row.memory_access, formats.count(row.memory_access)),
        _number(ms.median, f"{ms.median:.2f}"),
        _number(
            ratio.median,
            f"{ratio.median:.2f} [{ratio.low:.2f}, {ratio.high:.2f}]"
            if row.verdict
            else "1",
        ),
        Cell(text=interval),
        Cell(text=row.verdict or "-"),
        _published(study, row, "ARM"),
        _published(study, row, "GPU"),
    ]


def _published(study: GuidelineStudy, row: GuidelineRow, platform: Platform) -> Cell:
    speeds = {
        each.variant: each.per_second
        for each in study.published
        if (each.guideline, each.platform, each.scale)
        == (row.guideline, platform, row.scale)
    }
    first = speeds.get(_first(study, str(row.guideline)))
    if first is None or row.variant not in speeds:
        return Cell(text="", is_number=True)
    ratio = first / speeds[row.variant]
    return _number(ratio, f"{ratio:.2f}")


def _first(study: GuidelineStudy, number: str) -> str:
    return next(row.variant for row in study.rows if row.guideline == int(number))


def _paper() -> str:
    return markup.section(
        "The paper's numbers",
        markup.paragraph(
            "Ratios of the speeds in tables 1 to 4 of arXiv 1807.11164: one thread of a "
            "Snapdragon 810, and a GTX 1080 Ti. The widths on ARM are ours; those on "
            "the GPU are larger for guidelines 1 to 3. The paper does not say how "
            "parallel fragments are joined, nor how large the images of table 4 are: "
            "here the fragments are added, and the images have 28 pixels.",
        ),
        "paper",
    )


def _number(value: float | None, text: str) -> Cell:
    return Cell(text=text, value=value, is_number=True)
