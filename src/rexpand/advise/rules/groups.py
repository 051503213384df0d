"""RX008: grouped convolutions with many groups (guideline 2)."""

from collections.abc import Iterator
from math import gcd, sqrt

from rexpand.advise.rules.rule import Observation, Rule, facts
from rexpand.advise.rules.subject import Subject
from rexpand.cost.operators import Layer


def check(subject: Subject) -> Iterator[Observation]:
    """Every grouped convolution that is not depthwise, by its groups."""
    for layer in subject.graph.layers:
        if layer.kind != "convolution" or layer.is_depthwise:
            continue
        if subject.thresholds.groups < layer.groups < layer.in_channels:
            yield _observation(subject, layer)


def _observation(subject: Subject, layer: Layer) -> Observation:
    weights = layer.params - layer.out_channels * layer.has_bias
    # A dense one of equal macs has 1/sqrt(groups) of the channels in and out.
    dense = (layer.elements_in + layer.elements_out) / sqrt(layer.groups) + weights
    ratio = layer.memory_access / dense
    fewer = _fewer_groups(layer, subject.thresholds.groups)
    return Observation(
        layer=layer.name,
        message=(
            f"{layer.groups} groups of {layer.in_channels // layer.groups} channels, "
            f"above {subject.thresholds.groups:g} groups"
        ),
        evidence=facts(
            groups=layer.groups,
            limit=subject.thresholds.groups,
            in_channels=layer.in_channels,
            out_channels=layer.out_channels,
            memory_access=layer.memory_access,
            dense_memory_access=dense,
            ratio=ratio,
        ),
        cost=(
            f"{ratio:.2f} times the memory access of a dense convolution with the same "
            f"{layer.macs:,} macs; 8 groups ran at a quarter to a half of the speed of 1 "
            "on the paper's GPU"
        ),
        fix=(
            (f"{fewer} groups" if fewer > 1 else "one group")
            + ", or a dense convolution of about "
            f"{layer.out_channels / sqrt(layer.groups):.0f} channels at equal macs"
        ),
    )


def _fewer_groups(layer: Layer, limit: float) -> int:
    """The most groups up to a limit that divide the channels in and out."""
    both = gcd(layer.in_channels, layer.out_channels)
    return max(each for each in range(1, int(limit) + 1) if both % each == 0)


RULES = (
    Rule(
        id="RX008",
        name="many-groups",
        level="warning",
        summary="A grouped convolution has many groups.",
        source="arXiv 1807.11164, guideline 2 and Table 2",
        check=check,
    ),
)
