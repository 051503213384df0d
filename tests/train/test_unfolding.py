"""Batch norms that were folded away can be trained."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from rexpand.data.dataset import DataSet
from rexpand.data.split import stratified_subset
from rexpand.models import Network, build, save_network
from rexpand.recipe import RECIPES
from rexpand.spec import Source, network
from rexpand.train import Start, fitted, start_from, train
from rexpand.train.unfolding import is_folded, unfolded
from rounding import agree, depth_of

RECIPE = RECIPES["digits"].with_epochs(1)


@pytest.fixture
def few(digits: DataSet) -> DataSet:
    return replace(digits, train=stratified_subset(digits.train, 200, seed=0))


@pytest.fixture
def folded(few: DataSet) -> Start:
    """A network whose norms only add, and whose maps are far from mean 0, variance 1."""
    torch.manual_seed(0)
    built = build(fitted(network("search_18"), few))
    for layer in built.modules():
        if isinstance(layer, torch.nn.BatchNorm2d):
            torch.nn.init.constant_(layer.running_var, 1 - layer.eps)
            torch.nn.init.uniform_(layer.bias)
    return Start(origin="here", network=built, contract=few.contract)


def scores(built: Network, few: DataSet) -> torch.Tensor:
    images, _ = next(
        few.train.batches(
            batch_size=200, device=torch.device("cpu"), seed=None, augmentation=None
        )
    )
    with torch.no_grad():
        return built(images.to(built.head.classifier.weight.dtype))


def test_unfolded_weights_compute_the_same(
    float64: None, few: DataSet, folded: Start
) -> None:
    folded.network.double()

    found = unfolded(folded, few.train, RECIPE).network

    assert is_folded(folded.network)
    assert not is_folded(found)
    assert agree(
        scores(found.eval(), few),
        scores(folded.network.eval(), few),
        depth=depth_of(found),
    )


def test_a_batch_of_all_images_normalises_as_the_statistics_do(
    few: DataSet, folded: Start
) -> None:
    found = unfolded(folded, few.train, RECIPE).network
    expected = scores(found.eval(), few)

    # In training mode it computes what it computes in evaluation; folded norms do not.
    ratio = (scores(found.train(), few) - expected).std() / expected.std()
    before = folded.network
    astray = (scores(before.train(), few) - expected).std() / expected.std()
    assert ratio < 0.01 < 0.5 < astray


@pytest.mark.parametrize(
    "recipe",
    [
        replace(RECIPE, learns="classifier"),
        replace(RECIPE, frozen_norm="statistics"),
        replace(RECIPE, frozen_norm="all"),
    ],
    ids=["probe", "statistics", "all"],
)
def test_norms_that_do_not_learn_stay_folded(
    few: DataSet, folded: Start, recipe: object
) -> None:
    assert unfolded(folded, few.train, recipe) is folded


def test_a_training_from_folded_weights_goes_on_to_the_same_bits(
    few: DataSet, folded: Start, tmp_path: Path
) -> None:
    path = tmp_path / "folded.safetensors"
    save_network(folded.network, path, folded.contract)
    start = start_from(Source.parse(str(path)))
    recipe = replace(RECIPE.with_epochs(2), validation=0)
    spec = start.network.spec

    whole = train(spec, recipe, few, folder=tmp_path / "whole", start=start)
    train(spec, recipe, few, folder=tmp_path / "parts", start=start, until_epoch=1)
    parts = train(spec, recipe, few, folder=tmp_path / "parts", start=start)

    assert [e.loss for e in parts.epochs] == [e.loss for e in whole.epochs]
    assert parts.accuracy == whole.accuracy
    # What was given is as it was.
    assert is_folded(start.network)
