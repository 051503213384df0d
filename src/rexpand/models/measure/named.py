"""The counts of whatever a command takes for NETWORK, without its weights."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from rexpand.cost.graph import Graph
from rexpand.errors import MistakeError
from rexpand.models.find import find_module
from rexpand.spec import find_network, is_foreign
from rexpand.trace.tracing import trace

_USUAL = 224  # pixels, unless the network says otherwise
_FILLS = frozenset(
    getattr(Tensor, name)
    for name in (
        *("uniform_", "normal_", "trunc_normal_", "zero_", "fill_", "erfinv_"),
        *("mul_", "add_", "clamp_", "copy_", "div_", "sub_", "exponential_"),
    )
    if hasattr(Tensor, name)
) | frozenset(  # these call those where no mode sees it
    getattr(nn.init, name)
    for name in (
        *("uniform_", "normal_", "constant_", "trunc_normal_", "kaiming_uniform_"),
        *("kaiming_normal_", "xavier_uniform_", "xavier_normal_"),
    )
)


def find_weightless(name: str) -> nn.Module:
    """The module on `meta`, at once and in no memory, where it can be built there.

    Elsewhere, and for code that needs values while it builds, as `find_module`.
    """
    try:
        with torch.device("meta"), _Unfilled():
            return find_module(name)
    except MistakeError:
        raise
    except Exception:  # a stranger's constructor may need values
        return find_module(name)


def find_cost(
    name: str, resolution: int | None = None
) -> tuple[Graph, tuple[int, int, int]]:
    """What one image costs, and its channels, height and width.

    Without `resolution` it is the spec's, the one that a timm network insists on, or
    224. Raises MistakeError as `trace`.
    """
    module = find_weightless(name)
    channels, side = usual_image(name, module)
    image = (channels, resolution or side, resolution or side)
    try:
        return trace(module, image), image
    except MistakeError:
        if not any(parameter.is_meta for parameter in module.parameters()):
            raise
    return trace(find_module(name), image), image


def usual_image(name: str, module: nn.Module) -> tuple[int, int]:
    """Channels and side of the image that a network is usually given."""
    if not is_foreign(name):
        spec = find_network(name)
        return spec.in_channels, spec.resolution
    settings: Any = getattr(module, "pretrained_cfg", None) or {}
    channels, side, _ = settings.get("input_size", (3, _USUAL, _USUAL))
    return channels, side if settings.get("fixed_input_size") else _USUAL


class _Unfilled(TorchFunctionMode):
    """Weights on `meta` have no values, so that nothing need fill them."""

    def __torch_function__(
        self,
        func: Any,
        types: Sequence[type],
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        if func in _FILLS:
            filled = args[0] if args else (kwargs or {})["tensor"]
            if filled.is_meta:
                return filled
        return func(*args, **(kwargs or {}))
