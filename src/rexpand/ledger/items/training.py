"""How the paper trained on ImageNet: its recipe, field by field, beside ours."""

from pathlib import Path

from rexpand.ledger.item import counted_item
from rexpand.ledger.reading import Reading
from rexpand.ledger.row import agreed, not_run
from rexpand.recipe import RECIPES, SGD, Cosine, RandAugment, RandomErasing
from rexpand.spec import network

_README = "the README's command"
_TEXT = "Section 5.1 and the first version"


def _read(root: Path) -> Reading:
    recipe, spec = RECIPES["paper"], network("rexnet_100")
    augmentation = recipe.augmentation
    assert augmentation is not None  # the paper's has one
    drawn, erased = augmentation.rand_augment, augmentation.erasing
    fields = (
        ("epochs", "400", _README, recipe.epochs == 400),
        ("images of a step", "512 on 4 GPUs", _TEXT, recipe.batch_size == 512),
        (
            "optimiser",
            "SGD, rate 0.5, momentum 0.9, decay 1e-5",
            _TEXT,
            recipe.optimizer == SGD(learning_rate=0.5, momentum=0.9, weight_decay=1e-5),
        ),
        (
            "schedule",
            "cosine after 5 epochs of warm-up",
            _TEXT,
            recipe.schedule == Cosine(warmup_epochs=5),
        ),
        ("dropout", "0.2", _README, recipe.dropout == 0.2),
        ("RandAugment", "m9-mstd0.5", _README, drawn == RandAugment(magnitude=9)),
        (
            "random erasing",
            "0.2, by pixels",
            _README,
            erased == RandomErasing(probability=0.2),
        ),
        ("pixels of a side", "224", _TEXT, spec.resolution == 224),
    )
    return Reading(
        rows=(
            *(
                agreed(f"{what}, {where}", printed, is_so)
                for what, printed, where, is_so in fields
            ),
            not_run(
                "top-1 of x1.0 after it",
                "77.9",
                "%",
                "400 epochs of ImageNet, on 4 GPUs",
            ),
        )
    )


ITEMS = (
    counted_item(
        "imagenet-recipe",
        "how the paper trained on ImageNet",
        "arXiv 2007.00992, Section 5.1, and clovaai/rexnet README",
        "the fields of the recipe `paper` are compared; the training is not run",
        _read,
    ),
)
