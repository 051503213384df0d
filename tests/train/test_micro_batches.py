"""Accumulation and recomputation change memory and time, not what is learned."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor

from exact_training import SPEC, WHOLE, train_exactly
from rexpand.data.dataset import DataSet
from rexpand.data.split import stratified_subset
from rexpand.models import build
from rexpand.recipe import RECIPES, Recipe
from rexpand.spec import network
from rexpand.train import train

Weights = dict[str, Tensor]


def weights(folder: Path) -> Weights:
    return load_file(folder / "network.safetensors")


def test_micro_batches_give_the_gradient_of_their_batch(tmp_path: Path) -> None:
    recipe = replace(WHOLE, epochs=1, frozen_norm="statistics")

    train_exactly(recipe, tmp_path / "whole")
    train_exactly(replace(recipe, accumulation=3), tmp_path / "parted")

    # Norms that learn no statistics see each image alone, so that only the order of
    # sums differs: far less than 1e-10 after a few additions at 2**-53.
    found, expected = weights(tmp_path / "parted"), weights(tmp_path / "whole")
    for name, tensor in expected.items():
        torch.testing.assert_close(found[name], tensor, rtol=0, atol=1e-10)


@pytest.fixture
def trained(digits: DataSet, tmp_path: Path) -> Callable[[Recipe, str], Weights]:
    """The weights that a recipe gives on 300 digits."""
    few = replace(digits, train=stratified_subset(digits.train, 300, seed=0))

    def weights_of(recipe: Recipe, name: str) -> Weights:
        train(SPEC, recipe, few, seed=0, folder=tmp_path / name)
        return weights(tmp_path / name)

    return weights_of


def test_recomputed_blocks_learn_the_same_bits(
    trained: Callable[[Recipe, str], Weights],
) -> None:
    recipe = RECIPES["digits"].with_epochs(1)
    recipe = replace(recipe, validation=0, dropout=0.2, drop_path=0.1)

    kept = trained(recipe, "kept")
    recomputed = trained(replace(recipe, checkpointing=True), "recomputed")

    # The same kernels on the same numbers, the same draws, and batch norms that count
    # each batch once.
    assert kept.keys() == recomputed.keys()
    for name, tensor in kept.items():
        assert torch.equal(recomputed[name], tensor), name


def test_a_recomputing_network_keeps_less() -> None:
    built = build(SPEC.for_images(resolution=8, in_channels=1))
    images = torch.randn(8, 1, 8, 8)

    def kept_numbers() -> int:
        sizes: list[int] = []

        def note(tensor: Tensor) -> Tensor:
            sizes.append(tensor.numel())
            return tensor

        with torch.autograd.graph.saved_tensors_hooks(note, lambda tensor: tensor):
            built(images)
        return sum(sizes)

    whole = kept_numbers()
    built.recomputes = True

    # What autograd keeps for the backward pass.
    assert kept_numbers() < whole / 2


def test_a_network_of_two_input_blocks_is_recomputed() -> None:
    built = build(network("fairdarts_b").for_images(resolution=32, in_channels=3))
    images = torch.randn(2, 3, 32, 32)
    built(images).sum().backward()
    gradients = [
        each.grad.clone() for each in built.parameters() if each.grad is not None
    ]

    built.zero_grad()  # and the batch norms have moved on, which changes no gradient
    built.recomputes = True
    built(images).sum().backward()

    found = [each.grad for each in built.parameters() if each.grad is not None]
    assert found
    assert all(torch.equal(*pair) for pair in zip(found, gradients, strict=True))
