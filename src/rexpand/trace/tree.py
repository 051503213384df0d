"""The modules as a tree, with what each and all below it cost."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from torch import nn

from rexpand.cost import Cost
from rexpand.cost.operators import Call, Layer, Shape
from rexpand.cost.tree import Node

_CONTAINERS = (nn.Sequential, nn.ModuleList, nn.ModuleDict)


def tree_of(module: nn.Module, layers: Sequence[Layer], calls: Sequence[Call]) -> Node:
    """The tree of a module whose layers ran; a shared part stands where it is first."""
    ran: dict[str, list[Layer]] = {}
    for layer in layers:
        ran.setdefault(layer.name, []).append(layer)
    run = _Run(
        layers=layers, ran=ran, returned={each.name: each.output for each in calls}
    )
    return _node("", module, run, set())


@dataclass(frozen=True, kw_only=True)
class _Run:
    """The layers in their order and by module, and what each module returned last."""

    layers: Sequence[Layer]
    ran: Mapping[str, Sequence[Layer]]
    returned: Mapping[str, Shape]


def _node(name: str, module: nn.Module, run: _Run, seen: set[int]) -> Node:
    own = 0
    for parameter in module._parameters.values():
        if parameter is not None and id(parameter) not in seen:
            seen.add(id(parameter))
            own += parameter.numel()
    children = []
    for part, child in module._modules.items():
        if child is not None and id(child) not in seen:
            seen.add(id(child))
            path = f"{name}.{part}" if name else part
            children.append(_node(path, child, run, seen))
    layers = run.ran.get(name, ())
    returned = run.returned.get(name)
    return Node(
        name=name,
        module=type(module).__name__,
        cost=_sum(own, layers, children),
        output=_last_written(name, run, children) if returned is None else returned,
        children=tuple(children),
        is_container=type(module) in _CONTAINERS,
    )


def _sum(own: int, layers: Sequence[Layer], children: Sequence[Node]) -> Cost:
    """The module's own params, what its layers ran, and what its parts cost."""
    parts = [child.cost for child in children]
    costs = [*parts, *[layer.cost for layer in layers if layer.has_macs]]
    return Cost(
        own + sum([cost.params for cost in parts]),
        sum([cost.macs for cost in costs]),
        sum([cost.activations for cost in costs]),
        sum([cost.memory_access for cost in costs]),
    )


def _last_written(name: str, run: _Run, children: Sequence[Node]) -> Shape:
    """Of a module that returned no tensor, what the last layer at or below it wrote."""
    if name not in run.ran and not any(child.output for child in children):
        return ()
    below = f"{name}." if name else ""
    return next(
        (
            layer.output
            for layer in reversed(run.layers)
            if layer.name == name or layer.name.startswith(below)
        ),
        (),
    )
