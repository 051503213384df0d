"""RX002: a depthwise bottleneck whose output is much wider than its input.

The paper measured random layers, so what it says of a trained block is a prediction.
Where the features of the network were ranked, the rule speaks only of those blocks whose
rank is as low as predicted.
"""

from bisect import bisect_left
from collections.abc import Iterator

from rexpand.advise.rules.bottlenecks import Bottleneck
from rexpand.advise.rules.measured import features_of_filters, site
from rexpand.advise.rules.rule import Fact, Observation, Rule, facts
from rexpand.advise.rules.subject import Subject
from rexpand.records import LayerRank

# Rank ratio of a depthwise inverted bottleneck with ReLU6 by dim_ratio, read off Figure
# 1d of arXiv 2007.00992, to about 0.015.
_FIGURE_1D = (
    (0.1, 0.19), (0.3, 0.477), (0.4, 0.6), (0.5, 0.686), (0.6, 0.77), (0.7, 0.839),
    (1.0, 1.0),
)  # fmt: skip


def check(subject: Subject) -> Iterator[Observation]:
    """Every inverted bottleneck by the channels of the block, in over out.

    Not those whose measured rank ratio is above the prediction.
    """
    measured = _measured(subject)
    for block in subject.bottlenecks:
        if block.dim_ratio >= subject.thresholds.dim_ratio:
            continue
        features = measured.get(site(block.project))
        if features and features.rank_ratio > published_rank_ratio(block.dim_ratio):
            continue
        yield _observation(subject, block, features)


def _measured(subject: Subject) -> dict[str, LayerRank]:
    """The ranked features of every filter that had more samples than channels."""
    if subject.ranks is None:
        return {}
    found = features_of_filters(subject.graph, subject.ranks)
    return {
        chosen.name: features
        for chosen, features in found
        if not features.bounded_by_samples
    }


def published_rank_ratio(dim_ratio: float) -> float:
    """The paper's rank ratio at a dim_ratio, between its points on a straight line."""
    place = min(max(bisect_left(_FIGURE_1D, (dim_ratio,)), 1), len(_FIGURE_1D) - 1)
    (left, low), (right, high) = _FIGURE_1D[place - 1 : place + 1]
    share = (min(max(dim_ratio, left), right) - left) / (right - left)
    return low + share * (high - low)


def _observation(
    subject: Subject, block: Bottleneck, features: LayerRank | None
) -> Observation:
    limit = subject.thresholds.dim_ratio
    ins, outs = block.expand.in_channels, block.project.out_channels
    predicted = published_rank_ratio(block.dim_ratio)
    command = subject.line_command
    return Observation(
        layer=block.name,
        level="warning" if features else None,
        message=(
            f"the depthwise bottleneck maps {ins} channels to {outs}: dim_ratio "
            f"{block.dim_ratio:.2f}, below {limit:g}"
        ),
        evidence=facts(
            in_channels=ins,
            out_channels=outs,
            dim_ratio=block.dim_ratio,
            limit=limit,
            published_rank_ratio=predicted,
        )
        + _measured_facts(features),
        cost=(
            f"a prediction from random layers: rank ratio {predicted:.2f} at this "
            f"dim_ratio (the paper's Figure 1d, ReLU6), about {predicted * outs:.0f} "
            f"directions in {outs} channels; {_checked(subject, features)}"
        ),
        fix=(
            f"give the block {-(-outs * limit // 1):.0f} channels or more, or let it "
            f"output {int(ins / limit)} at most: channels that rise block by block"
            + (f" (`{command}` gives them at equal macs)" if command else "")
        ),
    )


def _measured_facts(features: LayerRank | None) -> tuple[Fact, ...]:
    if features is None:
        return ()
    return facts(features=features.name, rank_ratio=features.rank_ratio)


def _checked(subject: Subject, features: LayerRank | None) -> str:
    """What this network's own features say of the prediction."""
    if features and subject.ranks:
        return (
            f"on {subject.ranks.images} images of {subject.ranks.data} the rank is "
            f"{features.rank} of {features.channels}"
        )
    return "trained blocks may have full rank: rank their features on data to check it"


RULES = (
    Rule(
        id="RX002",
        name="low-dim-ratio",
        level="advice",
        summary="A depthwise bottleneck has many more output than input channels.",
        source="arXiv 2007.00992, Section 3 and Figure 1",
        check=check,
    ),
)
