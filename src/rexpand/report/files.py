"""The folder that a report leaves: a page, and every figure as SVG and PNG."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rexpand.records import (
    Judgement,
    Provenance,
    Record,
    StudySummary,
    write_atomic,
)
from rexpand.report.channels_page import channels_figure, channels_page
from rexpand.report.figures import Figure
from rexpand.report.networks import network_row
from rexpand.report.rendering import to_png, to_svg
from rexpand.report.study_page import study_figures, study_page
from rexpand.report.training_figures import training_figures
from rexpand.report.training_page import training_page
from rexpand.spec import SpecLike


@dataclass(frozen=True, kw_only=True)
class ReportFiles:
    """What a report wrote; figures in the order of the page."""

    page: Path
    svg: tuple[Path, ...]
    png: tuple[Path, ...]


def write_study_report(summary: StudySummary, folder: str | Path) -> ReportFiles:
    """Write `report.html`, `figures/*.svg` and `figures/*.png` below `folder`.

    Each file is replaced whole or not at all. Raises MissingExtraError without the
    `report` extra and OutputError where the disk is full or the folder read-only.
    """
    folder = Path(folder)
    figures = study_figures(summary)
    return write_report(study_page(summary, figures), figures, folder)


def write_training_report(
    records: Sequence[Record], folder: str | Path, judgement: Judgement | None = None
) -> ReportFiles:
    """Write the page and the curves of one training, one record per seed, likewise.

    With the judgement of a single run, or of all seeds together, they show the mistakes
    too.
    """
    folder = Path(folder)
    figures = training_figures(records, judgement)
    return write_report(training_page(records, figures, judgement), figures, folder)


def write_channels_report(
    specs: Sequence[SpecLike], folder: str | Path, origin: Provenance | None = None
) -> ReportFiles:
    """Write the page and the figure of networks side by side, likewise."""
    folder = Path(folder)
    rows = [network_row(spec) for spec in specs]
    figure = channels_figure(rows)
    return write_report(channels_page(rows, figure, origin), [figure], folder)


def write_report(
    page: str, figures: Sequence[Figure], folder: str | Path
) -> ReportFiles:
    """Write a page with its figures, as `write_study_report` does."""
    folder = Path(folder)
    write_atomic(folder / "report.html", page)
    paths = [_write_figure(figure, folder / "figures") for figure in figures]
    return ReportFiles(
        page=folder / "report.html",
        svg=tuple(svg for svg, _ in paths),
        png=tuple(png for _, png in paths),
    )


def _write_figure(figure: Figure, folder: Path) -> tuple[Path, Path]:
    svg, png = folder / f"{figure.name}.svg", folder / f"{figure.name}.png"
    drawn = to_svg(figure.spec)
    write_atomic(svg, drawn)
    write_atomic(png, to_png(drawn))
    return svg, png
