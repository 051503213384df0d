"""The page of a design: the verdict, what was tried, the hours, and how to use it."""

from collections.abc import Mapping
from html import escape
from pathlib import Path

from rexpand.records.design import (
    DesignExport,
    DesignPlan,
    DesignResult,
    DesignSide,
    DesignTrial,
)
from rexpand.report import formats, markup
from rexpand.report.design_findings import (
    design_cautions,
    design_finding,
    share_taken,
)
from rexpand.report.document import document, provenance, recipe
from rexpand.report.figures import Figure
from rexpand.report.files import ReportFiles, write_report
from rexpand.report.markup import Cell, Column

_TRIALS = (
    Column(title="Network"),
    Column(title="Input"),
    Column(title="Width", is_number=True, hint="its family's width multiplier"),
    Column(title="Macs", is_number=True),
    Column(title="Params", is_number=True),
    Column(title="Epochs", is_number=True),
    Column(title="Held-out accuracy (%)", is_number=True),
    Column(title="Images/s", is_number=True, hint="of training, on this machine"),
    Column(title="Latency (ms)", is_number=True, hint="measured"),
)
_SIDES = (
    Column(title="Network"),
    Column(title="Channels"),
    Column(title="Macs", is_number=True),
    Column(title="Params", is_number=True),
    Column(
        title="Test accuracy (%)", is_number=True, hint="mean, and half its interval"
    ),
    Column(title="Latency (ms)", is_number=True, hint="measured"),
)
_SHARES = (
    Column(title="Step"),
    Column(title="Planned", is_number=True),
    Column(title="Taken", is_number=True, hint="by its trainings"),
    Column(title="What it bought"),
    Column(title="Why"),
)


def write_design_report(result: DesignResult, folder: str | Path) -> ReportFiles:
    """Write the page and its figures below a folder, as `write_study_report` does."""
    figures = design_figures(result)
    return write_report(design_page(result, figures), figures, Path(folder))


def design_figures(result: DesignResult) -> tuple[Figure, ...]:
    """The verdict, the channels of both networks, and the trials."""
    from rexpand.report import charts

    verdict, held_out = result.verdict, result.plan.data.held_out
    sure = f"{100 * verdict.confidence:.0f} %"
    return (
        Figure(
            name="gain",
            title="The searched network less that of the catalogue",
            caption=(
                f"Test accuracy, seed by seed, with intervals of {sure}: Student's t over "
                "the paired seeds, and the paired bootstrap over the test images."
            ),
            spec=charts.design_gain(verdict).to_dict(),
            is_wide=False,
        ),
        Figure(
            name="channels",
            title="Channels of both networks",
            caption="Output channels of each block against block index.",
            spec=charts.design_channels(verdict).to_dict(),
            is_wide=False,
        ),
        Figure(
            name="trials",
            title="Short trials of families and sizes",
            caption=(
                f"One training each, judged on {held_out:,} held-out training images, at "
                "equal cost. The ring marks the choice."
            ),
            spec=charts.design_trials(result.proposal).to_dict(),
        ),
    )


def design_page(result: DesignResult, figures: tuple[Figure, ...]) -> str:
    """The page as one HTML document; MissingExtraError without the `report` extra."""
    plan = result.plan
    shown = {
        each.name: markup.figure(number, each)
        for number, each in enumerate(figures, start=1)
    }
    body = [
        *(markup.paragraph(text, "caution") for text in design_cautions(result)),
        markup.facts(_facts(result)),
        _section(
            "Verdict", "verdict", _compared(result), shown["gain"], shown["channels"]
        ),
        _section("What was tried", "tried", _tried(result), shown["trials"]),
        markup.section("Use it", _use(result.export), "use"),
        markup.section("The data", _data(plan), "data"),
        markup.section("The hours", _hours(result), "hours"),
        recipe(plan.recipe.with_epochs(result.training.epochs)),
        provenance(result.provenances),
    ]
    return document(
        title=f"A network for {plan.data.name}",
        kicker=f"Design · {_budget(plan)} · {plan.seconds / 3600:.3g} h",
        lead=design_finding(result),
        body="".join(body),
        figures=figures,
    )


def _section(title: str, name: str, text: str, *figures: str) -> str:
    shown = f'<div class="figures">{"".join(figures)}</div>'
    return markup.section(title, shown + text, name)


def _budget(plan: DesignPlan) -> str:
    bounds = {"macs": plan.budget_macs, "params": plan.budget_params}
    known = {name: bound for name, bound in bounds.items() if bound is not None}
    told = formats.budget(known)
    if plan.most_latency_ms is None:
        return told
    return f"{told}, {plan.most_latency_ms:g} ms under {plan.runtime}"


def _facts(result: DesignResult) -> list[tuple[str, str]]:
    verdict, export = result.verdict, result.export
    side = verdict.searched if export.is_searched else verdict.catalogue
    teacher = result.training.teacher
    return [
        ("Test accuracy", f"{formats.interval(side.accuracy, 2)} %"),
        ("Gain over the catalogue", f"{verdict.by_image.mean:+.2f} points"),
        ("Macs", formats.count(side.macs)),
        ("Params", formats.count(side.params)),
        *([("Latency", f"{side.latency_ms:.3g} ms")] if side.latency_ms else []),
        ("Seeds", str(len(verdict.gains))),
        ("Teacher", teacher.origin if teacher else "none"),
        ("Training time", formats.duration(result.seconds)),
    ]


