"""The mobile networks in timm: its EfficientNet and MobileNetV3 classes share names."""

from rexpand.models.weights.places import places
from rexpand.models.weights.release import Release, with_torch_eps
from rexpand.spec import BlockSpec, InvertedBottleneck, NetworkSpec

# Our part, their convolution and batch norm, with and without a first 1x1.
_EXPANDED = (
    ("expand", "conv_pw", "bn1"),
    ("depthwise", "conv_dw", "bn2"),
    ("project", "conv_pwl", "bn3"),
)
_UNEXPANDED = (("depthwise", "conv_dw", "bn1"), ("project", "conv_pw", "bn2"))
_SEPARABLE = (("depthwise", "conv_dw", "bn1"), ("pointwise", "conv_pw", "bn2"))


def timm_names(spec: NetworkSpec) -> dict[str, str]:
    table = {"stem.conv": "conv_stem", "stem.norm": "bn1"}
    stages = 0
    for index, (block, (stage, place)) in enumerate(
        zip(spec.blocks, places(spec), strict=True)
    ):
        ours, theirs = f"blocks.{index}", f"blocks.{stage}.{place}"
        for part, conv, norm in _parts(block):
            table[f"{ours}.{part}.conv"] = f"{theirs}.{conv}"
            table[f"{ours}.{part}.norm"] = f"{theirs}.{norm}"
        if block.squeeze_excite:
            for part in ("reduce", "expand"):
                table[f"{ours}.squeeze_excite.{part}"] = f"{theirs}.se.conv_{part}"
        stages = stage + 1
    return table | _head(spec, stages) | {"head.classifier": "classifier"}


def _parts(block: BlockSpec) -> tuple[tuple[str, str, str], ...]:
    if not isinstance(block, InvertedBottleneck):
        return _SEPARABLE
    return _EXPANDED if block.expands else _UNEXPANDED


def _head(spec: NetworkSpec, stages: int) -> dict[str, str]:
    """MobileNetV3's last 1x1 is one more stage; its linear layer is a convolution."""
    if spec.head.hidden:
        return {
            "penultimate.conv": f"blocks.{stages}.0.conv",
            "penultimate.norm": f"blocks.{stages}.0.bn1",
            "head.hidden.0": "conv_head",
        }
    return {"penultimate.conv": "conv_head", "penultimate.norm": "bn2"}


TIMM = Release(
    names=timm_names, adapted=with_torch_eps, as_convolution=("head.hidden.0.weight",)
)
