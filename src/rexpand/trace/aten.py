"""Aten operators that no rule saw being called: inside scripted code, or rarely used.

The dispatch mode shows them by name, without the ending of those that write in place.
A name in no table here is counted as nothing, and said to be.
"""

from typing import Any

from torch import Tensor

from rexpand.cost.operators import Kind
from rexpand.trace import keep
from rexpand.trace.elementwise import ACTIVATIONS, BINARY, UNARY
from rexpand.trace.watch import Seen, Watch, axis_of, constants_of, tensors_in

_KINDS: dict[str, Kind] = {
    **dict.fromkeys(ACTIVATIONS, "activation"),
    **dict.fromkeys(UNARY, "elementwise"),
    **BINARY,
    **dict.fromkeys(("_softmax", "_log_softmax", "_safe_softmax"), "softmax"),
    **dict.fromkeys(
        (
            *("native_batch_norm", "native_layer_norm", "native_group_norm"),
            *("_native_batch_norm_legit", "_native_batch_norm_legit_no_training"),
            *("cudnn_batch_norm", "miopen_batch_norm", "_fused_rms_norm"),
            *("batch_norm", "layer_norm", "group_norm", "_batch_norm_no_update"),
        ),
        "norm",
    ),
    **dict.fromkeys(
        (
            *("mean", "sum", "amax", "amin", "max", "min", "var", "std", "prod"),
            *("var_mean", "std_mean", "norm", "linalg_vector_norm", "logsumexp"),
            *("argmax", "argmin", "any", "all", "cumsum", "topk", "sort"),
        ),
        "reduction",
    ),
    **dict.fromkeys(
        (
            *("max_pool2d_with_indices", "avg_pool2d", "_adaptive_avg_pool2d"),
            *("adaptive_avg_pool2d", "adaptive_max_pool2d", "mkldnn_max_pool2d"),
            *("max_pool3d_with_indices", "avg_pool3d", "_adaptive_avg_pool3d"),
            *("avg_pool1d", "adaptive_max_pool3d"),
        ),
        "pool",
    ),
    **dict.fromkeys(
        (
            *("upsample_nearest1d", "upsample_nearest2d", "upsample_nearest3d"),
            *("_upsample_nearest_exact2d", "upsample_linear1d", "upsample_bilinear2d"),
            *("upsample_bicubic2d", "upsample_trilinear3d", "_upsample_bicubic2d_aa"),
            *("_upsample_bilinear2d_aa",),
        ),
        "resize",
    ),
    **dict.fromkeys(
        (
            *("cat", "stack", "clone", "copy", "constant_pad_nd", "reflection_pad2d"),
            *("replication_pad2d", "roll", "repeat", "flip", "index", "index_select"),
            *("gather", "embedding", "pixel_shuffle", "pixel_unshuffle", "im2col"),
            *("col2im", "index_put", "scatter", "masked_fill", "where", "_to_copy"),
            *("channel_shuffle", "native_channel_shuffle", "fill", "zero", "index_add"),
            *("repeat_interleave", "triu", "tril", "masked_scatter", "take"),
            *("grid_sampler_2d", "reflection_pad1d", "replication_pad1d", "rot90"),
        ),
        "copy",
    ),
    **dict.fromkeys(
        (
            *("glu", "addcmul", "addcdiv", "logaddexp", "fmod", "remainder", "lerp"),
            *("threshold", "_prelu_kernel", "logical_and", "logical_or", "logit"),
            *("logical_not", "eq", "ne", "lt", "le", "gt", "ge", "atan2", "acos"),
            *("asin", "atan", "sinh", "cosh", "log2", "log10", "trunc", "frac"),
            *("exp2", "floor_divide", "bitwise_and", "bitwise_or", "bitwise_not"),
            *("isnan", "isinf", "isfinite", "sgn", "erfinv", "digamma", "lgamma"),
            *("bernoulli", "native_dropout", "rand_like", "randn_like", "xlogy"),
        ),
        "elementwise",
    ),
}

