"""ResNet and ResNeXt, laid out alike in timm and in torchvision."""

from rexpand.models.weights.release import Release
from rexpand.spec import BasicResidual, NetworkSpec, ResidualBottleneck

_BASIC = ("first", "second")
_BOTTLENECK = ("reduce", "filter", "restore")


def names(spec: NetworkSpec) -> dict[str, str]:
    """Stages are numbered from 1; a new one begins at every projection."""
    table = {"stem.conv": "conv1", "stem.norm": "bn1", "head.classifier": "fc"}
    stage, place = 0, 0
    for index, block in enumerate(spec.blocks):
        assert isinstance(block, BasicResidual | ResidualBottleneck)
        starts = index == 0 or block.shortcut == "projection"
        stage, place = (stage + 1, 0) if starts else (stage, place + 1)
        ours, theirs = f"blocks.{index}", f"layer{stage}.{place}"
        parts = _BASIC if isinstance(block, BasicResidual) else _BOTTLENECK
        for number, part in enumerate(parts, start=1):
            table[f"{ours}.{part}.conv"] = f"{theirs}.conv{number}"
            table[f"{ours}.{part}.norm"] = f"{theirs}.bn{number}"
        if block.shortcut == "projection":
            table[f"{ours}.residual.projection.conv"] = f"{theirs}.downsample.0"
            table[f"{ours}.residual.projection.norm"] = f"{theirs}.downsample.1"
    return table


RESNET = Release(names=names)