def _compared(result: DesignResult) -> str:
    verdict, training = result.verdict, result.training
    has_latency = verdict.searched.latency_ms is not None
    rows = [_side_cells(each) for each in (verdict.searched, verdict.catalogue)]
    caption = (
        f"Both were trained alike for {formats.plural(training.epochs, 'epoch')} with "
        f"{formats.plural(training.seeds, 'seed')} on all training images, and judged on "
        f"{verdict.test_images:,} test images, which chose nothing before."
    )
    return _table(_SIDES, rows, caption, has_latency)


def _side_cells(side: DesignSide) -> list[Cell]:
    return [
        Cell(text=side.network),
        Cell(
            text=formats.stages(side.channels), markup=markup.sparkline(side.channels)
        ),
        _number(formats.count(side.macs)),
        _number(formats.count(side.params)),
        _number(formats.interval(side.accuracy, 2)),
        _number(_ms(side.latency_ms)),
    ]


def _tried(result: DesignResult) -> str:
    plan, proposal, training = result.plan, result.proposal, result.training
    has_latency = plan.most_latency_ms is not None
    rows = [_trial_cells(each) for each in proposal.trials]
    caption = (
        "Networks of the catalogue, each scaled as a whole until it fills the budget."
    )
    study = (
        f"Then {proposal.search_trials} channel configurations of {proposal.winner.network} "
        f"were trained for {formats.plural(proposal.search_epochs, 'epoch')} each; the best "
        f"reached {training.search_accuracy:.1f} % on the held-out images. The study lies in "
        "the folder search, with a page of its own."
    )
    notes = [f"Choice: {text}." for text in proposal.reasons]
    notes += [f"Left out: {text}." for text in plan.left_out]
    return _table(_TRIALS, rows, caption, has_latency) + "".join(
        markup.paragraph(text, "note") for text in (*notes, study)
    )


def _trial_cells(trial: DesignTrial) -> list[Cell]:
    candidate = trial.candidate
    pace = candidate.images_per_second
    return [
        Cell(text=candidate.network),
        Cell(text=str(candidate.size)),
        _number(f"{candidate.width_mult:g}"),
        _number(formats.count(candidate.macs)),
        _number(formats.count(candidate.params)),
        _number(str(trial.epochs)),
        _number(formats.percent(trial.accuracy)),
        _number("-" if pace is None else f"{pace:,.0f}"),
        _number(_ms(candidate.latency_ms)),
    ]


def _use(export: DesignExport) -> str:
    ways = {
        "In PyTorch, in the folder model:": export.in_pytorch,
        "In timm, with the images that it expects in its pretrained_cfg:": export.in_timm,
        "In ONNX Runtime, where images is float32, normalised as the card says:": (
            export.in_onnxruntime
        ),
    }
    code = "".join(
        f"{markup.paragraph(title)}<pre><code>{escape(chr(10).join(lines))}</code></pre>"
        for title, lines in ways.items()
    )
    checked = (
        f"ONNX Runtime's scores differ by at most {export.difference:.1g} of the largest "
        f"score, on random images and on {export.real_images} test images. The model card "
        f"is {export.files[0]}."
    )
    return code + markup.paragraph(checked, "note")


def _data(plan: DesignPlan) -> str:
    data = plan.data
    sides = f"{data.side} ({data.least_side} to {data.most_side})"
    facts = {
        "training images": f"{data.train_images:,}",
        "held out of them": f"{data.held_out:,}",
        "test images": f"{data.test_images:,}",
        "classes": f"{data.classes:,}",
        "smallest class": f"{data.least_images:,} ({data.least})",
        "largest class": f"{data.most_images:,} ({data.most})",
        "shorter side, pixels": sides,
        "channels": str(data.channels),
    }
    reasons = "".join(
        markup.paragraph(f"{text[0].upper()}{text[1:]}.", "note")
        for text in plan.reasons
    )
    return markup.definitions(facts) + reasons


def _hours(result: DesignResult) -> str:
    training = result.training
    bought: Mapping[str, tuple[int, int]] = {
        "trials": (
            len(result.proposal.trials),
            result.proposal.trials[0].epochs,
        ),
        "search": (result.proposal.search_trials, result.proposal.search_epochs),
        "training": (2 * training.seeds, training.epochs),
    }
    rows = []
    for share in result.plan.shares:
        taken = share_taken(result, share)
        count, epochs = bought.get(share.step, (0, 0))
        told = (
            f"{formats.plural(count, 'training')} of {formats.plural(epochs, 'epoch')}"
            if count
            else "-"
        )
        rows.append(
            [
                Cell(text=share.step),
                _number(formats.duration(share.seconds)),
                _number("-" if taken is None else formats.duration(taken)),
                Cell(text=told),
                Cell(text=share.reason),
            ]
        )
    caption = (
        "Planned times are predictions from the first steps of each candidate. The last "
        f"trainings were planned when they began: {training.reason}."
    )
    return markup.table(_SHARES, rows, caption)


def _table(
    columns: tuple[Column, ...], rows: list[list[Cell]], caption: str, has_latency: bool
) -> str:
    """A table whose last column is the latency, left out where there is none."""
    end = len(columns) if has_latency else -1
    return markup.table(columns[:end], [row[:end] for row in rows], caption)


def _number(text: str) -> Cell:
    return Cell(text=text, is_number=True)


def _ms(latency: float | None) -> str:
    return "-" if latency is None else f"{latency:.3g}"
