"""CondenseNet chooses its connections while it trains, and keeps its scores after."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch.nn.functional import cross_entropy

from rexpand.blocks.learned_groups import InputChoice, condensing_stage
from rexpand.cost import cost_of
from rexpand.data.dataset import DataSet
from rexpand.data.split import stratified_subset
from rexpand.models import (
    Network,
    build_for_training,
    condensed,
    followers,
    group_lasso,
    load_network,
)
from rexpand.recipe import SGD, Recipe
from rexpand.spec import NetworkSpec, condensenet, network, with_learned_groups
from rexpand.trace import measure
from rexpand.train import train
from rounding import agree, depth_of

# Two layers a stage and few images: a training takes a second.
TINY = condensenet(name="tiny", groups=4, depth_mult=0.2)
RECIPE = Recipe(epochs=4, batch_size=50, optimizer=SGD(learning_rate=0.05))


@pytest.fixture(scope="module")
def few(digits: DataSet) -> DataSet:
    return replace(digits, train=stratified_subset(digits.train, 100, seed=0))


def fitted(spec: NetworkSpec) -> NetworkSpec:
    return spec.with_classes(10).for_images(resolution=8, in_channels=1)


def trained(spec: NetworkSpec, data: DataSet, steps: int, lasso: float) -> Network:
    """A network after real steps on real images, through every stage of condensing."""
    torch.manual_seed(0)
    built = build_for_training(fitted(spec))
    optimizer = torch.optim.SGD(built.parameters(), lr=0.02, momentum=0.9)
    batches = data.train.batches(
        batch_size=100 // steps,
        device=torch.device("cpu"),
        seed=0,
        augmentation=None,
    )
    for step, (images, labels) in enumerate(batches, start=1):
        for layer in followers(built):
            layer.follow(step / steps)
        loss = cross_entropy(built(images), labels) + lasso * group_lasso(built)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return built.eval()


def test_groups_that_learn_nothing_are_plain_groups_from_the_start():
    built = build_for_training(fitted(with_learned_groups(TINY, False)))

    # Only the classifier chooses; group g of a layer has the g-th quarter of its inputs.
    assert len(followers(built)) == 1
    for block in built.blocks:
        index = block.reduce.index
        assert torch.equal(index, torch.arange(len(index)))


@pytest.mark.kernels
@pytest.mark.parametrize("name", ["condensenet_74_g4", "condensenet_74_g8"])
def test_the_test_time_network_gives_the_scores_of_the_trained_one(name, few):
    spec = network(name, depth_mult=0.3)
    whole = trained(spec, few, steps=20, lasso=1e-5)
    images = torch.rand(8, 1, 8, 8, dtype=torch.float64)

    converted = condensed(whole)

    with torch.no_grad():
        scores, expected = converted.double()(images), whole.double()(images)
    assert expected.std() > 0.1
    assert agree(scores, expected, depth=depth_of(whole))
    # It is what the spec says, and costs what the spec costs.
    assert measure(converted, (1, 8, 8)) == cost_of(fitted(spec))
    assert not followers(converted)


@pytest.mark.kernels
def test_every_group_has_chosen_its_own_inputs(few):
    converted = condensed(trained(TINY, few, steps=10, lasso=0))

    index = converted.blocks[-1].reduce.index.view(4, -1)

    # No input twice in a group, and no group like another.
    assert all(len(set(chosen.tolist())) == index.shape[1] for chosen in index)
    assert len({tuple(chosen.tolist()) for chosen in index}) == 4


@pytest.mark.parametrize(
    ("progress", "stage"),
    [(0, 0), (0.16, 0), (0.17, 1), (0.33, 1), (0.34, 2), (0.49, 2), (0.5, 3), (1, 3)],
)
def test_three_of_four_quarters_go_in_the_first_half(progress, stage):
    assert condensing_stage(progress, condense_factor=4) == stage


def test_the_smallest_columns_of_each_group_go():
    choice = InputChoice(4, groups=2, condense_factor=2)
    # Filters 0 and 2 are group 0, filters 1 and 3 group 1.
    weight = torch.tensor([[1, -9, 2, 1], [5, 1, 1, 5], [1, 9, 1, -7], [5, 1, 1, -5.0]])

    choice.follow(0.5, weight)

    # Sums of group 0: 2 18 3 8; of group 1: 10 2 2 10.
    assert choice.kept.tolist() == [
        [False, True, False, True],
        [True, False, False, True],
    ]
    assert choice.index().tolist() == [1, 3, 0, 3]
    assert choice.condensed(weight).tolist() == [[-9, 1], [9, -7], [5, 5], [5, -5]]


def test_what_was_let_go_never_comes_back():
    choice = InputChoice(8, groups=1, condense_factor=4)
    weight = torch.arange(1.0, 9.0).view(1, 8)

    choice.follow(0.2, weight)
    choice.follow(0.4, weight.flip(1))

    # 1 and 2 went at the first stage; then the smallest of the rest, now at the end.
    assert choice.kept.tolist() == [[False] * 2 + [True] * 4 + [False] * 2]


def test_the_lasso_is_a_norm_of_each_group_and_input():
    choice = InputChoice(2, groups=2, condense_factor=4)
    weight = torch.tensor([[3.0, 1.0], [0.0, 2.0], [4.0, 1.0], [2.0, 0.0]])

    # Columns of group 0: (3, 4) and (1, 1); of group 1: (0, 2) and (2, 0).
    assert choice.lasso(weight).item() == pytest.approx(5 + 2**0.5 + 2 + 2)


@pytest.mark.kernels
def test_the_lasso_pulls_weights_towards_zero(few):
    free, pulled = (trained(TINY, few, steps=10, lasso=w) for w in (0.0, 0.05))

    norms = [
        sum(layer.weight.detach().norm() for layer in followers(built))
        for built in (free, pulled)
    ]

    assert norms[1] < norms[0]


def test_a_network_that_is_still_condensing_is_not_converted():
    built = build_for_training(fitted(TINY))

    with pytest.raises(ValueError, match="tiny is still condensing"):
        condensed(built)


def test_other_networks_are_their_own_training_form():
    built = build_for_training(network("search_18"))

    assert not followers(built)
    assert condensed(built) is built


def test_training_leaves_the_test_time_network(few, tmp_path: Path):
    record = train(TINY, RECIPE, few, seed=0, folder=tmp_path)

    loaded = load_network(tmp_path / "network.safetensors")
    assert not followers(loaded)
    assert measure(loaded, (1, 8, 8)) == cost_of(loaded.spec)
    assert record.params == cost_of(loaded.spec).params


@pytest.mark.kernels
def test_a_paused_run_condenses_to_the_same_bits(few, tmp_path: Path):
    lasso = replace(RECIPE, group_lasso=1e-4)
    whole, paused = tmp_path / "whole", tmp_path / "paused"

    train(TINY, lasso, few, seed=0, folder=whole)
    for epoch in (1, 2, 4):  # in the middle of condensing, at its end, at the end
        train(TINY, lasso, few, seed=0, folder=paused, until_epoch=epoch)

    weights = [f / "network.safetensors" for f in (whole, paused)]
    assert weights[0].read_bytes() == weights[1].read_bytes()


def test_training_never_stops_half_condensed(few, tmp_path: Path):
    # A vanishing rate changes nothing, so patience is at an end in the third epoch.
    still = SGD(learning_rate=1e-12)
    recipe = replace(RECIPE, epochs=8, optimizer=still, patience=1, validation=20)

    record = train(TINY, recipe, few, seed=0, folder=tmp_path)

    # Half of the epochs condense; only then may it stop, and be converted.
    assert record.stopped_early
    assert 4 <= len(record.epochs) < 8
