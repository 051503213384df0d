"""From the folder of a fine-tuning to what it has found so far."""

from collections.abc import Sequence
from pathlib import Path
from statistics import mean

from rexpand.cost import cost_of
from rexpand.records import FineTuningSummary, Record, TriedRate, merged
from rexpand.search.intervals import CONFIDENCE, interval
from rexpand.search.task import Task, finished_records
from rexpand.transfer.design import FineTuning, grid_tasks, rate_of, seed_tasks


def summarise_finetuning(
    design: FineTuning, folder: str | Path, diverged: Sequence[Task] = ()
) -> FineTuningSummary:
    """The grid, the rate that it chose, and the seeds that are finished.

    Of the trainings that `diverged` no record is left; whoever ran them knows.
    """
    folder = Path(folder)
    tasks = grid_tasks(design, folder, None)
    tried = finished_records(tasks)
    grid = _grid(design, tried, diverged)
    rate = chosen_rate(design, grid)
    last = [] if rate is None else seed_tasks(design, rate, folder, None)
    seeds = finished_records(last)
    every = [*tried, *seeds]
    cost = cost_of(design.spec)
    accuracies = tuple(record.accuracy for record in seeds)
    return FineTuningSummary(
        network=design.spec.name,
        data=design.data,
        started_from=design.started_from,
        recipe=design.recipe,
        resolution=design.spec.side,
        params=cost.params,
        macs=cost.macs,
        images=seeds[0].images if seeds else design.train_subset,
        held_out=design.held_out,
        evaluated_images=seeds[0].evaluated_images if seeds else None,
        grid=grid,
        learning_rate=rate,
        seeds=design.seeds,
        accuracies=accuracies,
        losses=tuple(record.loss for record in seeds),
        accuracy=interval(accuracies),
        confidence=CONFIDENCE,
        seconds=sum(record.seconds for record in every),
        provenances=merged(record.provenance for record in every),
    )


def chosen_rate(design: FineTuning, grid: Sequence[TriedRate]) -> float | None:
    """The rate whose held-out accuracy is best on average; None before all are tried.

    Equal accuracies are told apart by the lower held-out loss, then by the lower rate. A
    rate that diverged with any seed is not chosen. Test images have no say.
    """
    if len(design.rates) == 1:
        return design.rates[0]
    if any(len(t.accuracies) + t.diverged < design.grid_seeds for t in grid):
        return None
    sound = [tried for tried in grid if not tried.diverged]
    best = min(
        sound,
        key=lambda t: (-mean(t.accuracies), mean(t.losses), t.learning_rate),
        default=None,
    )
    return best.learning_rate if best else None


def _grid(
    design: FineTuning, tried: Sequence[Record], diverged: Sequence[Task]
) -> tuple[TriedRate, ...]:
    """Every rate with what is known of it; nothing where one rate is all there is."""
    if len(design.rates) == 1:
        return ()
    lost = [rate_of(task.network_recipe) for task in diverged]
    return tuple(
        TriedRate(
            learning_rate=rate,
            accuracies=tuple(r.accuracy for r in tried if rate_of(r.recipe) == rate),
            losses=tuple(r.loss for r in tried if rate_of(r.recipe) == rate),
            diverged=lost.count(rate),
        )
        for rate in design.rates
    )
