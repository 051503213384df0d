"""The form of a network for images of 32 pixels.

An ImageNet network halves its map five times, which leaves one pixel of 32. As in the
CIFAR forms of ResNet (arXiv 1512.03385) and MobileNetV2 that the field trains, the
first of these strides are taken out until the deepest map has 4x4 pixels, and the first
kernel is 3x3 at most.
"""

from dataclasses import replace

from rexpand.spec.network import NetworkSpec

_PIXELS = 32
_DEEPEST = 4  # pixels of the last map
_KERNEL = 3


def for_cifar(spec: NetworkSpec) -> NetworkSpec:
    """The network for 32x32 images: stem at stride 1, no early pooling, 4x4 at the end.

    Channels and classes stay. Strides are taken out from the front; a network that
    ends in 4x4 pixels or more at 32 already only has its stem checked.
    """
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
        first = next(i for i, block in enumerate(small.blocks) if block.stride > 1)
        blocks = list(small.blocks)
        blocks[first] = replace(blocks[first], stride=1)
        small = replace(small, blocks=tuple(blocks))
    return small
