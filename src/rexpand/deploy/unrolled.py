"""The path through a packed module, written out as one function.

A mobile network at batch 1 spends a tenth of its time in modules that call modules.
torch.fx follows the path once and writes down the functions of the layers, in the order
in which they run.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, fx, nn

from rexpand.deploy.packing import PackedConvolution, VectorConvolution
from rexpand.errors import ForeignCodeError
from rexpand.trace.foreign import foreign_code

_NOTHING_TO_DO = (nn.Identity, nn.Dropout)  # in inference mode
_PACKED = (PackedConvolution, VectorConvolution)


def unrolled(module: nn.Module, image: tuple[int, int, int]) -> Callable[[Tensor], Any]:
    """What a module on a CPU in inference mode does, without calls of modules.

    The call of the module where it has hooks, where its path depends on the images, or
    where the function gives other scores: to a question for types torch.fx may give the
    wrong answer.
    """
    if any(each._forward_hooks or each._forward_pre_hooks for each in module.modules()):
        return module.__call__
    try:
        with foreign_code(f"following {type(module).__name__}"):
            found = _written_out(module)
            images = torch.rand(2, *image, generator=torch.Generator().manual_seed(0))
            torch.testing.assert_close(found(images), module(images), equal_nan=True)
    except ForeignCodeError:
        return module.__call__
    return found


def _written_out(module: nn.Module) -> Callable[[Tensor], Any]:
    graph = _Tracer().trace(module)
    for node in [*graph.nodes]:
        if node.op != "call_module":
            continue
        layer = module.get_submodule(node.target)
        if isinstance(layer, _NOTHING_TO_DO):
            node.replace_all_uses_with(node.args[0])
            graph.erase_node(node)
        elif isinstance(layer, _PACKED):
            node.op, node.target = "call_function", layer.forward
    return fx.GraphModule(module, graph).forward


class _OnCpu(fx.Proxy):
    """A map on the path, which lies where the weights do."""

    device = torch.device("cpu")


class _Tracer(fx.Tracer):
    """Takes packed layers as they are, as it does with those of torch."""

    def proxy(self, node: fx.Node) -> fx.Proxy:
        return _OnCpu(node, self)

    def is_leaf_module(self, layer: nn.Module, name: str) -> bool:
        return isinstance(layer, _PACKED) or super().is_leaf_module(layer, name)
