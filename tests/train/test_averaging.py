"""The average of the weights is what is judged and kept, and survives a stop."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from rexpand.data.dataset import DataSet
from rexpand.data.split import stratified_subset
from rexpand.errors import SpecError
from rexpand.models import build, load_network
from rexpand.recipe import EMA, RECIPES
from rexpand.spec import network
from rexpand.train import train
from rexpand.train.optimization import fresh_average, move_average

SPEC = network("search_18")
PLAIN = RECIPES["digits"].with_epochs(2)
AVERAGED = replace(PLAIN, averaging=EMA(decay=0.9))


@pytest.fixture(scope="module")
def few(digits: DataSet) -> DataSet:
    """200 digits to train on, besides the 200 that the recipe holds out."""
    return replace(digits, train=stratified_subset(digits.train, 400, seed=0))


def test_the_average_is_the_exponential_one_with_a_warm_up() -> None:
    ema = EMA(decay=0.5)
    built = build(SPEC.with_classes(10)).double()
    average = fresh_average(built)
    weight = next(built.parameters())
    start, values = weight.detach().clone(), [1.0, -2.0, 4.0, 3.0]

    for step, value in enumerate(values, start=1):
        with torch.no_grad():
            weight.fill_(value)
        move_average(average, built, step, ema)

    # By hand: decay min(0.5, (1 + n) / (10 + n)) is 2/11, 3/12, 4/13, 5/14.
    expected = start
    for step, value in enumerate(values, start=1):
        decay = min(0.5, (1 + step) / (10 + step))
        expected = decay * expected + (1 - decay) * value
    found = next(average.parameters())
    torch.testing.assert_close(found, expected, rtol=1e-14, atol=1e-14)


def test_after_its_warm_up_the_decay_is_the_recipes() -> None:
    assert EMA(decay=0.9).decay_at(1) == pytest.approx(2 / 11)
    assert EMA(decay=0.9).decay_at(10_000) == 0.9


def test_averaging_changes_what_is_kept_and_not_how_it_is_trained(
    few: DataSet, tmp_path: Path
) -> None:
    plain = train(SPEC, PLAIN, few, seed=0, folder=tmp_path / "plain")
    averaged = train(SPEC, AVERAGED, few, seed=0, folder=tmp_path / "averaged")

    # The losses of training are the same bits; the judged network is another one.
    assert [e.loss for e in plain.epochs] == [e.loss for e in averaged.epochs]
    assert plain.loss != averaged.loss
    kept = [
        load_network(tmp_path / name / "network.safetensors").state_dict()
        for name in ("plain", "averaged")
    ]
    assert not all(torch.equal(kept[0][key], kept[1][key]) for key in kept[0])


def test_a_decay_of_nothing_keeps_the_weights_themselves(
    few: DataSet, tmp_path: Path
) -> None:
    recipe = replace(PLAIN, averaging=EMA(decay=0.0))

    train(SPEC, PLAIN, few, seed=0, folder=tmp_path / "plain")
    train(SPEC, recipe, few, seed=0, folder=tmp_path / "averaged")

    one, other = (
        load_network(tmp_path / name / "network.safetensors").state_dict()
        for name in ("plain", "averaged")
    )
    assert all(torch.equal(one[name], other[name]) for name in one)


def test_a_paused_average_gives_the_same_bits(few: DataSet, tmp_path: Path) -> None:
    train(SPEC, AVERAGED, few, seed=0, folder=tmp_path / "whole")
    train(SPEC, AVERAGED, few, seed=0, folder=tmp_path / "paused", until_epoch=1)
    train(SPEC, AVERAGED, few, seed=0, folder=tmp_path / "paused")

    whole, paused = (
        (tmp_path / name / "network.safetensors").read_bytes()
        for name in ("whole", "paused")
    )
    assert whole == paused


def test_choices_have_no_mean(few: DataSet, tmp_path: Path) -> None:
    # CondenseNet chooses its inputs while it trains.
    with pytest.raises(SpecError, match="leave averaging out"):
        train(
            network("condensenet_74_g4"), AVERAGED, few, seed=0, folder=tmp_path / "new"
        )

    # A refused command leaves no half-made folder.
    assert not (tmp_path / "new").exists()
