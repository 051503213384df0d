"""What a module does to an image, as data: one step an operation."""

from dataclasses import dataclass
from typing import Literal

from rexpand.cost.operators import Layer, Shape

Kind = Literal[
    "image",
    "convolution",
    "norm",
    "activation",
    "pool",
    "gate",
    "add",
    "linear",
    "other",
]


@dataclass(frozen=True, kw_only=True)
class Step:
    """One operation: the steps it reads, the shape it outputs, its tensors by role.

    `name` says where it stands: the tensor it holds, or the operator. `joined` are the
    channels that the second input of an `add` reaches; `problem` is what keeps the step
    from being read, empty if nothing does.
    """

    kind: Kind
    name: str = ""
    inputs: tuple[int, ...] = ()
    shape: Shape = ()
    tensors: tuple[tuple[str, str], ...] = ()
    kernel_size: int = 1
    stride: int = 1
    dilation: int = 1
    groups: int = 1
    eps: float = 0.0
    activation: str = ""
    joined: int = 0
    problem: str = ""

    @property
    def channels(self) -> int:
        """Channels of its output."""
        return self.shape[1]

    @property
    def is_depthwise(self) -> bool:
        """Whether it is a convolution of each channel alone."""
        return self.kind == "convolution" and 1 < self.groups == self.channels

    @property
    def is_pointwise(self) -> bool:
        """Whether it is a 1x1 convolution of all channels, at stride 1."""
        geometry = (self.kernel_size, self.stride, self.groups)
        return self.kind == "convolution" and geometry == (1, 1, 1)


def holding(layer: Layer) -> Step | None:
    """A convolution, batch norm or linear layer, without its inputs; None for others."""
    kind: Kind
    match layer.kind:
        case "convolution" | "linear":
            kind = layer.kind
        case "norm" if operator_of(layer) == "batch_norm":
            kind = layer.kind
        case _:
            return None
    names = dict(layer.tensors)
    kernel_size, stride, dilation = (
        sides[-1] if sides else 1
        for sides in (layer.kernel_size, layer.stride, layer.dilation)
    )
    return Step(
        kind=kind,
        name=(names.get("weight") or kind).removesuffix(".weight"),
        shape=layer.output,
        tensors=layer.tensors,
        kernel_size=kernel_size,
        stride=stride,
        dilation=dilation,
        groups=layer.groups,
        eps=_eps(layer),
        problem=_problem(layer),
    )


def operator_of(layer: Layer) -> str:
    """What was called, without the place that it was called from."""
    return layer.function.rpartition(".")[2]


def _problem(layer: Layer) -> str:
    """What keeps a layer from being one of ours; empty if nothing does."""
    names = dict(layer.tensors)
    if not all(names.values()):
        return "has weights that are computed on the way"
    if layer.kind == "norm" and not {"weight", "bias"} <= names.keys():
        return "has no scale and shift"
    if layer.kind != "convolution":
        return ""
    kernel, stride, dilation = layer.kernel_size, layer.stride, layer.dilation
    if layer.is_transposed or len(kernel) != 2:
        return "is no plain 2-d convolution"
    if len({*kernel}) > 1 or len({*stride}) > 1 or len({*dilation}) > 1:
        return f"has kernel {kernel} and stride {stride}, which are not square"
    if not kernel[0] % 2:
        return f"has a kernel of {kernel}, which has no middle pixel"
    half = tuple(d * (k // 2) for d, k in zip(dilation, kernel, strict=True))
    if layer.padding != half:
        return f"is padded by {layer.padding}, not by half its kernel {kernel}"
    return ""


def _eps(layer: Layer) -> float:
    eps = dict(layer.constants).get("eps", 0.0)
    return eps if isinstance(eps, float) else 0.0
