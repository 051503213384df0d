"""Watching takes what an evaluation passes by, and leaves the training as it was."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from rexpand.data.dataset import DataSet
from rexpand.data.split import stratified_subset
from rexpand.models import build, load_network
from rexpand.recipe import RECIPES
from rexpand.spec import network
from rexpand.train import Silence, evaluate, fitted, train
from rexpand.train.block_watch import watching

CPU = torch.device("cpu")
SPEC = network("search_18")


class Ears(Silence):
    def __init__(self) -> None:
        self.heard: list[str] = []

    def alarm(self, message: str) -> None:
        self.heard.append(message)


@pytest.fixture(scope="module")
def few(digits: DataSet) -> DataSet:
    return replace(digits, train=stratified_subset(digits.train, 400, seed=0))


@pytest.mark.kernels
def test_the_ranks_are_those_of_the_first_images(digits: DataSet) -> None:
    torch.manual_seed(0)
    module = build(fitted(SPEC, digits)).eval()

    with watching(module, 80) as watch:
        evaluate(module, digits.test.subset(range(200)), CPU, batch_size=64)

    found = {rank.block: rank for rank in watch.ranks()}
    assert list(found) == ["stem", *(f"blocks.{n}" for n in range(5))]
    (images, _), *_ = digits.test.batches(
        batch_size=80, device=CPU, seed=None, augmentation=None
    )
    with torch.no_grad():
        maps = module.stem(images)
    # 80 images give four samples for each of 16 channels: the middle of each map.
    values = np.linalg.svd(maps[:, :, 4, 4].double().numpy(), compute_uv=False)
    shares = values / values.sum()
    entropy = -(shares * np.log(np.maximum(shares, 1e-300))).sum()
    assert found["stem"].nuclear_norm == pytest.approx(values.sum(), rel=1e-5)
    assert found["stem"].effective_rank == pytest.approx(np.exp(entropy), rel=1e-4)


def test_nothing_is_left_on_the_network(digits: DataSet) -> None:
    module = build(fitted(SPEC, digits))

    with watching(module, 10):
        assert module.stem._forward_hooks

    assert not any(layer._forward_hooks for layer in module.modules())


def test_watching_does_not_change_what_is_learned(few: DataSet, tmp_path: Path) -> None:
    recipe = RECIPES["digits"].with_epochs(2)

    plain = train(SPEC, recipe, few, seed=0, folder=tmp_path / "plain")
    watched = train(SPEC, recipe.with_watch(), few, seed=0, folder=tmp_path / "watched")

    # The files differ by the recipe in their headers, the tensors in no bit.
    before, after = (
        load_network(tmp_path / name / "network.safetensors").state_dict()
        for name in ("plain", "watched")
    )
    assert before.keys() == after.keys()
    assert all(torch.equal(before[name], after[name]) for name in before)
    assert plain.epochs[0].block_ranks == ()
    assert all(len(epoch.block_ranks) == 6 for epoch in watched.epochs)


def test_a_watched_run_goes_on_where_it_was_stopped(
    few: DataSet, tmp_path: Path
) -> None:
    recipe = RECIPES["digits"].with_epochs(2).with_watch()
    whole = train(SPEC, recipe, few, seed=0, folder=tmp_path / "whole")

    train(SPEC, recipe, few, seed=0, folder=tmp_path / "cut", until_epoch=1)
    resumed = train(SPEC, recipe, few, seed=0, folder=tmp_path / "cut")

    ranks = [[epoch.block_ranks for epoch in run.epochs] for run in (whole, resumed)]
    assert ranks[0] == ranks[1]


@pytest.mark.kernels
def test_a_decay_that_kills_the_features_sounds_the_alarm(
    few: DataSet, tmp_path: Path
) -> None:
    ears = Ears()
    recipe = RECIPES["digits"].with_epochs(3).with_watch()
    recipe = replace(recipe, optimizer=replace(recipe.optimizer, weight_decay=3.0))

    train(SPEC, recipe, few, seed=0, folder=tmp_path, progress=ears)

    assert any("features collapse: " in message for message in ears.heard)
    # Each block is told of once.
    names = [
        part.split(":")[0]
        for m in ears.heard
        for part in m.split(": ", 1)[1].split("; ")
    ]
    assert len(names) == len(set(names))
