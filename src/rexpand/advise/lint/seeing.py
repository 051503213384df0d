"""A network as rules look at it: run once, and timed if asked."""

from dataclasses import replace

import torch
from torch import nn

from rexpand.advise.reading.module import spec_of
from rexpand.advise.rules import Subject
from rexpand.advise.rules.commands import Commands
from rexpand.errors import RunError, SpecError
from rexpand.models import build, run_weightless
from rexpand.models.contracts import module_contract
from rexpand.size import Resolution
from rexpand.spec import Image, Source, SpecLike, spec_or_source
from rexpand.trace import layer_seconds, trace


def see(source: Source, resolution: Resolution | None = None) -> Subject:
    """A network run once without its weights, on an image of its own size.

    `resolution` is another size. Raises MistakeError for a network that does not run on
    one image.
    """
    subject, _ = run_weightless(
        source,
        lambda module, image: see_module(module, image, name=source.label),
        resolution,
    )
    return replace(subject, commands=_commands(source, subject, resolution))


def see_any(network: SpecLike | nn.Module) -> Subject:
    """A network of any kind, run once on an image of its own size, without its weights.

    Raises MistakeError as `see`.
    """
    if isinstance(network, nn.Module):
        contract = module_contract(network)
        return see_module(network, contract.image, name=type(network).__name__)
    found = spec_or_source(network)
    if isinstance(found, Source):
        return see(found)
    with torch.device("meta"):
        module = build(found)
    return see_module(module, found.image, name=found.name)


def see_module(module: nn.Module, image: Image, *, name: str) -> Subject:
    """A module run once on an image of (channels, height, width)."""
    return Subject(network=name, image=image, graph=trace(module, image))


def _commands(
    source: Source, subject: Subject, resolution: Resolution | None
) -> Commands | None:
    """The commands for a network that is a spec, or that reads back as one."""
    spec = source.spec
    if spec is None:
        try:
            spec = spec_of(subject.graph, name=source.label)
        except SpecError:
            return None
    elif resolution:
        spec = replace(spec, resolution=resolution)
    return Commands(network=str(source), spec=spec, resolution=resolution)


def timed(subject: Subject, module: nn.Module, rounds: int = 5) -> Subject:
    """With the seconds of each layer in rounds of a module with real weights.

    Raises RunError if it runs other layers than were seen before.
    """
    seconds = tuple(layer_seconds(module, subject.image, runs=1) for _ in range(rounds))
    if len(seconds[0]) != len(subject.graph.layers):
        raise RunError(
            f"{subject.network} ran {len(seconds[0])} operators when it was timed and "
            f"{len(subject.graph.layers)} when it was counted; its path depends on "
            "values, so it cannot be timed by layer"
        )
    return replace(subject, rounds=seconds)
