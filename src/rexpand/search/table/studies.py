"""From the folders of studies to a table."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from rexpand.cost import cost_of
from rexpand.errors import StudyError
from rexpand.recipe import Recipe
from rexpand.records import (
    Record,
    SearchTable,
    StudySummary,
    TableRow,
    TableStudy,
    TrialSummary,
    read_record,
)
from rexpand.records.record import RECORD
from rexpand.search.design import StudyDesign, read_study
from rexpand.search.summary import summarise


def table_of(folders: Sequence[str | Path]) -> SearchTable:
    """The finished trials of studies, one row per seed; each has its folder's name.

    Trials that were stopped early by a pruner or that still run are left out. Raises
    StudyError for a folder without a study or with no finished trial, for two of one
    name, and for a budget with a latency or an adaptive sampler, which a table does not
    hold.
    """
    studies: list[TableStudy] = []
    rows: list[TableRow] = []
    for folder in map(Path, folders):
        design = read_study(folder)
        _check(folder, design)
        summary = summarise(folder)
        if summary.name in {each.name for each in studies}:
            raise StudyError(
                f"two studies are called {summary.name}; rename the folder of one"
            )
        found = list(_rows(folder, design, summary))
        studies.append(_study(folder, design, summary, found))
        rows += found
    return SearchTable(studies=tuple(studies), rows=tuple(rows))


def _check(folder: Path, design: StudyDesign) -> None:
    if design.detector is not None:
        raise StudyError(
            f"the trials of {folder} are detectors, and a table holds classifiers; give "
            "studies of classifiers"
        )
    others = [n for n in design.budget.bounds if n not in design.budget.counts]
    if others:
        raise StudyError(
            f"{folder} has a bound on {others[0]}, which a table does not hold; give "
            "studies of macs and params"
        )
    if design.sampler.is_adaptive:
        raise StudyError(
            f"{folder} was searched by {design.sampler.name}, and the trials of a table "
            "are a random sample; give studies of the random sampler"
        )


def _study(
    folder: Path, design: StudyDesign, summary: StudySummary, rows: Sequence[TableRow]
) -> TableStudy:
    if not rows:
        raise StudyError(
            f"no trial of {folder} is finished; run `rexpand search resume`"
        )
    if design.sampler.is_adaptive:
        raise StudyError(
            f"trials of {folder} were proposed by {design.sampler.name}, and a table holds "
            "random samples; give studies of the sampler random"
        )
    record = _record(folder, rows[0].trial, rows[0].seed)
    assert isinstance(design.recipe, Recipe)  # `_check` refuses others
    return TableStudy(
        name=summary.name,
        spec=design.spec,
        data=design.data,
        budget_macs=summary.budget_macs,
        budget_params=summary.budget_params,
        slack=design.slack,
        drawn=design.trials,
        seeds=design.seeds,
        recipe=design.recipe,
        train_subset=design.train_subset,
        evaluated_images=record.evaluated_images,
        sampling_seed=design.sampling_seed,
        provenances=summary.provenances,
    )


def _rows(
    folder: Path, design: StudyDesign, summary: StudySummary
) -> Iterator[TableRow]:
    for trial in summary.trials:
        if trial.state == "complete":
            for seed in trial.seeds:
                record = _record(folder, trial.number, seed)
                yield _row(summary.name, design, trial, record)


def _record(folder: Path, trial: int, seed: int) -> Record:
    place = folder / "trials" / f"{trial:04d}" / f"seed-{seed}"
    return read_record(Record, place / RECORD)


def _row(
    study: str, design: StudyDesign, trial: TrialSummary, record: Record
) -> TableRow:
    cost = cost_of(design.spec.with_channels(trial.channels))
    return TableRow(
        study=study,
        trial=trial.number,
        seed=record.seed,
        shape=trial.shape,
        channels=trial.channels,
        params=int(cost.params),
        macs=int(cost.macs),
        activations=int(cost.activations),
        memory_access=int(cost.memory_access),
        accuracy=record.accuracy,
        epoch_accuracies=tuple(each.accuracy for each in record.epochs),
        nuclear_norm=record.nuclear_norm,
        effective_rank=record.effective_rank,
        seconds=record.seconds,
    )
