"""What a module does to an image, as data: one step an operation."""

from dataclasses import dataclass
from typing import Literal

from torch import Tensor

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
    """One operation: the steps it takes in, the shape it puts out, its tensors by role.

    `name` says where it stands: the tensor it holds, or the operator. `joined` are the
    channels that the second input of an `add` reaches; `problem` is what keeps the step
    from being read, empty if nothing does.
    """

    kind: Kind
    name: str = ""
    inputs: tuple[int, ...] = ()
    shape: tuple[int, ...] = ()
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
        """Channels that the step puts out."""
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


@dataclass(frozen=True, kw_only=True)
class Trace:
    """The steps in forward order, the first is the image; `end` is the last's number."""

    steps: tuple[Step, ...]
    end: int
    output: Tensor
