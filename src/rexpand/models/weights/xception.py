"""Xception in timm, with torch's own epsilon."""

from rexpand.models.weights.release import Release, with_torch_eps
from rexpand.spec import Convolution, NetworkSpec, SeparableStack


def timm_names(spec: NetworkSpec) -> dict[str, str]:
    """Blocks and plain convolutions are numbered apart, from 1, in forward order."""
    table = {"stem.conv": "conv1", "stem.norm": "bn1", "head.classifier": "fc"}
    convolutions, stacks = 1, 0
    for index, block in enumerate(spec.blocks):
        ours = f"blocks.{index}"
        if isinstance(block, SeparableStack) and block.shortcut != "none":
            stacks += 1
            table |= _stack(block, ours, f"block{stacks}")
            continue
        convolutions += 1
        conv, norm = f"conv{convolutions}", f"bn{convolutions}"
        if isinstance(block, Convolution):
            table |= {f"{ours}.filter.conv": conv, f"{ours}.filter.norm": norm}
        else:
            table |= _separable(f"{ours}.layers.0", conv, norm)
    return table


def _stack(block: SeparableStack, ours: str, theirs: str) -> dict[str, str]:
    """Their list holds the activations too, and counts batch norms by themselves."""
    place = 0 if block.input_activation == "linear" else 1
    table: dict[str, str] = {}
    for repeat in range(block.repeats):
        theirs_at = place + 3 * repeat
        table |= _separable(
            f"{ours}.layers.{2 * repeat}",
            f"{theirs}.rep.{theirs_at}",
            f"{theirs}.rep.{theirs_at + 1}",
        )
    if block.shortcut == "projection":
        table[f"{ours}.residual.projection.conv"] = f"{theirs}.skip"
        table[f"{ours}.residual.projection.norm"] = f"{theirs}.skipbn"
    return table


def _separable(ours: str, conv: str, norm: str) -> dict[str, str]:
    return {
        f"{ours}.depthwise": f"{conv}.conv1",
        f"{ours}.pointwise": f"{conv}.pointwise",
        f"{ours}.norm": norm,
    }


TIMM = Release(names=timm_names, adapted=with_torch_eps)
