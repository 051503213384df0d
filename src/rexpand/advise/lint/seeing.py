"""A network as rules look at it: run once, and timed if asked."""

from contextlib import suppress
from dataclasses import replace
from typing import Any

from torch import nn

from rexpand.advise.rules import Subject
from rexpand.errors import MistakeError, RunError
from rexpand.models import find_module, find_weightless
from rexpand.models.measure.named import usual_image
from rexpand.trace import layer_seconds, trace

Image = tuple[int, int, int]


def see(name: str, resolution: int | None = None) -> Subject:
    """Whatever a command takes for NETWORK, run once without its weights.

    Without `resolution` it is the usual one, or where that does not fit the one that a
    timm network was trained at. Raises MistakeError for a network that does not run on
    one image.
    """
    module = find_weightless(name)
    channels, usual = usual_image(name, module)
    sides = [resolution] if resolution else [usual, *_trained_at(module, usual)]
    for side in sides[:-1]:
        with suppress(MistakeError):
            return see_module(module, (channels, side, side), name=name)
    image = (channels, sides[-1], sides[-1])
    try:
        return see_module(module, image, name=name)
    except MistakeError:
        if not any(parameter.is_meta for parameter in module.parameters()):
            raise
    return see_module(find_module(name), image, name=name)  # it needs values


def see_module(module: nn.Module, image: Image, *, name: str) -> Subject:
    """A module run once on an image of (channels, height, width)."""
    return Subject(network=name, image=image, cost=trace(module, image))


def timed(subject: Subject, module: nn.Module, rounds: int = 5) -> Subject:
    """With the seconds of each layer in rounds of a module with real weights.

    Raises RunError if it runs other layers than were seen before.
    """
    seconds = tuple(layer_seconds(module, subject.image, runs=1) for _ in range(rounds))
    if len(seconds[0]) != len(subject.cost.layers):
        raise RunError(
            f"{subject.network} ran {len(seconds[0])} operators when it was timed and "
            f"{len(subject.cost.layers)} when it was counted; its path depends on "
            "values, so it cannot be timed by layer"
        )
    return replace(subject, rounds=seconds)


def _trained_at(module: nn.Module, usual: int) -> list[int]:
    """The side of a timm network's own images, if it is another."""
    settings: Any = getattr(module, "pretrained_cfg", None) or {}
    side = settings.get("input_size", (3, usual, usual))[-1]
    return [side] if side != usual else []
