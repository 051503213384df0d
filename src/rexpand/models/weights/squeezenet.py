"""SqueezeNet in torchvision."""

from rexpand.models.weights.release import Release
from rexpand.spec import NetworkSpec

_PARTS = (("squeeze", "squeeze"), ("narrow", "expand1x1"), ("wide", "expand3x3"))
_FIRST_FIRE = 3  # after the convolution, its ReLU and the pooling


def torchvision_names(spec: NetworkSpec) -> dict[str, str]:
    """torchvision numbers its layers, poolings included."""
    table = {"stem.conv": "features.0", "head.classifier.0": "classifier.1"}
    pools = 0
    for index, block in enumerate(spec.blocks):
        pools += block.stride > 1
        theirs = f"features.{_FIRST_FIRE + index + pools}"
        for part, name in _PARTS:
            table[f"blocks.{index}.{part}.conv"] = f"{theirs}.{name}"
    return table


TORCHVISION = Release(names=torchvision_names)
