"""RX001: a 1x1 convolution that widens more than six times."""

from collections.abc import Iterator

from rexpand.advise.rules.rule import Observation, Rule, facts
from rexpand.advise.rules.subject import Subject
from rexpand.cost.operators import Layer


def check(subject: Subject) -> Iterator[Observation]:
    """Every dense 1x1 on a map by output over input channels."""
    for place in subject.pointwise:
        layer = subject.graph.layers[place]
        expansion = layer.out_channels / layer.in_channels
        if expansion > subject.thresholds.expansion:
            is_classifier = place in subject.graph.flow.outputs
            yield _observation(subject, layer, expansion, is_classifier)


def _observation(
    subject: Subject, layer: Layer, expansion: float, is_classifier: bool
) -> Observation:
    limit = subject.thresholds.expansion
    most = int(limit * layer.in_channels)
    surplus = (layer.out_channels - most) / layer.out_channels
    wider = f"at least {-(-layer.out_channels // limit):.0f} input channels"
    is_widest = expansion >= subject.thresholds.expansion_error
    return Observation(
        layer=layer.name,
        message=(
            f"{layer.in_channels} to {layer.out_channels} channels: expansion "
            f"{expansion:.2f}, above {limit:g}"
        ),
        evidence=facts(
            in_channels=layer.in_channels,
            out_channels=layer.out_channels,
            expansion=expansion,
            limit=limit,
        ),
        cost=(
            f"the channels above {most} take {layer.params * surplus:,.0f} params and "
            f"{layer.macs * surplus:,.0f} macs "
            f"({subject.share_of_macs(layer.macs * surplus):.1%} of the network's), and "
            "the rank of what they add is bounded by the input's"
        ),
        fix=(
            f"give it {wider}; its outputs are the network's"
            if is_classifier
            else f"give it at most {most} output channels, or {wider}"
        ),
        level="error" if is_widest else None,
    )


RULES = (
    Rule(
        id="RX001",
        name="expansion-above-six",
        level="warning",
        summary="A 1x1 convolution widens its input more than six times.",
        source="arXiv 2007.00992, Section 3: an expansion ratio of 6 or smaller",
        check=check,
    ),
)
