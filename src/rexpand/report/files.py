"""The folder that a report leaves: a page, and every figure as SVG and PNG."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rexpand.records import Record, StudySummary, write_atomic
from rexpand.report.figures import Figure, study_figures, training_figures
from rexpand.report.page import study_page, training_page
from rexpand.report.rendering import to_png, to_svg


@dataclass(frozen=True, kw_only=True)
class StudyReportFiles:
    """What `write_study_report` wrote; figures in the order of the page."""

    page: Path
    svg: tuple[Path, ...]
    png: tuple[Path, ...]


@dataclass(frozen=True, kw_only=True)
class TrainingReportFiles:
    """What `write_training_report` wrote; figures in the order of the page."""

    page: Path
    svg: tuple[Path, ...]
    png: tuple[Path, ...]


def write_study_report(summary: StudySummary, folder: Path) -> StudyReportFiles:
    """Write `report.html`, `figures/*.svg` and `figures/*.png` below `folder`.

    Each file is replaced whole or not at all. Raises MissingExtraError without the
    `report` extra and OSError where the disk is full or the folder read-only.
    """
    figures = study_figures(summary)
    page = folder / "report.html"
    write_atomic(page, study_page(summary, figures))
    svg, png = _write_figures(figures, folder / "figures")
    return StudyReportFiles(page=page, svg=svg, png=png)


def write_training_report(record: Record, folder: Path) -> TrainingReportFiles:
    """Write the page and the curves of one run, as `write_study_report` does."""
    figures = training_figures(record)
    page = folder / "report.html"
    write_atomic(page, training_page(record, figures))
    svg, png = _write_figures(figures, folder / "figures")
    return TrainingReportFiles(page=page, svg=svg, png=png)


def _write_figures(
    figures: Sequence[Figure], folder: Path
) -> tuple[tuple[Path, ...], tuple[Path, ...]]:
    svg_paths, png_paths = [], []
    for figure in figures:
        svg = to_svg(figure.spec)
        svg_paths.append(folder / f"{figure.name}.svg")
        png_paths.append(folder / f"{figure.name}.png")
        write_atomic(svg_paths[-1], svg)
        write_atomic(png_paths[-1], to_png(svg))
    return tuple(svg_paths), tuple(png_paths)
