"""The page of a fine-tuning: the grid of rates, the seeds, where the weights are from."""

from pathlib import Path
from statistics import mean

from rexpand.records import FineTuningSummary, TriedRate
from rexpand.report import formats, markup
from rexpand.report.document import document, provenance, recipe
from rexpand.report.figures import Figure
from rexpand.report.files import ReportFiles, write_report
from rexpand.report.markup import Cell, Column

_GRID = (
    Column(title="Learning rate", is_number=True),
    Column(title="Held-out accuracy (%)", is_number=True),
    Column(title="Held-out loss", is_number=True),
    Column(title="Choice"),
)
_SEEDS = (
    Column(title="Seed", is_number=True),
    Column(title="Test accuracy (%)", is_number=True),
    Column(title="Test loss", is_number=True),
)


def write_finetuning_report(
    summary: FineTuningSummary, folder: str | Path
) -> ReportFiles:
    """Write the page and its figures below a folder, as `write_study_report` does."""
    figures = finetuning_figures(summary)
    return write_report(finetuning_page(summary, figures), figures, Path(folder))


def finetuning_figures(summary: FineTuningSummary) -> tuple[Figure, ...]:
    """The grid and the seeds, as far as they are there."""
    from rexpand.report import charts

    grid, seeds = charts.rate_grid(summary), charts.seed_accuracies(summary)
    figures = []
    if grid is not None:
        caption = (
            f"On {summary.held_out:,} training images that were held out. The rate with "
            "the circle is the chosen one."
        )
        figures.append(
            Figure(
                name="grid",
                title="Accuracy by learning rate",
                caption=caption,
                spec=grid.to_dict(),
                is_wide=False,
            )
        )
    if seeds is not None:
        confidence = f"{100 * summary.confidence:.0f} % interval (Student's t)"
        figures.append(
            Figure(
                name="seeds",
                title="Accuracy of the seeds",
                caption=f"On the test images; the mean and its {confidence}.",
                spec=seeds.to_dict(),
                is_wide=False,
            )
        )
    return tuple(figures)


def finetuning_page(summary: FineTuningSummary, figures: tuple[Figure, ...]) -> str:
    """The page as one HTML document; MissingExtraError without the `report` extra."""
    shown = {
        each.name: markup.figure(number, each)
        for number, each in enumerate(figures, start=1)
    }
    body = [
        *(markup.paragraph(text, "caution") for text in finetuning_cautions(summary)),
        markup.facts(_facts(summary)),
        f'<div class="figures">{"".join(shown.values())}</div>',
        _grid(summary) if summary.grid else "",
        _seeds(summary) if summary.accuracies else "",
        recipe(summary.recipe),
        provenance(summary.provenances) if summary.provenances else "",
    ]
    start = "Fine-tuning" if summary.started_from else "From scratch"
    return document(
        title=f"{summary.network} on {summary.data}",
        kicker=f"{start} · {summary.data}",
        lead=finetuning_finding(summary),
        body="".join(body),
        figures=figures,
    )


def finetuning_finding(summary: FineTuningSummary) -> str:
    """The accuracy with its interval, from which weights, at which rate."""
    start = f"from {summary.started_from}" if summary.started_from else "from scratch"
    found = summary.accuracy
    if found is None or summary.evaluated_images is None:
        return f"{summary.network}, trained {start}: no seed is finished yet."
    reached = (
        f"{summary.network}, trained {start}, reaches {found.mean:.2f} % on "
        f"{summary.evaluated_images:,} test images of {summary.data} at learning rate "
        f"{summary.learning_rate:g}"
    )
    if found.low is None or found.high is None:
        return f"{reached}, with one seed."
    return (
        f"{reached}, {100 * summary.confidence:.0f} % interval {found.low:.2f} to "
        f"{found.high:.2f} ({found.count} seeds)."
    )


def finetuning_cautions(summary: FineTuningSummary) -> tuple[str, ...]:
    """What to know before the numbers are used."""
    found = []
    if summary.is_at_the_edge:
        found.append(
            "The chosen learning rate is an end of the grid: one beyond it may be better."
        )
    lost = [each.learning_rate for each in summary.grid if each.diverged]
    if lost:
        rates = ", ".join(f"{rate:g}" for rate in lost)
        found.append(f"Training diverged at learning rate {rates}.")
    return tuple(found)


def _facts(summary: FineTuningSummary) -> list[tuple[str, str]]:
    learns = "the classifier" if summary.recipe.learns == "classifier" else "all layers"
    rate = "-" if summary.learning_rate is None else f"{summary.learning_rate:g}"
    mean_accuracy = (
        "-" if summary.accuracy is None else f"{summary.accuracy.mean:.2f} %"
    )
    return [
        ("Mean test accuracy", mean_accuracy),
        ("Seeds", f"{len(summary.accuracies)} of {summary.seeds}"),
        ("Learning rate", rate),
        ("What learns", learns),
        ("Epochs", f"{summary.recipe.epochs:,}"),
        ("Training images", f"{summary.images:,}"),
        ("Image size", f"{summary.resolution} pixels"),
        ("Params", formats.count(summary.params)),
        ("Macs", formats.count(summary.macs)),
        ("Training time", formats.duration(summary.seconds)),
    ]


def _grid(summary: FineTuningSummary) -> str:
    rows = [_tried(each, summary.learning_rate) for each in summary.grid]
    caption = (
        f"Each rate is trained without {summary.held_out:,} images of the training set, "
        "which judge it; test images have no say."
    )
    table = markup.table(_GRID, rows, caption, "sortable")
    return markup.section("Learning rates", table, "grid")


def _tried(tried: TriedRate, chosen: float | None) -> list[Cell]:
    rate = tried.learning_rate
    word = "chosen" if rate == chosen else ("diverged" if tried.diverged else "")
    return [
        Cell(text=f"{rate:g}", value=rate, is_number=True),
        _mean_of(tried.accuracies, 2),
        _mean_of(tried.losses, 4),
        Cell(text=word),
    ]


def _mean_of(values: tuple[float, ...], digits: int) -> Cell:
    if not values:
        return Cell(text="-", is_number=True)
    middle = mean(values)
    return Cell(text=f"{middle:.{digits}f}", value=middle, is_number=True)


def _seeds(summary: FineTuningSummary) -> str:
    rows = [
        [
            Cell(text=f"{seed}", value=seed, is_number=True),
            Cell(text=f"{accuracy:.2f}", value=accuracy, is_number=True),
            Cell(text=f"{loss:.4f}", value=loss, is_number=True),
        ]
        for seed, (accuracy, loss) in enumerate(
            zip(summary.accuracies, summary.losses, strict=True)
        )
    ]
    caption = (
        "Each seed learns from all training images; the test images judge the weights "
        "after the last epoch, once."
    )
    return markup.section(
        "Seeds", markup.table(_SEEDS, rows, caption, "sortable"), "seeds"
    )
