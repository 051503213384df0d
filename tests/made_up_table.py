"""A made-up table: two studies of twelve trials in four shapes, two seeds each."""

from rexpand.cost import cost_of
from rexpand.recipe import RECIPES
from rexpand.records import SearchTable, TableRow, TableStudy
from rexpand.spec import network

SPEC = network("search_18")
SHAPES = ("linear", "stagewise", "convex", "concave")


def made_up_study(name: str) -> TableStudy:
    return TableStudy(
        name=name,
        spec=SPEC,
        data="digits",
        budget_macs=100_000_000,
        budget_params=None,
        slack=0.05,
        drawn=12,
        seeds=2,
        recipe=RECIPES["search"],
        train_subset=100,
        evaluated_images=50,
        sampling_seed=0,
        provenances=(),
    )


def made_up_row(study: str, trial: int, seed: int) -> TableRow:
    """Trial n of 5 + n channels in its first block; linear ones are a point better."""
    channels = (5 + trial, 20, 30, 40, 50)
    cost = cost_of(SPEC.with_channels(channels))
    shape = SHAPES[trial % len(SHAPES)]
    accuracy = 20 + 0.1 * (trial // len(SHAPES)) + 0.02 * seed + (shape == "linear")
    return TableRow(
        study=study,
        trial=trial,
        seed=seed,
        shape=shape,
        channels=channels,
        params=int(cost.params),
        macs=int(cost.macs),
        activations=int(cost.activations),
        memory_access=int(cost.memory_access),
        accuracy=accuracy,
        epoch_accuracies=(accuracy / 2, accuracy),
        nuclear_norm=100.0 + trial + seed,
        effective_rank=None,
        seconds=10.0,
    )


TABLE = SearchTable(
    studies=(made_up_study("small"), made_up_study("large")),
    rows=tuple(
        made_up_row(study, trial, seed)
        for study in ("small", "large")
        for trial in range(12)
        for seed in (0, 1)
    ),
)
