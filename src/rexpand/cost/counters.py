"""The rules of the counters: what each counts for one operator as it ran.

Facts about fvcore 0.1.5, ptflops 0.7 (its PyTorch backend), thop 0.1.1 and torch's
FlopCounterMode, read from their code and compared with their output. fvcore traces, and
counts a list of operators. thop hooks modules, and knows classes by their exact name: a
subclass is not counted. ptflops does the same and also patches functions, so an
`nn.ReLU` counts twice, as a module and as the function that it calls, while `x + y`,
which is not a function, never counts.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from rexpand.cost.operators import Layer

_ATTENTION = "matrix products and attention"
_NORMS = {
    "batch_norm": "batch norm",
    "layer_norm": "layer norm",
    "group_norm": "group norm",
    "instance_norm": "instance norm",
    "rms_norm": "RMS norm",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Share:
    """A part of a counter's count for an operator, and its reason."""

    count: int
    reason: str
    is_product: bool = False


Rule = Callable[[Layer], Iterator[Share]]


def papers(layer: Layer) -> int:
    """Multiply-accumulates of convolutions and linear layers."""
    return layer.macs if layer.kind in ("convolution", "linear") else 0


def _papers(layer: Layer) -> Iterator[Share]:
    if papers(layer):
        yield _product(layer.macs)


def _macs(layer: Layer) -> Iterator[Share]:
    """Ours: what the papers count, plus products of features with features."""
    yield from _papers(layer)
    if layer.kind in ("product", "attention"):
        yield Share(count=layer.macs, reason=_ATTENTION)


def _with_norm(layer: Layer) -> Iterator[Share]:
    yield from _macs(layer)
    if layer.kind == "norm":
        yield _per_element(layer, 2, _norm_of(layer))


def _with_norm_and_activations(layer: Layer) -> Iterator[Share]:
    yield from _with_norm(layer)
    if layer.kind == "activation":
        yield _per_element(layer, 1, "activations")


def _torch(layer: Layer) -> Iterator[Share]:
    """Operations: a multiplication and an addition count as two."""
    if layer.function.startswith(("aten.mv", "aten.dot", "torchvision::")):
        return
    yield from _macs(layer)
    if layer.macs:
        reason = "the additions of the multiply-accumulates"
        yield Share(count=layer.macs, reason=reason)


def _fvcore(layer: Layer) -> Iterator[Share]:
    match layer.kind:
        case "convolution" | "linear" if layer.function not in _RECURRENT:
            yield _product(layer.macs)
        case "product" if layer.function == "torch.einsum":
            yield Share(count=layer.macs, reason=_ATTENTION)
        case "product" if "baddbmm" not in layer.function:
            yield _matrix_product(layer)
        case "norm" if "rms" not in layer.function:
            yield _per_element(layer, _fvcore_norm(layer), _norm_of(layer))
        case "pool" if layer.function == "F.adaptive_avg_pool2d":
            yield _per_input(layer, 1, "adaptive average pooling")
        case "resize" if layer.mode in ("nearest", "bilinear"):
            if len(layer.output) == 4:
                each = 4 if layer.mode == "bilinear" else 1
                yield _per_element(layer, each, "resizing")


def _fvcore_norm(layer: Layer) -> int:
    """In inference a batch norm is a scale and a shift; other norms count as 5."""
    if layer.function == "F.batch_norm":
        return 2 if layer.is_affine else 1
    return 5 if layer.is_affine else 4


def _ptflops(layer: Layer) -> Iterator[Share]:
    module = _nn(layer)
    match layer.kind:
        case "convolution" if module in _CONVOLUTIONS:
            yield from _with_bias(layer)
        case "linear" if module in ("linear.Linear", "activation.MultiheadAttention"):
            if layer.within not in _TIMM_ATTENTION:  # it does not count inside of those
                yield from _with_bias(layer)
        case "product" if layer.function.startswith(_PTFLOPS_PRODUCTS):
            yield _matrix_product(layer)
        case "attention" if module == "activation.MultiheadAttention" or (
            layer.module in _TIMM_ATTENTION
        ):
            yield Share(count=layer.macs, reason=_ATTENTION)
            extra = layer.macs // (2 * layer.contracted) + math.prod(layer.inputs[0])
            yield Share(count=extra, reason="scaling and softmax of attention")
        case "norm" if module in _PTFLOPS_NORMS:
            is_double = layer.is_affine and module != "normalization.LayerNorm"
            yield _per_element(layer, 1 + is_double, _norm_of(layer))
        case _:
            yield from _ptflops_elements(layer, module)


def _ptflops_elements(layer: Layer, module: str) -> Iterator[Share]:
    """Once for a module that it hooks, and once for a function that it patches."""
    name = layer.function
    match layer.kind:
        case "activation":
            times = (module in _PTFLOPS_ACTIVATIONS) + (name in _PTFLOPS_FUNCTIONS)
            what = module.rpartition(".")[2] or name
            yield _per_element(layer, times, what)
        case "pool":
            times = module.startswith("pooling.") + name.startswith("F.")
            yield _per_input(layer, times, "pooling")
        case "softmax":
            yield _per_element(layer, int(name == "F.softmax"), "softmax")
        case "resize":
            times = (module == "upsampling.Upsample") + (1 + (name == "F.upsample"))
            yield _per_element(layer, times, "resizing")
        case "add" | "multiply" | "elementwise":
            if name in ("torch.add", "torch.mul", "Tensor.add", "Tensor.mul"):
                what = "additions and multiplications by name"
                yield _per_element(layer, 1, what)


