"""MixNet in timm."""

from rexpand.models.weights.places import places
from rexpand.models.weights.release import Release, with_torch_eps
from rexpand.spec import MixedBottleneck, NetworkSpec

# Our layers and timm's, with a first 1x1 and without one.
_EXPANDED = (
    ("expand", "conv_pw", "bn1"),
    ("depthwise", "conv_dw", "bn2"),
    ("project", "conv_pwl", "bn3"),
)
_PLAIN = (("depthwise", "conv_dw", "bn1"), ("project", "conv_pw", "bn2"))


def timm_names(spec: NetworkSpec) -> dict[str, str]:
    """timm numbers blocks by stage, and the parallel convolutions of a layer."""
    table = {"stem.conv": "conv_stem", "stem.norm": "bn1"}
    for index, (block, (stage, place)) in enumerate(
        zip(spec.blocks, places(spec), strict=True)
    ):
        assert isinstance(block, MixedBottleneck)
        ours, theirs = f"blocks.{index}", f"blocks.{stage}.{place}"
        for layer, conv, norm in _PLAIN if block.expand_ratio == 1 else _EXPANDED:
            table[f"{ours}.{layer}.norm"] = f"{theirs}.{norm}"
            for ours_part, theirs_part in _parts(block, layer):
                table[f"{ours}.{layer}.conv{ours_part}"] = (
                    f"{theirs}.{conv}{theirs_part}"
                )
        if block.squeeze_excite:
            for part in ("reduce", "expand"):
                table[f"{ours}.squeeze_excite.{part}"] = f"{theirs}.se.conv_{part}"
    return table | {
        "penultimate.conv": "conv_head",
        "penultimate.norm": "bn2",
        "head.classifier": "classifier",
    }


def _parts(block: MixedBottleneck, layer: str) -> list[tuple[str, str]]:
    """The suffixes of a layer's name, ours and timm's; empty for a single part."""
    parts = {
        "expand": block.expand_groups,
        "depthwise": len(block.kernel_sizes),
        "project": block.project_groups,
    }[layer]
    if parts == 1:
        return [("", "")]
    return [(f".parts.{part}", f".{part}") for part in range(parts)]


TIMM = Release(names=timm_names, adapted=with_torch_eps)
