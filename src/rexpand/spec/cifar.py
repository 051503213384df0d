"""The form of a network for images of 32 pixels.

An ImageNet network halves its map five times, from 32 pixels to one. As in the usual
CIFAR forms of ResNet (arXiv 1512.03385) and MobileNetV2, the first of these strides are
removed until the deepest map has 4x4 pixels, and the first kernel is at most 3x3.
"""

from dataclasses import replace

from rexpand.errors import SpecError
from rexpand.spec.as_spec import SpecLike, as_spec
from rexpand.spec.network import NetworkSpec

_PIXELS = 32
_DEEPEST = 4  # pixels of the last map
_KERNEL = 3


def for_cifar(spec: SpecLike) -> NetworkSpec:
    """The network for 32x32 images: stem at stride 1, no early pooling, 4x4 at the end.

    Channels and classes stay. Strides are removed from the front; in a network that
    already ends in 4x4 pixels or more, only the stem changes. Raises SpecError for a
    network whose map is smaller without any stride.
    """
    spec = as_spec(spec)
    small = replace(
        spec,
        resolution=_PIXELS,
        stem=replace(
            spec.stem,
            stride=1,
            pool_stride=1,
            padded=True,
            kernel_size=min(spec.stem.kernel_size, _KERNEL),
        ),
    )
    while small.sizes()[-1] < _DEEPEST:
        strided = [i for i, block in enumerate(small.blocks) if block.stride > 1]
        if not strided:
            raise SpecError(
                f"{spec.name} has no form for images of {_PIXELS} pixels: its last map "
                f"has {small.sizes()[-1]} pixels without any stride, and {_DEEPEST} are "
                "needed; pad its convolutions"
            )
        first, blocks = strided[0], list(small.blocks)
        blocks[first] = replace(blocks[first], stride=1)
        small = replace(small, blocks=tuple(blocks))
    return small
