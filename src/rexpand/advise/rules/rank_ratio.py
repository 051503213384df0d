"""RX003: a layer whose features span far fewer directions than it has channels.

The paper's features are f(WX), after norm and nonlinearity: WX alone never has more
directions than X, whatever its width.
"""

from collections.abc import Iterator

from rexpand.advise.rules.measured import features_of_filters, site
from rexpand.advise.rules.rule import Observation, Rule, facts
from rexpand.advise.rules.subject import Subject
from rexpand.cost import Graph
from rexpand.records import LayerRank, NetworkRank


def check(subject: Subject) -> Iterator[Observation]:
    """Every filter that had more samples than channels, by the rank of its features."""
    ranks = subject.ranks
    if ranks is None:
        return
    classifiers = _classifiers(subject.graph)
    for chosen, features in features_of_filters(subject.graph, ranks):
        if chosen.name in classifiers:  # its channels are the classes
            continue
        is_low = features.rank_ratio < subject.thresholds.rank_ratio
        if is_low and not features.bounded_by_samples:
            yield _observation(subject, ranks, chosen, features)


def _classifiers(graph: Graph) -> set[str]:
    """The layers whose channels are the network's outputs."""
    return {site(graph.layers[p]) for p in graph.flow.outputs}


def _observation(
    subject: Subject, ranks: NetworkRank, chosen: LayerRank, features: LayerRank
) -> Observation:
    idle = 1 - features.rank_ratio
    return Observation(
        layer=chosen.name,
        message=(
            f"rank {features.rank} of {features.channels} channels after "
            f"{features.name}: rank ratio {features.rank_ratio:.2f}, below "
            f"{subject.thresholds.rank_ratio:g}"
        ),
        evidence=facts(
            features=features.name,
            channels=features.channels,
            rank=features.rank,
            rank_ratio=features.rank_ratio,
            effective_rank=features.effective_rank,
            limit=subject.thresholds.rank_ratio,
            samples=features.samples,
            images=ranks.images,
            data=ranks.data,
            weights=ranks.weights,
            tolerance=ranks.tolerance,
        ),
        cost=(
            f"{idle:.0%} of its channels add no direction on {ranks.images} images of "
            f"{ranks.data}: about {chosen.params * idle:,.0f} params and "
            f"{chosen.macs * idle:,.0f} macs"
        ),
        fix=(
            f"{features.rank} channels hold these features; or raise their rank: a wider "
            "input, or a smooth nonlinearity after the first 1x1 of a bottleneck"
        ),
    )


RULES = (
    Rule(
        id="RX003",
        name="starved-rank",
        level="warning",
        summary="The measured rank of a layer's features is far below its channels.",
        source="arXiv 2007.00992, Section 3: rank ratio",
        check=check,
        needs="data",
    ),
)
