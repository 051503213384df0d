"""The statistics of a study, again, from its rows of a table."""

from rexpand.budget import Budget, weights
from rexpand.records import SearchTable, StudySummary, TrialSummary
from rexpand.search.summary import summed_up
from rexpand.search.table.queries import TableTrial, trials_of


def summary_of(table: SearchTable, study: str) -> StudySummary:
    """What `summarise` gives for the study's folder, as far as its trials finished.

    A table keeps no design, so the error of ranking by short trainings is left out.

    `rexpand.report.write_study_report` makes the page of it. Raises UnknownNameError for
    a study that is not in the table.
    """
    found = trials_of(table, study=study)
    known = table.study(study)
    counted = weights([trial.shape for trial in found]).tolist()
    return summed_up(
        name=known.name,
        network=known.spec.name,
        data=known.data,
        budget=Budget(macs=known.budget_macs, params=known.budget_params),
        slack=known.slack,
        recipe=known.recipe,
        seeds=known.seeds,
        trials=[_trial(*pair) for pair in zip(found, counted, strict=True)],
        provenances=known.provenances,
    )


def _trial(trial: TableTrial, weight: float) -> TrialSummary:
    return TrialSummary(
        number=trial.number,
        channels=trial.channels,
        shape=trial.shape,
        weight=weight,
        params=trial.params,
        macs=trial.macs,
        activations=trial.activations,
        memory_access=trial.memory_access,
        state="complete",
        seeds=tuple(row.seed for row in trial.rows),
        accuracies=trial.accuracies,
        accuracy=trial.accuracy,
        nuclear_norm=trial.nuclear_norm,
        effective_rank=trial.effective_rank,
        seconds=trial.seconds,
    )
