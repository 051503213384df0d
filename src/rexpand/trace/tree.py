"""The modules as a tree, with what each and all below it cost."""

from collections.abc import Sequence

from torch import nn

from rexpand.cost import Cost
from rexpand.cost.operators import Layer, Shape
from rexpand.cost.tree import Node

_CONTAINERS = (nn.Sequential, nn.ModuleList, nn.ModuleDict)


def tree_of(module: nn.Module, layers: Sequence[Layer]) -> Node:
    """The tree of a module whose layers ran; a shared part stands where it is first."""
    ran: dict[str, list[Layer]] = {}
    for layer in layers:
        ran.setdefault(layer.name, []).append(layer)
    return _node("", module, ran, set())


def _node(
    name: str, module: nn.Module, ran: dict[str, list[Layer]], seen: set[int]
) -> Node:
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
            children.append(_node(path, child, ran, seen))
    layers = ran.get(name, ())
    return Node(
        name=name,
        module=type(module).__name__,
        cost=_sum(own, layers, children),
        output=_output(layers, children),
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


def _output(layers: Sequence[Layer], children: Sequence[Node]) -> Shape:
    if layers:
        return layers[-1].output
    return next((child.output for child in reversed(children) if child.output), ())
