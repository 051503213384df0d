"""Convolutions with weights in the order that the processor's kernels read.

torch hands convolutions on a CPU to oneDNN, which copies the weights into an order of
its own in every call. Here it is done once, and the nonlinearity that reads a
convolution, and nothing else, is applied while its result is still in the cache.
Behind a global pool even that is more work than the convolution itself: there it
becomes a product with a matrix.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from rexpand.cost import Graph, Layer
from rexpand.trace import trace

# What oneDNN applies to a result, by the name of torch's function, with its constants.
_FUSED = MappingProxyType(
    {
        "relu": ("relu", ()),
        "relu6": ("hardtanh", (0.0, 6.0)),
        "silu": ("swish", ()),
        "hardswish": ("hardswish", ()),
        "hardsigmoid": ("hardsigmoid", ()),
        "sigmoid": ("sigmoid", ()),
        "tanh": ("tanh", ()),
    }
)
# The same on a result that nothing else reads.
_IN_PLACE: Mapping[str, Callable[[Tensor], Tensor]] = MappingProxyType(
    {
        "relu": torch.relu_,
        "relu6": partial(functional.relu6, inplace=True),
        "silu": partial(functional.silu, inplace=True),
        "hardswish": partial(functional.hardswish, inplace=True),
        "hardsigmoid": partial(functional.hardsigmoid, inplace=True),
        "sigmoid": torch.sigmoid_,
        "tanh": torch.tanh_,
    }
)


class PackedConvolution(nn.Module):
    """A convolution and its nonlinearity, for inference on a CPU.

    Maps (batch, in_channels, height, width) to (batch, out_channels, ...) as the layer
    does that it was made of; the weights are ordered for maps of `size` (batch first),
    and right for all. Without a nonlinearity `function` is empty.
    """

    def __init__(self, layer: nn.Conv2d, size: tuple[int, ...], function: str) -> None:
        super().__init__()
        assert not isinstance(layer.padding, str)
        geometry = (layer.padding, layer.stride, layer.dilation, layer.groups)
        reorder: Any = torch._C._nn.mkldnn_reorder_conv2d_weight
        weight = reorder(layer.weight.detach().to_mkldnn(), *geometry, size)
        after = _FUSED[function] if function else ("none", ())
        # Found once: in every call torch takes its time to look for a parameter, and
        # for the one of the operators of a name.
        self.arguments = (weight, _plain(layer.bias), *geometry, *after, "")
        self.convolve = torch.ops.mkldnn._convolution_pointwise.default

    def forward(self, images: Tensor) -> Tensor:
        found: Tensor = self.convolve(images, *self.arguments)
        return found


class VectorConvolution(nn.Module):
    """A 1x1 convolution behind a global pool and its nonlinearity, on a CPU.

    Maps (batch, in_channels, 1, 1) to (batch, out_channels, 1, 1), and larger maps as
    the layer does that it was made of. Preparing a convolution takes longer than the
    product of a vector and a matrix.
    """

    def __init__(self, layer: nn.Conv2d, function: str) -> None:
        super().__init__()
        weight = layer.weight.detach().flatten(1).contiguous()
        self.arguments = (weight, _plain(layer.bias))
        self.after = _IN_PLACE[function] if function else None

    def forward(self, images: Tensor) -> Tensor:
        found = functional.linear(images.permute(0, 2, 3, 1), *self.arguments)
        if self.after is not None:
            self.after(found)
        return found.permute(0, 3, 1, 2)


def _plain(parameter: Tensor | None) -> Tensor | None:
    return None if parameter is None else parameter.detach()


def can_pack(module: nn.Module) -> bool:
    """Whether torch has oneDNN here, and the module's numbers are float32 on a CPU."""
    tensors = [*module.parameters(), *module.buffers()]
    numbers = (each for each in tensors if each.is_floating_point())
    return bool(torch.backends.mkldnn.is_available()) and all(  # type: ignore[no-untyped-call]
        each.dtype == torch.float32 and each.device.type == "cpu" for each in numbers
    )


def pack(module: nn.Module, image: tuple[int, int, int]) -> None:
    """Replace the convolutions of a module in inference mode, and what they swallow.

    Those of a class of their own, with another kind of padding, with a shared weight or
    that run several times stay as they are.
    """
    graph = trace(module, image)
    for layer, reader in [*_packable(module, graph)]:
        convolution = module.get_submodule(layer.name)
        assert isinstance(convolution, nn.Conv2d)
        function = ""
        if reader is not None:
            function = _name(reader)
            module.set_submodule(reader.name, nn.Identity())
        packed = (
            VectorConvolution(convolution, function)
            if _reads_vectors(layer)
            else PackedConvolution(convolution, layer.inputs[0], function)
        )
        module.set_submodule(layer.name, packed)


def _packable(module: nn.Module, graph: Graph) -> Iterator[tuple[Layer, Layer | None]]:
    """The convolutions, each with the nonlinearity that it can apply itself."""
    calls = Counter(layer.name for layer in graph.layers)
    for place, layer in enumerate(graph.layers):
        if layer.kind != "convolution" or calls[layer.name] > 1:
            continue
        if _is_plain(module.get_submodule(layer.name), layer):
            yield layer, _nonlinearity(module, graph, place, calls)


def _is_plain(owner: nn.Module, layer: Layer) -> bool:
    """Whether it is torch's own layer, with its own weight and zeros around the map."""
    return (
        type(owner) is nn.Conv2d
        and owner.padding_mode == "zeros"
        and not isinstance(owner.padding, str)
        and ("weight", f"{layer.name}.weight".lstrip(".")) in layer.tensors
    )


def _reads_vectors(layer: Layer) -> bool:
    """Whether it is a matrix, applied to one position."""
    is_dense = layer.kernel_size == layer.stride == (1, 1) and layer.groups == 1
    return is_dense and layer.padding == (0, 0) and layer.in_size == (1, 1)


def _nonlinearity(
    module: nn.Module, graph: Graph, place: int, calls: Counter[str]
) -> Layer | None:
    """The only layer that reads a convolution, if oneDNN can apply it and it is alone
    in its module."""
    readers = graph.flow.readers[place]
    if len(readers) != 1 or place in {end.origin for end in graph.ends}:
        return None
    reader = graph.layers[readers[0]]
    reads_all = all(edge.view == "whole" for edge in reader.edges)
    is_alone = calls[reader.name] == 1 and not [
        *module.get_submodule(reader.name).children()
    ]
    is_fused = reader.kind == "activation" and _name(reader) in _FUSED
    return reader if is_fused and reads_all and is_alone else None


def _name(layer: Layer) -> str:
    return layer.function.rpartition(".")[2].rstrip("_")
