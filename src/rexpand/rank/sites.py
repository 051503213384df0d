"""The places of a network whose features are looked at, found in its trace.

A site is an output of a convolution, a linear layer, a norm or an activation, or what
the classifier takes. A module that is called twice in a pass is two sites: `relu`
and `relu#2`. An activation may overwrite the output of the layer before it, so whoever
looks at a site looks at once, inside the hook.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Any

from torch import nn
from torch.nn.modules.batchnorm import _NormBase

from rexpand.cost.block_list import paths
from rexpand.cost.graph import Graph
from rexpand.cost.operators import Layer, Shape
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

    `block` is the path of the block that it lies in, empty in stem and head. With
    `is_input` it is what the module takes rather than what it outputs.
    """

    name: str
    module: str
    call: int
    is_input: bool
    kind: LayerKind
    block: str
    channels: int
    axis: int
    side: tuple[int, ...]
    in_channels: int | None
    params: int
    macs: int


Take = Callable[[str, int, bool, nn.Module, Any], None]


def find_sites(module: nn.Module, graph: Graph) -> tuple[Site, ...]:
    """The sites of a module in the order in which an image reaches them.

    `graph` is its trace. Raises RankError if it has no layer to look at.
    """
    sites = tuple(_sites(dict(module.named_modules()), graph))
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


def _sites(parts: Mapping[str, nn.Module], graph: Graph) -> Iterator[Site]:
    """The outputs, and of the inputs only that of the classifier."""
    returned = {(call.name, call.call): call.output for call in graph.calls}
    blocks = {block.name for block in graph.blocks}
    classifier = _classifier(parts, graph)
    for layer in _watchable(parts, graph):
        kind = kind_of(parts[layer.name])
        maps = returned.get((layer.name, layer.call), ())
        if kind is None or len(maps) < 2:
            continue
        axis = _channel_axis(graph, layer, maps)
        label = layer.name or type(parts[""]).__name__  # inside itself it has no name
        site = Site(
            name=label if layer.call == 1 else f"{label}#{layer.call}",
            module=layer.name,
            call=layer.call,
            is_input=False,
            kind=kind,
            block=next((path for path in paths(layer.name) if path in blocks), ""),
            channels=maps[axis],
            axis=axis,
            side=_positions(maps, axis),
            in_channels=_in_channels(layer),
            # A module called again has its params counted already.
            params=0 if layer.call > 1 else _own_params(parts[layer.name]),
            macs=layer.macs,
        )
        if layer is classifier:
            yield _input_of(site, layer)
        yield site


def _watchable(parts: Mapping[str, nn.Module], graph: Graph) -> Iterator[Layer]:
    """Of each call of a module that is looked at, the operator that says what it is."""
    chosen: dict[tuple[str, int], Layer] = {}
    for layer in graph.layers:
        part = parts.get(layer.name)
        before = chosen.get((layer.name, layer.call))
        kind = kind_of(part) if part is not None else None
        if kind and (before is None or layer.kind == kind or before.kind != kind):
            chosen[layer.name, layer.call] = layer
    places = {id(layer): place for place, layer in enumerate(graph.layers)}
    return iter(sorted(chosen.values(), key=lambda layer: places[id(layer)]))


def _classifier(parts: Mapping[str, nn.Module], graph: Graph) -> Layer | None:
    """The last layer with weights, if it takes one vector per image."""
    found = [
        layer
        for layer in _watchable(parts, graph)
        if kind_of(parts[layer.name]) in ("convolution", "linear")
    ]
    is_vector = found and all(length == 1 for length in found[-1].in_size)
    return found[-1] if is_vector else None


def _input_of(site: Site, layer: Layer) -> Site:
    """What a layer takes, as a site."""
    return replace(
        site,
        name=f"{site.name}:input",
        is_input=True,
        kind="features",
        channels=layer.in_channels,
        side=layer.in_size,
        params=0,
        macs=0,
    )


def _channel_axis(graph: Graph, layer: Layer, maps: Shape) -> int:
    """The axis of channels in what the module returned."""
    axis = layer.channel_axis
    if layer.kind not in ("convolution", "linear", "norm") and layer.edges:
        # An activation has the axis of what it reads.
        origin = layer.edges[0].origin
        if isinstance(origin, int) and graph.layers[origin].output == layer.inputs[0]:
            axis = graph.layers[origin].channel_axis
    # A norm of the last axis may stand between two transpositions.
    is_turned = axis == -1 and maps != layer.output and len(maps) == 4
    return 1 if is_turned and maps[1] == layer.out_channels else axis


def _positions(maps: Shape, axis: int) -> Shape:
    return tuple(n for d, n in enumerate(maps) if d not in (0, axis % len(maps)))


def _in_channels(layer: Layer) -> int | None:
    is_dense = layer.kind == "linear" or layer.kind == "convolution"
    return layer.in_channels if is_dense and layer.groups == 1 else None


def _own_params(part: nn.Module) -> int:
    return sum(parameter.numel() for parameter in part.parameters(recurse=False))