def _thop(layer: Layer) -> Iterator[Share]:
    module = _nn(layer)
    match layer.kind:
        case "convolution" if module in _CONVOLUTIONS:
            yield _product(_thop_convolution(layer))
        case "linear" if module == "linear.Linear":
            yield _product(layer.macs)
        case "norm" if module in _THOP_NORMS:
            yield _per_element(layer, 2 + 2 * layer.is_affine, _norm_of(layer))
        case "activation" if module == "activation.PReLU":
            yield _per_element(layer, 1, "PReLU")
        case "softmax" if module == "activation.Softmax":
            rows = layer.elements_out // layer.contracted
            count = rows * (3 * layer.contracted - 1)
            yield Share(count=count, reason="softmax, 3 per element")
        case "pool" if module.startswith("pooling.AvgPool"):
            yield _per_element(layer, 1, "average pooling")
        case "pool" if module.startswith("pooling.AdaptiveAvgPool"):
            yield _thop_adaptive(layer)
        case "resize" if module.startswith("upsampling."):
            yield _per_element(layer, _THOP_RESIZE.get(layer.mode, 0), "resizing")


def _thop_convolution(layer: Layer) -> int:
    """Every output sums over the input channels of a group, transposed or not."""
    return (
        layer.elements_out
        * (layer.in_channels // layer.groups)
        * math.prod(layer.kernel_size)
    )


def _thop_adaptive(layer: Layer) -> Share:
    window = math.prod(
        had / has for had, has in zip(layer.in_size, layer.out_size, strict=True)
    )
    count = int((window + 1) * layer.elements_out)
    return Share(count=count, reason="adaptive average pooling")


def _product(macs: int) -> Share:
    return Share(count=macs, reason="multiply-accumulates", is_product=True)


def _matrix_product(layer: Layer) -> Share:
    """The left factor's elements times the right one's columns, as the tools count."""
    count = math.prod(layer.inputs[0]) * layer.inputs[1][-1]
    return Share(count=count, reason=_ATTENTION)


def _with_bias(layer: Layer) -> Iterator[Share]:
    yield _product(layer.macs)
    if layer.has_bias:
        yield _per_element(layer, 1, "biases")


def _per_element(layer: Layer, times: int, what: str) -> Share:
    return Share(
        count=times * layer.elements_out, reason=f"{times} per element of {what}"
    )


def _per_input(layer: Layer, times: int, what: str) -> Share:
    return Share(
        count=times * math.prod(layer.inputs[0]),
        reason=f"{times} per element into {what}",
    )


def _norm_of(layer: Layer) -> str:
    return _NORMS.get(layer.function.removeprefix("F."), "norm")


def _nn(layer: Layer) -> str:
    """The module's class if it is exactly one of torch's: `conv.Conv2d`."""
    name = layer.module
    return name.removeprefix(_OWN) if name.startswith(_OWN) else ""


def _dimensions(place: str, *names: str) -> frozenset[str]:
    return frozenset(f"{place}.{name}{axes}d" for name in names for axes in (1, 2, 3))


_OWN = "torch.nn.modules."
_CONVOLUTIONS = _dimensions("conv", "Conv", "ConvTranspose")
_BATCH_NORMS = _dimensions("batchnorm", "BatchNorm") | _dimensions(
    "instancenorm", "InstanceNorm"
)
_PTFLOPS_NORMS = _BATCH_NORMS | {"normalization.GroupNorm", "normalization.LayerNorm"}
_THOP_NORMS = _BATCH_NORMS | {"batchnorm.SyncBatchNorm", "normalization.LayerNorm"}
_PTFLOPS_ACTIVATIONS = frozenset(
    f"activation.{name}"
    for name in ("ReLU", "PReLU", "ELU", "LeakyReLU", "ReLU6", "GELU")
)
_PTFLOPS_FUNCTIONS = frozenset(
    f"F.{name}" for name in ("relu", "prelu", "elu", "relu6", "gelu", "silu")
)
_TIMM_ATTENTION = (
    "timm.layers.attention.Attention",
    "timm.models.vision_transformer.Attention",
)
_PTFLOPS_PRODUCTS = tuple(
    f"{place}.{name}"
    for place in ("torch", "Tensor")
    for name in ("matmul", "mm", "bmm")
)
_RECURRENT = ("torch.lstm", "torch.gru", "torch.rnn_tanh", "torch.rnn_relu")
# Operations per output element of thop's formulas.
_THOP_RESIZE = {"nearest": 1, "linear": 5, "bilinear": 11, "bicubic": 259}

COUNTERS: dict[str, Rule] = {
    "papers": _papers,
    "macs": _macs,
    "with_norm": _with_norm,
    "with_norm_and_activations": _with_norm_and_activations,
    "torch": _torch,
    "fvcore": _fvcore,
    "ptflops": _ptflops,
    "thop": _thop,
}
