"""The modules as a tree, with what each and all below it cost."""

from collections.abc import Sequence

from torch import nn

from rexpand.cost import Cost
from rexpand.cost.module import Layer, Node, Shape

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
    children = tuple(
        _node(f"{name}.{part}" if name else part, child, ran, seen)
        for part, child in module.named_children()
        if not (id(child) in seen or seen.add(id(child)))  # type: ignore[func-returns-value]
    )
    layers = ran.get(name, ())
    cost = Cost(params=own)
    for part in (*(_run(layer) for layer in layers), *(c.cost for c in children)):
        cost += part
    return Node(
        name=name,
        module=type(module).__name__,
        cost=cost,
        output=_output(layers, children),
        children=children,
        is_container=type(module) in _CONTAINERS,
    )


def _run(layer: Layer) -> Cost:
    """What running it cost; the parameters are the module's."""
    if not layer.has_macs:
        return Cost()
    return Cost(0, layer.macs, layer.elements_out, layer.memory_access)


def _output(layers: Sequence[Layer], children: Sequence[Node]) -> Shape:
    if layers:
        return layers[-1].output
    return next((child.output for child in reversed(children) if child.output), ())
