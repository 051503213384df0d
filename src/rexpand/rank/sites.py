"""The places of a network whose features are looked at, found by running it once.

A site is an output of a convolution, a linear layer, a norm or an activation, or what
the classifier takes in. A module that is called twice in a pass is two sites: `relu`
and `relu#2`. An activation may overwrite what the layer before it put out, so whoever
looks at a site looks at once, inside the hook.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _NormBase

from rexpand.errors import RankError, UnknownNameError
from rexpand.records import LayerKind

_CONVOLUTIONS = (nn.Conv1d, nn.Conv2d, nn.Conv3d)
_NORMS = (_NormBase, nn.GroupNorm, nn.LayerNorm)
# Activations have no class in common; those of torch, timm and rexpand say what they are.
_ACTIVATIONS = (
    *("relu", "elu", "silu", "swish", "gelu", "mish", "softplus"),
    *("hardtanh", "tanh", "sigmoid", "softsign"),
)


@dataclass(frozen=True, kw_only=True)
class Site:
    """A place in a network: channels lie along `axis`, positions along `side`.

    `is_input` means what the module takes in rather than what it puts out.
    """

    name: str
    module: str
    call: int
    is_input: bool
    kind: LayerKind
    channels: int
    axis: int
    side: tuple[int, ...]
    in_channels: int | None
    params: int
    macs: int


Take = Callable[[str, int, bool, nn.Module, Any], None]


def find_sites(module: nn.Module, image: Tensor) -> tuple[Site, ...]:
    """The sites of a module in the order in which an image reaches them.

    `image` is (1, channels, height, width). Raises RankError if the module cannot run
    on it, or has no layer to look at.
    """
    found: list[Site] = []

    def take(name: str, call: int, is_input: bool, layer: nn.Module, maps: Any) -> None:
        # Of the classifier alone is the input wanted, and only the end tells which it is.
        if isinstance(maps, Tensor) and maps.ndim > 1:
            site = _site(name, call, is_input, layer, maps, found)
            found.append(site)

    with watched(module, take), evaluating(module):
        _run(module, image)
    sites = _named(found)
    if not sites:
        raise RankError(
            f"{type(module).__name__} has no convolution, linear layer, norm or "
            "activation as a module; its features cannot be watched"
        )
    return sites


def chosen_sites(sites: Sequence[Site], pattern: str | None) -> tuple[Site, ...]:
    """The sites whose names match a shell pattern, or begin with it as a path.

    Raises UnknownNameError with the nearest names if there are none.
    """
    if pattern is None:
        return tuple(sites)
    found = tuple(
        site
        for site in sites
        if fnmatchcase(site.name, pattern) or site.name.startswith(f"{pattern}.")
    )
    if not found:
        names = [site.name for site in sites]
        hint = f"give a name or a pattern, such as '*' or '{names[0]}'"
        raise UnknownNameError("layer", pattern, names, hint)
    return found


@contextmanager
def watched(
    module: nn.Module, take: Take, only: Collection[str] | None = None
) -> Iterator[None]:
    """Call `take` with every feature of the modules named in `only`, all by default."""
    calls: Counter[str] = Counter()
    handles = [module.register_forward_pre_hook(lambda *_: calls.clear())]
    for name, layer in module.named_modules():
        kind = kind_of(layer)
        if kind is None or (only is not None and name not in only):
            continue
        handles += _hooks(name, layer, kind, calls, take)
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


@contextmanager
def evaluating(module: nn.Module) -> Iterator[None]:
    """Eval mode without gradients; every layer's mode is put back."""
    training = [layer for layer in module.modules() if layer.training]
    try:
        module.eval()
        with torch.inference_mode():
            yield
    finally:
        for layer in training:
            layer.training = True


def kind_of(layer: nn.Module) -> LayerKind | None:
    """What a module is to this study; None for what is not looked at."""
    if isinstance(layer, _CONVOLUTIONS):
        return "convolution"
    if isinstance(layer, nn.Linear):
        return "linear"
    if isinstance(layer, _NORMS):
        return "norm"
    name = type(layer).__name__.lower()
    is_leaf = next(layer.children(), None) is None
    return "activation" if is_leaf and any(a in name for a in _ACTIVATIONS) else None


