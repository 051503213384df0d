"""What a trained network is worth for other data: fine-tuning."""

from rexpand.transfer.design import (
    FineTuning,
    create_finetuning,
    finetuning_folder,
)
from rexpand.transfer.finetuning import (
    design_finetuning,
    finetune,
    finetuning_recipe,
    rates_around,
)
from rexpand.transfer.planning import plan_finetuning
from rexpand.transfer.running import run_finetuning
from rexpand.transfer.summary import summarise_finetuning

__all__ = [
    "FineTuning",
    "create_finetuning",
    "design_finetuning",
    "finetune",
    "finetuning_folder",
    "finetuning_recipe",
    "plan_finetuning",
    "rates_around",
    "run_finetuning",
    "summarise_finetuning",
]
