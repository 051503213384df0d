"""The network as the steps of a training call it."""

import shutil
import warnings
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext

import torch
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from rexpand.errors import SpecError
from rexpand.models import Network
from rexpand.recipe import Recipe
from rexpand.train.processes import Processes

_COMPILERS = ("c++", "g++", "clang++")


def learner_of(
    network: Network, recipe: Recipe, processes: Processes, device: torch.device
) -> nn.Module:
    """A network as its steps call it: the same parameters, under the same names.

    Raises SpecError where a network is to be compiled and nothing compiles it.
    """
    network.recomputes = recipe.checkpointing
    learner: nn.Module = network
    if recipe.compile:
        _check_compiler(device)
        learner = torch.compile(network)  # type: ignore[assignment]  # a module too
    return exchanging(learner, processes, device)


def exchanging(
    learner: nn.Module, processes: Processes, device: torch.device
) -> nn.Module:
    """A module whose gradients are averaged over all processes, if there are many."""
    if not processes.are_many:
        return learner
    with processes.exchange(), warnings.catch_warnings():
        # torch 2.14 has another name for it, which older versions do not know
        warnings.simplefilter("ignore", FutureWarning)
        return DistributedDataParallel(
            learner,
            device_ids=[device] if device.type == "cuda" else None,
            broadcast_buffers=False,  # `average_statistics` is exact
        )


def without_exchange(learner: nn.Module) -> AbstractContextManager[None]:
    """Where gradients stay with their process, because more will be added to them."""
    if isinstance(learner, DistributedDataParallel):
        return learner.no_sync()
    return nullcontext()


def average_statistics(network: nn.Module, processes: Processes) -> None:
    """Give each process the mean of the running statistics that all have learned.

    Statistics move linearly, so that the mean after every step is what they would be if
    each process kept its own to the end. Those that do not learn keep their bits.
    """
    if processes.are_many:
        processes.average([*_learned_statistics(network)])


def _learned_statistics(network: nn.Module) -> Iterator[Tensor]:
    for layer in network.modules():
        if isinstance(layer, nn.BatchNorm1d | nn.BatchNorm2d) and layer.training:
            assert layer.running_mean is not None
            assert layer.running_var is not None
            yield layer.running_mean
            yield layer.running_var


def _check_compiler(device: torch.device) -> None:
    if device.type == "cpu" and not any(map(shutil.which, _COMPILERS)):
        raise SpecError(
            "compile needs a C++ compiler on a CPU, and none is installed; install g++, "
            "or set compile to false"
        )
