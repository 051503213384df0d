"""The memory of a training: what it has, what it takes, and the batch that would fit.

On a CPU it is that of the process, on a GPU that of its tensors.
"""

import resource
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from rexpand.cost import bytes_to_train
from rexpand.memory import check_memory, usable_memory
from rexpand.models import Network, build_for_training
from rexpand.recipe import Recipe
from rexpand.spec import NetworkSpec
from rexpand.train.cut import Cut
from rexpand.train.learning import freeze, set_to_learn
from rexpand.train.optimization import moments_of

# Layers keep more than what they output, but not so many times as much.
_FAR = 10
_FLOAT32 = 4  # bytes
_WORK = 1.25  # what a step takes for each byte that is kept: gradients of maps, gaps


def usable(device: torch.device) -> int:
    """Bytes that there are at all."""
    if device.type == "cuda":
        return torch.cuda.get_device_properties(device).total_memory
    return usable_memory()


def in_use(device: torch.device) -> int:
    """Bytes that are taken now."""
    if device.type == "cuda":
        return torch.cuda.memory_allocated(device)
    statm = Path("/proc/self/statm")
    if not statm.exists():
        return peak(device)
    return int(statm.read_text().split()[1]) * resource.getpagesize()


def peak(device: torch.device) -> int:
    """Bytes that were taken at the most since the process began."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device)
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def check_fits(
    spec: NetworkSpec,
    recipe: Recipe,
    *,
    images: int,
    value_bytes: int,
    device: torch.device,
    processes: int = 1,
) -> None:
    """Raise TooLargeError for a training step that no memory of the device would hold.

    The message says which batch would fit, and which accumulation keeps this one.
    `images` are trained on, by so many processes; outputs are kept in numbers of
    `value_bytes`. One pass on `meta` counts what the backward pass needs, unless all of
    it is far from what there is.
    """
    most, moments = usable(device), moments_of(recipe.optimizer)
    at_once = -(-min(Cut(images, recipe, processes).size, images) // processes)
    least = bytes_to_train(
        spec, at_once, per_weight=3 + moments, value_bytes=value_bytes
    )
    if _FAR * least < most:
        return
    network = on_meta(spec, recipe)
    held = sum(each.numel() for each in network.parameters())
    learned = sum(each.numel() for each in network.parameters() if each.requires_grad)
    averages = int(recipe.averaging is not None)
    fixed = _FLOAT32 * (held * (1 + averages) + learned * (1 + moments))
    each = bytes_kept(network) * value_bytes // _FLOAT32
    fitting = int((most - in_use(device) - fixed) / (_WORK * max(each, 1)))
    check_memory(
        f"training {spec.name} on batches of {at_once} at {spec.resolution} px",
        fixed + at_once * each,
        _way_out(max(fitting, 0) * processes, recipe),
        most,
    )


def on_meta(spec: NetworkSpec, recipe: Recipe) -> Network:
    """The network as the recipe trains it, without values."""
    with torch.device("meta"):
        network = build_for_training(spec)
    network.recomputes = recipe.checkpointing
    freeze(network, recipe)
    set_to_learn(network, recipe)
    return network


def bytes_kept(network: Network) -> int:
    """Bytes that a forward pass keeps for the backward pass, for each image, float32."""
    return bytes_kept_each(partial(_pass, network))


def bytes_kept_each(forward: Callable[[int], object]) -> int:
    """The same of any pass that is a function of its number of images."""
    few, more = (_bytes_kept(forward, images) for images in (2, 4))
    return (more - few) // 2


def _pass(network: Network, images: int) -> Tensor:
    spec = network.spec
    with torch.device(next(network.parameters()).device):
        batch = torch.zeros(images, *spec.image)
        labels = torch.zeros(images, dtype=torch.long)
    return cross_entropy(network(batch), labels)


def _bytes_kept(forward: Callable[[int], object], images: int) -> int:
    """Bytes of the tensors that a pass over so many images keeps, each once."""
    kept = dict[int, Tensor]()

    def keep(tensor: Tensor) -> Tensor:
        kept[tensor.untyped_storage()._cdata] = tensor
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        result = forward(images)
    found = sum(each.untyped_storage().nbytes() for each in kept.values())
    del result  # it holds what is kept
    return found


def _way_out(batch: int, recipe: Recipe) -> str:
    """What to give instead, where batches of `batch` fit at a time."""
    if batch < 2:  # batch norm learns from two
        return "give a smaller resolution or network: no batch would fit"
    parts = _parts_of(recipe.batch_size, batch)
    kept = (
        f", and accumulation {parts} keeps that of {recipe.batch_size:,}"
        if parts
        else ""
    )
    return (
        f"a batch of {batch:,} would fit{kept}; or give a smaller resolution or network"
    )


def _parts_of(whole: int, most: int) -> int | None:
    """The fewest equal parts of a batch with `most` images each, and two at least."""
    counts = range(-(-whole // most), whole // 2 + 1)
    return next((parts for parts in counts if whole % parts == 0), None)
