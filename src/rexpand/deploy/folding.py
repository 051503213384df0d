"""Batch norms inside the layers before them: fewer operators, the same scores.

In inference mode a batch norm scales and shifts every channel by constants. Where it
reads the output of a convolution or a linear layer that nothing else reads, the
constants go into that layer's weight and bias (Jacob et al., arXiv 1712.05877, section 3.2).
"""

import copy
from collections import Counter
from collections.abc import Iterator

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from rexpand.cost import Graph, Layer
from rexpand.models.contracts import image_of
from rexpand.trace import trace
from rexpand.trace.foreign import foreign_code

_FILTERS = (nn.Conv1d, nn.Conv2d, nn.Conv3d, nn.Linear)


def folded(module: nn.Module, image: tuple[int, int, int] | None = None) -> nn.Module:
    """A copy in inference mode, without the batch norms that can be folded.

    `image` is (channels, height, width), by default what the module says of itself. The
    module stays as it was; the copy has no gradients. A norm that is left is one whose
    input something else reads too, or is not of one layer with a weight of its own.
    Raises ForeignCodeError if the module does not run on such an image.
    """
    with foreign_code(f"copying {type(module).__name__}"):
        found = copy.deepcopy(module).eval().requires_grad_(False)
    graph = trace(found, image or image_of(module))
    with torch.no_grad():
        for layer, norm in _pairs(found, graph):
            _fold(found.get_submodule(layer), found.get_submodule(norm))
            found.set_submodule(norm, _after(found.get_submodule(norm)))
    return found


def _pairs(module: nn.Module, graph: Graph) -> Iterator[tuple[str, str]]:
    """The names of layers and of the norms that go into them."""
    layers = graph.layers
    calls = Counter(layer.name for layer in layers if layer.has_macs)
    returned = {end.origin for end in graph.ends}
    weights = Counter(id(each) for each in _parameters(module))
    for place, norm in enumerate(layers):
        if norm.kind != "norm" or not _is_norm(module.get_submodule(norm.name)):
            continue
        source = norm.edges[0]
        if not isinstance(source.origin, int) or source.view != "whole":
            continue
        before = layers[source.origin]
        if (
            graph.flow.readers[source.origin] == (place,)
            and source.origin not in returned
            and calls[before.name] == 1
            and sum(each.kind == "norm" for each in layers if each.name == norm.name)
            == 1
            and _owns_weight(module, before, weights)
        ):
            yield before.name, norm.name


def _parameters(module: nn.Module) -> Iterator[Tensor]:
    for part in module.modules():
        yield from (each for each in part._parameters.values() if each is not None)


def _is_norm(module: nn.Module) -> bool:
    """Whether it normalises by statistics that it keeps."""
    return isinstance(module, _BatchNorm) and module.running_mean is not None


def _owns_weight(module: nn.Module, layer: Layer, uses: Counter[int]) -> bool:
    """Whether a layer multiplies by its own parameter, which no other layer shares."""
    owner = module.get_submodule(layer.name)
    if not isinstance(owner, _FILTERS):
        return False
    if isinstance(owner, nn.Linear) and len(layer.output) != 2:
        return False  # the norm of tokens is over another axis
    weight = (f"{layer.name}.weight").lstrip(".")
    return ("weight", weight) in layer.tensors and uses[id(owner.weight)] == 1


def _fold(layer: nn.Module, norm: nn.Module) -> None:
    """Scale and shift a layer's channels by a norm's constants, computed in float64."""
    assert isinstance(layer, _FILTERS)
    assert isinstance(norm, _BatchNorm)
    assert norm.running_mean is not None
    assert norm.running_var is not None
    scale = (norm.running_var.double() + norm.eps).rsqrt()
    if norm.weight is not None:
        scale = scale * norm.weight.double()
    shift = -norm.running_mean.double() * scale
    if norm.bias is not None:
        shift = shift + norm.bias.double()
    if layer.bias is not None:
        shift = shift + layer.bias.double() * scale
    weight = layer.weight
    by_channel = scale.reshape(-1, *(1 for _ in weight.shape[1:]))
    layer.weight.copy_(weight.double() * by_channel)
    layer.bias = nn.Parameter(shift.to(weight.dtype), requires_grad=False)


def _after(norm: nn.Module) -> nn.Module:
    """What a norm did besides: its children, such as an activation, in their order."""
    children = [*norm.children()]
    if not children:
        return nn.Identity()
    return children[0] if len(children) == 1 else nn.Sequential(*children)