def _hooks(
    name: str, layer: nn.Module, kind: LayerKind, calls: Counter[str], take: Take
) -> list[Any]:
    def before(_: nn.Module, inputs: tuple[Any, ...]) -> None:
        calls[name] += 1
        if kind in ("convolution", "linear") and inputs:
            take(name, calls[name], True, layer, inputs[0])

    def after(_: nn.Module, inputs: tuple[Any, ...], outputs: Any) -> None:
        take(name, calls[name], False, layer, outputs)

    inner = _inner_activation(layer) if kind == "norm" else None
    hooks = [layer.register_forward_pre_hook(before)]
    if inner is None:
        return [*hooks, layer.register_forward_hook(after)]

    def within(_: nn.Module, inputs: tuple[Any, ...]) -> None:
        take(name, calls[name], False, layer, inputs[0])

    # timm's norms hold the activation behind them: their own output is its input.
    return [*hooks, inner.register_forward_pre_hook(within)]


def _inner_activation(layer: nn.Module) -> nn.Module | None:
    return next((m for m in layer.children() if kind_of(m) == "activation"), None)


def _run(module: nn.Module, image: Tensor) -> None:
    try:
        module(image)
    except (RuntimeError, ValueError, TypeError, AssertionError, IndexError) as error:
        shape = "x".join(map(str, image.shape[1:]))
        reason = (str(error) or type(error).__name__).splitlines()[0]
        raise RankError(
            f"{type(module).__name__} cannot run on images of {shape}: {reason}; "
            "give resolution, or data of the channels it takes"
        ) from None


def _site(
    name: str,
    call: int,
    is_input: bool,
    layer: nn.Module,
    maps: Tensor,
    before: Sequence[Site],
) -> Site:
    kind = kind_of(layer)
    assert kind is not None
    axis = _channel_axis(layer, maps, before)
    label = name or type(layer).__name__  # the module itself has no name inside itself
    side = tuple(n for d, n in enumerate(maps.shape) if d not in (0, axis % maps.ndim))
    return Site(
        name=label if call == 1 else f"{label}#{call}",
        module=name,
        call=call,
        is_input=is_input,
        kind="features" if is_input else kind,
        channels=maps.shape[axis],
        axis=axis,
        side=side,
        in_channels=_in_channels(layer),
        # A module called again has its params counted already.
        params=0 if is_input or call > 1 else _own_params(layer),
        macs=0 if is_input else _macs(layer, maps),
    )


def _channel_axis(layer: nn.Module, maps: Tensor, before: Sequence[Site]) -> int:
    if isinstance(layer, (*_CONVOLUTIONS, _NormBase, nn.GroupNorm)):
        return 1
    if isinstance(layer, nn.Linear | nn.LayerNorm) or maps.ndim == 2:
        return -1
    # An activation has the axis of what ran before it.
    last = before[-1] if before else None
    same = last is not None and last.channels == maps.shape[last.axis]
    return last.axis if last is not None and same else 1


def _in_channels(layer: nn.Module) -> int | None:
    if isinstance(layer, nn.Linear):
        return layer.in_features
    if isinstance(layer, _CONVOLUTIONS) and layer.groups == 1:
        return layer.in_channels
    return None


def _own_params(layer: nn.Module) -> int:
    return sum(parameter.numel() for parameter in layer.parameters(recurse=False))


def _macs(layer: nn.Module, maps: Tensor) -> int:
    """Multiply-accumulates of one image."""
    outputs = maps[0].numel()
    if isinstance(layer, nn.Linear):
        return outputs * layer.in_features
    if isinstance(layer, _CONVOLUTIONS):
        return outputs * layer.weight[0].numel()
    return 0


def _named(found: Sequence[Site]) -> tuple[Site, ...]:
    """The outputs, and of the inputs only that of the classifier."""
    classifier = _classifier(found)
    return tuple(
        replace(site, name=f"{site.name}:input") if site is classifier else site
        for site in found
        if site is classifier or not site.is_input
    )


def _classifier(found: Sequence[Site]) -> Site | None:
    """What the last layer with weights takes in, if that is one vector an image."""
    inputs = [site for site in found if site.is_input]
    last = inputs[-1] if inputs else None
    is_vector = last is not None and all(length == 1 for length in last.side)
    return last if is_vector else None
