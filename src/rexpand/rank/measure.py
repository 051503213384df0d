"""The ranks of one structure at one dim_ratio, for a range of random networks."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from rexpand.rank.block import block_features, load_factory
from rexpand.rank.decomposition import singular_values
from rexpand.rank.definitions import definition_names, rank_ratios
from rexpand.rank.draws import Sizes, draw_batch, draw_sizes, generator
from rexpand.rank.protocol import Protocol
from rexpand.rank.structures import forward, layers
from rexpand.rank.tolerance import (
    FLOAT32_EPSILON,
    Absolute,
    Energy,
    Relative,
    Shape,
    TorchDefault,
)

# Numbers of the largest tensor of a batch: larger ones leave the caches, smaller ones
# spend their time in Python.
_BATCH_NUMBERS = {"cpu": 2**21, "cuda": 2**27}
_CURVES = 8  # of Figure 1; fewer must not change how networks are put together
_SINGLE_BORDER = 1e-5  # float32 features carry errors of some 1e-6 of s_1


@dataclass(frozen=True, kw_only=True)
class Task:
    """Networks `first` to `first + count - 1` of one structure at one dim_ratio.

    With `is_block` the structure is the path of a user's factory.
    """

    protocol: Protocol
    structure: str
    activations: tuple[str, ...]
    dim_ratio: float
    seed: int
    first: int
    count: int
    device: str = "cpu"
    is_block: bool = False

    def __str__(self) -> str:
        return (
            f"{self.structure} at dim_ratio {self.dim_ratio}, networks {self.first} to "
            f"{self.first + self.count - 1}"
        )


def measure(task: Task) -> NDArray[np.float64]:
    """Rank ratios of (definitions, activations, networks), in the order of their index.

    RankError if features are not finite.
    """
    names = definition_names(task.protocol)
    found = np.empty((len(names), len(task.activations), task.count))
    for indices, values, shape in spectra(task):
        ratios = rank_ratios(values, shape, task.protocol)
        table = torch.stack([ratios[name] for name in names]).mT.cpu().numpy()
        found[:, :, [index - task.first for index in indices]] = table
    return found


def spectra(task: Task) -> Iterator[tuple[list[int], Tensor, Shape]]:
    """Batch by batch: indices of networks, singular values, shape of a feature matrix.

    The values are (networks, activations, channels), exact enough for the tolerance of
    the task's protocol.
    """
    for sizes, indices in _batches(task):
        yield indices, *_spectra(task, sizes, indices)


@torch.inference_mode()
def _spectra(task: Task, sizes: Sizes, indices: Sequence[int]) -> tuple[Tensor, Shape]:
    features = _features(task, sizes, [_generator(task, index) for index in indices])
    values = singular_values(features, task.protocol.tolerance, task.structure)
    return values, (features.shape[-2], features.shape[-1])


def _features(task: Task, sizes: Sizes, sources: Sequence[torch.Generator]) -> Tensor:
    """(networks, curves, positions, channels)."""
    protocol = task.protocol
    if task.is_block:
        factory = load_factory(task.structure)
        return block_features(
            task.structure,
            factory,
            protocol,
            task.activations,
            task.dim_ratio,
            sizes,
            sources,
        )
    stack = layers(task.structure, sizes.d_in, sizes.d_out, sizes.expansion, protocol)
    batch = draw_batch(
        protocol,
        task.dim_ratio,
        stack.convolutions,
        sizes,
        sources,
        _precision(protocol),
    )
    features = forward(
        stack,
        batch.inputs,
        batch.weights,
        task.activations,
        protocol.norm,
        protocol.centres,
    )
    return features.flatten(2, 4)


def _batches(task: Task) -> Iterator[tuple[Sizes, list[int]]]:
    """The networks, those of equal sizes together, as many as fit in a batch."""
    drawn = [
        (draw_sizes(task.protocol, task.dim_ratio, _generator(task, index)), index)
        for index in range(task.first, task.first + task.count)
    ]
    drawn.sort(key=lambda pair: (pair[0].d_out, pair[0].expansion, pair[1]))
    for sizes, group in groupby(drawn, key=lambda pair: pair[0]):
        indices = [index for _, index in group]
        most = max(1, _BATCH_NUMBERS[_kind(task)] // _numbers(task, sizes))
        for start in range(0, len(indices), most):
            yield sizes, indices[start : start + most]


def _numbers(task: Task, sizes: Sizes) -> int:
    """Numbers in the largest tensor of one network."""
    protocol = task.protocol
    name = "conv1x1" if task.is_block else task.structure
    stack = layers(name, sizes.d_in, sizes.d_out, sizes.expansion, protocol)
    positions = protocol.images(sizes.d_out) * protocol.spatial_size**2
    return max(
        max(
            _CURVES * positions * max(shape[0], shape[1]),
            shape[0] * shape[1],
        )
        for shape in (
            each.weight_shape(protocol.spatial_size) for each in stack.convolutions
        )
    )


def _precision(protocol: Protocol) -> torch.dtype:
    """float32, as networks have it, unless the tolerance looks below its rounding."""
    match protocol.tolerance:
        case Relative(value):
            is_coarse = value >= _SINGLE_BORDER
        case TorchDefault(epsilon):
            is_coarse = epsilon >= FLOAT32_EPSILON
        case Energy(share):
            is_coarse = 1 - share >= _SINGLE_BORDER**2
        case Absolute():
            is_coarse = False
    return torch.float32 if is_coarse else torch.float64


def _generator(task: Task, index: int) -> torch.Generator:
    device = torch.device(task.device)
    return generator(task.seed, task.structure, task.dim_ratio, index, device)


def _kind(task: Task) -> str:
    return torch.device(task.device).type
