"""The basic residual block as data (arXiv 1512.03385)."""

from dataclasses import dataclass
from typing import Annotated, Literal

from rexpand.ranges import KERNEL
from rexpand.spec.blocks.choices import Activation
from rexpand.spec.blocks.fields import nonlinearity
from rexpand.spec.blocks.residual import Residual


@dataclass(frozen=True, kw_only=True)
class BasicResidual(Residual):
    """Two kxk convolutions with batch norm, [squeeze-excite], add, activation.

    The first has the stride. The shortcut is added before the last activation.
    """

    kernel_size: Annotated[int, KERNEL] = 3
    inner_activation: Activation = nonlinearity("relu", "inner")
    output_activation: Activation = nonlinearity("relu", "output")
    kind: Literal["basic_residual"] = "basic_residual"

    @property
    def kernels(self) -> tuple[int, ...]:
        return (self.kernel_size,)
