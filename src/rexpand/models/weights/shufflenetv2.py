"""ShuffleNetV2 in torchvision."""

from rexpand.models.weights.release import Release, numbered
from rexpand.spec import NetworkSpec, ShuffleV2

_FIRST_STAGE = 2  # the stem is stage 1 there


def torchvision_names(spec: NetworkSpec) -> dict[str, str]:
    """Stages of numbered units; branches of numbered layers, activations included."""
    table = numbered("stem", "conv1", 0)
    stage, unit = _FIRST_STAGE - 1, 0
    for index, block in enumerate(spec.blocks):
        whole = isinstance(block, ShuffleV2) and not block.split
        stage, unit = (stage + 1, 0) if whole else (stage, unit + 1)
        ours, theirs = f"blocks.{index}", f"stage{stage}.{unit}"
        table |= numbered(f"{ours}.reduce", f"{theirs}.branch2", 0)
        table |= numbered(f"{ours}.depthwise", f"{theirs}.branch2", 3)
        table |= numbered(f"{ours}.restore", f"{theirs}.branch2", 5)
        if whole:
            table |= numbered(f"{ours}.beside.0", f"{theirs}.branch1", 0)
            table |= numbered(f"{ours}.beside.1", f"{theirs}.branch1", 2)
    table |= numbered("penultimate", "conv5", 0)
    return table | {"head.classifier": "fc"}


TORCHVISION = Release(names=torchvision_names)
