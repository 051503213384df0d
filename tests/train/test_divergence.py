"""A training whose loss is not finite stops, or goes back once where it is asked to."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from rexpand.data.dataset import DataSet
from rexpand.data.split import stratified_subset
from rexpand.errors import RunError
from rexpand.models import load_network
from rexpand.recipe import SGD, Constant, Recipe
from rexpand.records import RecipeChange, Record
from rexpand.spec import network
from rexpand.train import Interval, Silence, train

SPEC = network("search_18")
# Each step multiplies the decayed weights by 1 - 3.9 = -2.9, so that float32 overflows;
# at half the rate it is 1 - 1.95 = -0.95, and they shrink.
EXPLODING = Recipe(
    epochs=4,
    batch_size=8,
    optimizer=SGD(learning_rate=0.1, momentum=0.0, weight_decay=39.0),
    schedule=Constant(warmup_epochs=0.0),
)
ROLLING_BACK = replace(EXPLODING, on_divergence="roll_back")


class Alarms(Silence):
    def __init__(self) -> None:
        self.said: list[str] = []

    def alarm(self, message: str) -> None:
        self.said.append(message)


@pytest.fixture(scope="module")
def few(digits: DataSet) -> DataSet:
    """Twenty steps an epoch."""
    return replace(
        digits,
        train=stratified_subset(digits.train, 160, seed=0),
        test=stratified_subset(digits.test, 40, seed=0),
    )


def test_a_training_that_diverges_stops_in_one_line(
    few: DataSet, tmp_path: Path
) -> None:
    with pytest.raises(RunError) as stopped:
        train(SPEC, EXPLODING, few, folder=tmp_path)

    # The loss is looked at after every fiftieth step: the 10th of the third epoch.
    assert str(stopped.value) == (
        "the loss of search_18 is nan in epoch 3, by step 10; lower learning_rate, now "
        "0.1, or set on_divergence to roll_back"
    )
    assert not (tmp_path / "record.json").exists()


def test_a_training_that_goes_back_ends_with_half_the_rate(
    few: DataSet, tmp_path: Path
) -> None:
    alarms = Alarms()

    def go_on(until_epoch: int | None = None) -> Record:
        return train(
            SPEC,
            ROLLING_BACK,
            few,
            folder=tmp_path,
            progress=alarms,
            checkpoint_every=Interval(steps=7),
            until_epoch=until_epoch,
        )

    go_on(until_epoch=3)
    record = go_on()

    [change] = record.changes
    assert change == RecipeChange(
        epoch=1,
        step=14,
        field="optimizer.learning_rate",
        before="0.1",
        after="0.05",
        reason="diverged",
    )
    # After a pause too.
    rates = [epoch.learning_rate for epoch in record.epochs]
    assert rates == [0.1, 0.05, 0.05, 0.05]
    [said] = alarms.said
    assert said.endswith(
        "going on after step 14 of epoch 2 with half the learning rate"
    )
    # What is kept is a network: no weight of it is lost.
    kept = load_network(tmp_path / "network.safetensors")
    assert all(torch.isfinite(each).all() for each in kept.parameters())


def test_a_second_divergence_stops_the_training(few: DataSet, tmp_path: Path) -> None:
    hopeless = replace(
        ROLLING_BACK,
        optimizer=SGD(learning_rate=0.1, momentum=0.0, weight_decay=300.0),
    )

    with pytest.raises(RunError, match=r"lower learning_rate, now 0\.05"):
        train(SPEC, hopeless, few, folder=tmp_path)
