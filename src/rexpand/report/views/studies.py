"""Studies of channels and single trainings, as views."""

from typing import TYPE_CHECKING

from rexpand.records import Record, StudySummary, TrialSummary
from rexpand.report import formats
from rexpand.report.findings import finding
from rexpand.report.views.table import Column, Table, decimals
from rexpand.report.views.view import View

if TYPE_CHECKING:
    import altair as alt


def _study_table(summary: StudySummary) -> Table:
    best = sorted(summary.trials, key=_order)
    return Table(
        title=f"{summary.name}: {finding(summary)}",
        columns=(
            Column(name="trial", title="trial"),
            Column(name="channels", title="channels", written=formats.configuration),
            Column(name="shape", title="shape"),
            Column(name="accuracy", title="accuracy (%)", written=decimals(2)),
            Column(name="seeds", title="seeds"),
            Column(name="params", title="params", written=formats.count),
            Column(name="macs", title="macs", written=formats.count),
            Column(name="nuclear_norm", title="nuclear norm", written=decimals(2)),
            Column(name="group", title="group"),
            Column(name="state", title="state"),
        ),
        rows=tuple(_trial_row(trial) for trial in best),
    )


def _trial_row(trial: TrialSummary) -> tuple[object, ...]:
    return (
        *(trial.number, trial.channels, trial.shape, trial.accuracy),
        *(len(trial.accuracies), trial.params, trial.macs, trial.nuclear_norm),
        *(trial.group, formats.state(trial)),
    )


def _order(trial: TrialSummary) -> tuple[bool, float, int]:
    """The most accurate first, those without an accuracy last."""
    return trial.accuracy is None, -(trial.accuracy or 0.0), trial.number


def _study_chart(summary: StudySummary) -> "alt.LayerChart | None":
    """The paper's Figure 2; before there are groups, every configuration."""
    from rexpand.report import charts

    return charts.mean_channels(summary) or charts.all_configurations(summary)


def _record_table(record: Record) -> Table:
    return Table(
        title=(
            f"{record.spec.name} on {record.data}, seed {record.seed}: "
            f"{record.accuracy:.2f} % on {record.evaluated_on} images"
        ),
        columns=(
            Column(name="epoch", title="epoch"),
            Column(name="loss", title="training loss", written=decimals(4)),
            Column(name="held_out_loss", title="loss", written=decimals(4)),
            Column(name="accuracy", title="accuracy (%)", written=decimals(2)),
            Column(
                name="learning_rate",
                title="learning rate",
                written=lambda rate: f"{rate:.3g}",
            ),
        ),
        rows=tuple(
            (
                each.epoch + 1,
                each.loss,
                each.held_out_loss,
                each.accuracy,
                each.learning_rate,
            )
            for each in record.epochs
        ),
    )


def _record_chart(record: Record) -> "alt.LayerChart":
    from rexpand.report import charts

    return charts.accuracy_curve([record])


STUDY = View(
    table=_study_table, chart=_study_chart, missing="no trial of the study is finished"
)
RECORD = View(table=_record_table, chart=_record_chart)
