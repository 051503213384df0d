"""What a fine-tuning would take, by the first steps of one of its trainings."""

from pathlib import Path

from rexpand.search.worker import training_data
from rexpand.train import Forecast, Start, plan
from rexpand.transfer.design import FineTuning, seed_tasks


def plan_finetuning(
    design: FineTuning, start: Start | None, data_root: str | Path | None = None
) -> Forecast:
    """What a training on all images takes; it leaves nothing.

    There are `design.trainings`; those of the grid leave out the held-out images. Raises
    as `rexpand.train.plan` does.
    """
    task, *_ = seed_tasks(design, design.rates[0], Path(), data_root)
    return plan(task.spec, task.network_recipe, training_data(task), start=start)
