"""RX007: 1x1 convolutions that read and write more than their macs need (guideline 1)."""

from collections.abc import Iterator

from rexpand.advise.rules.rule import WHOLE, Observation, Rule, facts
from rexpand.advise.rules.subject import Subject
from rexpand.cost.operators import Layer


def check(subject: Subject) -> Iterator[Observation]:
    """Each dense 1x1 on a map, and all together, by memory access over its bound."""
    layers, flow = subject.graph.layers, subject.graph.flow
    for place in subject.pointwise:
        layer = layers[place]
        bound = layer.memory_bound or 0.0
        if place in flow.outputs:  # its channels are no choice
            continue
        if layer.memory_access > subject.thresholds.layer_access * bound > 0:
            yield _of_layer(subject, layer, bound)
    access = sum(layers[place].memory_access for place in subject.pointwise)
    bound = sum(layers[place].memory_bound or 0.0 for place in subject.pointwise)
    excess = (access - bound) / max(subject.graph.total.memory_access, 1)
    is_much = excess > subject.thresholds.excess_access
    if is_much and access > subject.thresholds.network_access * bound:
        yield _of_network(subject, access, bound)


def _of_layer(subject: Subject, layer: Layer, bound: float) -> Observation:
    ratio = layer.memory_access / bound
    limit = subject.thresholds.layer_access
    return Observation(
        layer=layer.name,
        message=(
            f"{layer.in_channels} to {layer.out_channels} channels: memory access "
            f"{ratio:.2f} times its bound, above {limit:g}"
        ),
        evidence=facts(
            memory_access=layer.memory_access,
            bound=bound,
            ratio=ratio,
            limit=limit,
            in_channels=layer.in_channels,
            out_channels=layer.out_channels,
        ),
        cost=f"{layer.memory_access - bound:,.0f} elements read or written for nothing",
        fix=(
            "channels in and out nearer to each other: "
            f"{(layer.in_channels * layer.out_channels) ** 0.5:.0f} each has as many macs"
        ),
    )


def _of_network(subject: Subject, access: int, bound: float) -> Observation:
    limit = subject.thresholds.network_access
    total = max(subject.graph.total.memory_access, 1)
    nearer = (
        "a smaller expand_ratio with wider blocks"
        if subject.bottlenecks
        else "channels in and out of its 1x1 convolutions nearer to each other"
    )
    return Observation(
        layer=WHOLE,
        message=(
            f"memory access of its {len(subject.pointwise)} 1x1 convolutions is "
            f"{access / bound:.2f} times their bound, above {limit:g}"
        ),
        evidence=facts(
            memory_access=access,
            bound=bound,
            ratio=access / bound,
            limit=limit,
            convolutions=len(subject.pointwise),
        ),
        cost=(
            f"{access - bound:,.0f} elements per image, {(access - bound) / total:.1%} of "
            "the memory access of all layers with macs; it matters where memory "
            "access limits the speed"
        ),
        fix=(
            f"{nearer}; this is contrary to the rank (RX001, RX002), so time both networks "
            "and train both"
        ),
    )


RULES = (
    Rule(
        id="RX007",
        name="unbalanced-pointwise",
        level="advice",
        summary="1x1 convolutions access memory well above the bound of their macs.",
        source="arXiv 1807.11164, guideline 1: equal channel width",
        check=check,
    ),
)
