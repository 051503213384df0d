"""What learns, at which rate, and what stays as it was."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from rexpand.data.dataset import DataSet
from rexpand.data.split import stratified_subset
from rexpand.errors import SpecError
from rexpand.models import Network, build, load_network, save_network
from rexpand.recipe import EMA, RECIPES, SGD, Recipe
from rexpand.spec import Source, network
from rexpand.train import Start, fitted, start_from, train
from rexpand.train.optimization import (
    layer_shares,
    optimizer_of,
    set_learning_rate,
)

RECIPE = replace(
    RECIPES["digits"].with_epochs(2),
    validation=0,
    optimizer=SGD(learning_rate=0.05, weight_decay=1e-3),
)


@pytest.fixture(scope="module")
def few(digits: DataSet) -> DataSet:
    return replace(
        digits,
        train=stratified_subset(digits.train, 96, seed=0),
        test=stratified_subset(digits.test, 40, seed=0),
    )


@pytest.fixture(scope="module")
def start(few: DataSet, tmp_path_factory: pytest.TempPathFactory) -> Start:
    """Weights whose norms have seen images."""
    torch.manual_seed(1)
    built = build(fitted(network("search_18"), few))
    built(torch.randn(16, 1, 8, 8))
    path = tmp_path_factory.mktemp("start") / "start.safetensors"
    save_network(built, path, few.contract)
    return start_from(Source.parse(str(path)))


def trained(few: DataSet, start: Start, recipe: Recipe, folder: Path) -> Network:
    train(start.network.spec, recipe, few, folder=folder, start=start)
    return load_network(folder / "network.safetensors")


def moved(before: Network, after: Network) -> set[str]:
    """The tensors that are not the same, bit by bit."""
    old = before.state_dict()
    return {
        name
        for name, each in after.state_dict().items()
        if not torch.equal(each, old[name])
    }


@pytest.mark.parametrize("averaging", [None, EMA(decay=0.9)])
def test_of_a_linear_probe_only_the_classifier_moves(
    few: DataSet, start: Start, tmp_path: Path, averaging: EMA | None
) -> None:
    recipe = replace(RECIPE, learns="classifier", averaging=averaging)

    after = trained(few, start, recipe, tmp_path / "run")

    # Weights and running statistics of everything below it are the same bits.
    assert moved(start.network, after) == {
        "head.classifier.weight",
        "head.classifier.bias",
    }


def test_frozen_statistics_stay_while_scales_and_shifts_learn(
    few: DataSet, start: Start, tmp_path: Path
) -> None:
    recipe = replace(RECIPE, frozen_norm="statistics")

    after = moved(start.network, trained(few, start, recipe, tmp_path / "run"))

    assert not any("running_" in name or "num_batches" in name for name in after)
    assert {"stem.norm.weight", "stem.norm.bias", "stem.conv.weight"} <= after


def test_a_frozen_norm_keeps_everything(
    few: DataSet, start: Start, tmp_path: Path
) -> None:
    recipe = replace(RECIPE, frozen_norm="all")

    after = moved(start.network, trained(few, start, recipe, tmp_path / "run"))

    norms = {
        f"{place}.{name}"
        for place, layer in start.network.named_modules()
        if isinstance(layer, torch.nn.BatchNorm2d)
        for name in layer.state_dict()
    }
    assert norms
    assert not norms & after
    # All else learns.
    assert after == set(start.network.state_dict()) - norms


def test_each_layer_learns_at_the_rate_of_the_closed_form() -> None:
    built = build(network("search_18").with_classes(10))
    shares = layer_shares(built, decay=0.5)
    optimizer = optimizer_of(built, SGD(), shares)

    set_learning_rate(optimizer, 0.8)

    found = {
        parameter: group["lr"]
        for group in optimizer.param_groups
        for parameter in group["params"]
    }
    blocks = len(built.blocks)
    # The stem is a block 0, block i of n has decay ** (n + 1 - i), the head all.
    for parameter in built.stem.parameters():
        assert found.pop(parameter) == 0.8 * 0.5 ** (blocks + 1)
    for number, block in enumerate(built.blocks, start=1):
        for parameter in block.parameters():
            assert found.pop(parameter) == 0.8 * 0.5 ** (blocks + 1 - number)
    assert {*found.values()} == {0.8}
    assert {*found} == {*built.penultimate.parameters(), *built.head.parameters()}


def test_a_step_of_a_layer_is_its_share_of_the_whole_step(
    few: DataSet, start: Start, tmp_path: Path
) -> None:
    # One step of plain SGD: what a weight moves is its rate times its gradient.
    plain = SGD(learning_rate=1e-3, momentum=0.0, weight_decay=0.0)
    recipe = replace(RECIPE.with_epochs(1), batch_size=96, optimizer=plain)

    whole = trained(few, start, recipe, tmp_path / "whole")
    halved = trained(few, start, replace(recipe, layer_decay=0.5), tmp_path / "half")

    before = start.network
    for place in (-1, -2):
        steps = [
            (
                each.blocks[place].project.conv.weight
                - before.blocks[place].project.conv.weight
            ).detach()
            for each in (whole, halved)
        ]
        ratio = steps[1].norm() / steps[0].norm()
        # The difference of two nearly equal float32 has few digits left.
        assert float(ratio) == pytest.approx(0.5 ** (-place), rel=0.01)


def test_a_probe_that_was_stopped_goes_on_to_the_same_bits(
    few: DataSet, start: Start, tmp_path: Path
) -> None:
    recipe = replace(RECIPE, frozen_norm="statistics", layer_decay=0.7)
    spec = start.network.spec
    whole = trained(few, start, recipe, tmp_path / "whole")

    train(spec, recipe, few, folder=tmp_path / "parts", start=start, until_epoch=1)
    parts = trained(few, start, recipe, tmp_path / "parts")

    assert not moved(whole, parts)


def test_a_network_that_chooses_its_inputs_is_no_probe(
    few: DataSet, tmp_path: Path
) -> None:
    spec = network("condensenet_74_g4")
    recipe = replace(RECIPE, learns="classifier")

    with pytest.raises(SpecError, match="chooses its inputs while it trains"):
        train(spec, recipe, few, folder=tmp_path / "run")
