"""Sizes of maps: the side in pixels after a kernel, a stride and a padding."""

from rexpand.errors import SpecError


def strided(size: int, stride: int) -> int:
    """Side after a stride, with padding of half the odd kernel."""
    return -(-size // stride)


def unpadded(size: int, kernel_size: int, stride: int) -> int:
    """Side after a kernel without padding; 0 or less if the kernel does not fit."""
    return (size - kernel_size) // stride + 1


def pooled(size: int, kernel_size: int, stride: int) -> int:
    """Side after a pooling without padding that includes the last pixels."""
    return -(-(size - kernel_size) // stride) + 1


def check_kernel(kernel_size: int) -> None:
    """Raise SpecError unless the kernel has a middle pixel."""
    if kernel_size < 1 or kernel_size % 2 == 0:
        raise SpecError(f"kernel_size {kernel_size} is not odd; use 3, 5 or 7")
