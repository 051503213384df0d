"""Sizes of maps: what a kernel, a stride and a padding make of a side in pixels."""

from rexpand.errors import SpecError
from rexpand.spec.blocks.choices import check_at_least


def strided(size: int, stride: int) -> int:
    """Side behind a stride, with padding of half the odd kernel."""
    return -(-size // stride)


def unpadded(size: int, kernel_size: int, stride: int) -> int:
    """Side behind a kernel without padding; 0 or less if the kernel does not fit."""
    return (size - kernel_size) // stride + 1


def pooled(size: int, kernel_size: int, stride: int) -> int:
    """Side behind a pooling without padding that also takes the last pixels."""
    return -(-(size - kernel_size) // stride) + 1


def check_kernel(kernel_size: int) -> None:
    """Raise SpecError unless the kernel has a middle pixel."""
    if kernel_size < 1 or kernel_size % 2 == 0:
        raise SpecError(f"kernel_size {kernel_size} is not odd; use 3, 5 or 7")


def check_geometry(
    out_channels: int, *, kernel_size: int = 1, stride: int = 1, dilation: int = 1
) -> None:
    """Raise SpecError for a width, kernel, stride or dilation that no layer can have."""
    check_at_least("out_channels of a block", out_channels, 1)
    check_at_least("stride of a block", stride, 1)
    check_at_least("dilation of a block", dilation, 1)
    check_kernel(kernel_size)