_VIEWS = (
    *("view", "_unsafe_view", "_reshape_alias", "reshape", "expand", "permute", "t"),
    *("transpose", "unsqueeze", "squeeze", "slice", "select", "split", "unbind"),
    *("split_with_sizes", "as_strided", "detach", "alias", "unfold", "diagonal"),
    *("view_as_real", "view_as_complex", "lift_fresh", "narrow", "unsafe_split"),
    *("unsafe_chunk", "chunk", "real", "imag", "set", "resize", "dropout"),
)
# New tensors and plain numbers, which look at no other tensor's memory.
_FRESH = (
    *("empty", "zeros", "ones", "full", "arange", "linspace", "eye", "empty_like"),
    *("zeros_like", "ones_like", "full_like", "new_empty", "new_zeros", "new_ones"),
    *("new_full", "empty_strided", "new_empty_strided", "scalar_tensor", "rand"),
    *("randn", "randint", "normal", "uniform", "randperm", "meshgrid", "item"),
    *("is_same_size", "sym_size", "sym_numel", "nonzero", "equal", "_assert_async"),
    *("_assert_scalar", "_assert_tensor_metadata", "_local_scalar_dense"),
)


def aten_table() -> dict[str, Seen]:
    """What to do with an aten operator, by name."""
    return {
        **dict.fromkeys(_KINDS, _element),
        **dict.fromkeys(_VIEWS, _looked),
        **dict.fromkeys(_FRESH, _nothing),
        "convolution": _convolution,
        "_convolution": _convolution,
        "cudnn_convolution": _convolution,
        "mkldnn_convolution": _convolution,
        "mm": _product,
        "bmm": _product,
        "mv": _product,
        "dot": _product,
        "vdot": _product,
        "addmm": _added,
        "baddbmm": _added,
        "addmv": _added,
        "linear": _linear,
        "_scaled_dot_product_flash_attention": _attention,
        "_scaled_dot_product_flash_attention_for_cpu": _attention,
        "_scaled_dot_product_efficient_attention": _attention,
        "_scaled_dot_product_cudnn_attention": _attention,
        "_scaled_dot_product_attention_math": _attention,
        "torchvision::deform_conv2d": _deformable,
    }


def _looked(watch: Watch, name: str, args: tuple[Any, ...], output: Any) -> None:
    """A view of the first tensor, or several."""
    watch.looked(name, args, output)


def _nothing(watch: Watch, name: str, args: tuple[Any, ...], output: Any) -> None:
    """New numbers: no view, and no operator that the graph keeps."""


def _element(watch: Watch, name: str, args: tuple[Any, ...], output: Any) -> None:
    first = output[0] if isinstance(output, tuple | list) else output
    operands = tensors_in(args)
    is_number = not isinstance(first, Tensor) or not first.is_floating_point()
    if is_number or not operands:
        return  # index arithmetic
    kind = _KINDS.get(name) or _KINDS[name.removesuffix("_")]
    if kind in ("add", "multiply") and len(operands) < 2:
        kind = "elementwise"
    watch.add(
        *(kind, f"aten.{name}", operands, first),
        constants=constants_of(args, {}),
        channel_axis=axis_of(first),
    )


def _convolution(watch: Watch, name: str, args: tuple[Any, ...], output: Any) -> None:
    x, weight, bias, stride, padding, dilation, transposed, _, groups = args[:9]
    keep.convolution(
        *(watch, f"aten.{name}", x, weight, bias, output),
        stride=tuple(stride),
        padding=tuple(padding),
        dilation=tuple(dilation),
        groups=groups,
        is_transposed=transposed,
    )


def _deformable(watch: Watch, name: str, args: tuple[Any, ...], output: Any) -> None:
    """Sampling the input off its grid costs extra, in no one's convention but ptflops'."""
    x, weight, _, _, bias, *steps = args[:11]
    stride, padding, dilation = steps[0:2], steps[2:4], steps[4:6]
    keep.convolution(
        *(watch, name, x, weight, bias, output),
        stride=tuple(stride) or (1, 1),
        padding=tuple(padding) or (0, 0),
        dilation=tuple(dilation) or (1, 1),
        groups=x.shape[1] // weight.shape[1],
    )


def _product(watch: Watch, name: str, args: tuple[Any, ...], output: Any) -> None:
    left, right = args[:2]
    keep.product(watch, f"aten.{name}", left, right, output)


def _added(watch: Watch, name: str, args: tuple[Any, ...], output: Any) -> None:
    _product(watch, name, args[1:], output)


def _linear(watch: Watch, name: str, args: tuple[Any, ...], output: Any) -> None:
    bias = args[2] if len(args) > 2 else None
    keep.projected(watch, f"aten.{name}", args[0], args[1], bias, output)


def _attention(watch: Watch, name: str, args: tuple[Any, ...], output: Any) -> None:
    keep.attended(watch, f"aten.{name}", args[:3], output[0])
