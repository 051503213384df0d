"""RX015: a penultimate layer that, with the classifier it feeds, is most of the network."""

import math
from collections.abc import Iterator

from rexpand.advise.rules.rule import Observation, Rule, facts
from rexpand.advise.rules.subject import Subject
from rexpand.cost.block_list import paths
from rexpand.cost.flow import Flow
from rexpand.cost.graph import Graph
from rexpand.cost.operators import Layer


def check(subject: Subject) -> Iterator[Observation]:
    """The network by the params of all after its last block: penultimate, classifier."""
    head = _head(subject.graph)
    if len(head) < 2:
        return
    classifier = head[0]
    heaviest = max(head[:0:-1], key=lambda layer: layer.params)
    params = sum(layer.params for layer in head)
    share = subject.share_of_params(params)
    if share > subject.thresholds.penultimate_share:
        yield _observation(subject, heaviest, classifier, params)


def _head(graph: Graph) -> list[Layer]:
    """From the output back: the classifier, layers of vectors, a 1x1 on the last map.

    Each alone feeds the next, so no block is among them. The 1x1 counts only if it
    widens: else it is the last block's own.
    """
    flow, end = graph.flow, graph.ends[0].origin if graph.ends else None
    place = end if isinstance(end, int) else None
    if place is not None and not flow.layers[place].has_macs:
        place = flow.feeder(place)
    head: list[Layer] = []
    while place is not None and _is_of_vectors(flow.layers[place], is_last=not head):
        head.append(flow.layers[place])
        way = (place, *flow.back(place).passed)
        place = flow.feeder(place)
        if any(_reads_map(flow, each) for each in way):
            break
    if head and place is not None and _is_penultimate(graph, flow.layers[place]):
        head.append(flow.layers[place])
    return head


def _is_of_vectors(layer: Layer, *, is_last: bool) -> bool:
    """Whether it gives one vector per image, as a layer of the head does.

    At low resolutions the last blocks have one position too; their 1x1s narrow.
    """
    if layer.kind not in ("convolution", "linear") or math.prod(layer.out_size) > 1:
        return False
    if is_last or layer.kind == "linear":
        return True
    covers = layer.kernel_size == layer.in_size and layer.groups == 1
    return covers and (
        layer.out_channels >= layer.in_channels or not layer.is_pointwise
    )


def _reads_map(flow: Flow, place: int) -> bool:
    """Whether it reads more than one position, as a pool or a flattened map does."""
    sources = (flow.layers[each] for each in flow.sources(place))
    return any(math.prod(source.out_size) > 1 for source in sources)


def _is_penultimate(graph: Graph, layer: Layer) -> bool:
    """A 1x1 that widens, in none of the blocks."""
    blocks = {block.name for block in graph.blocks}
    is_dense = layer.is_pointwise and layer.groups == 1
    widens = is_dense and layer.out_channels > layer.in_channels
    return widens and blocks.isdisjoint(paths(layer.name))


def _observation(
    subject: Subject, heaviest: Layer, classifier: Layer, params: int
) -> Observation:
    limit = subject.thresholds.penultimate_share
    share = subject.share_of_params(params)
    return Observation(
        layer=heaviest.name,
        message=(
            f"{heaviest.in_channels} to {heaviest.out_channels} channels: with the "
            f"classifier, {share:.0%} of the params, above {limit:.0%}"
        ),
        evidence=facts(
            params=params,
            share=share,
            limit=limit,
            layer_params=heaviest.params,
            classifier_params=classifier.params,
            out_channels=heaviest.out_channels,
        ),
        cost=(
            f"{params:,} of {subject.graph.total.params:,} params stand after the last "
            "block, where they add no features of other positions"
        ),
        fix=(
            f"fewer than {heaviest.out_channels} penultimate channels, and the params "
            "in the blocks (the paper kept the penultimate layer fixed and searched them)"
        ),
    )


RULES = (
    Rule(
        id="RX015",
        name="heavy-penultimate",
        level="warning",
        summary="The penultimate layer and its classifier hold most of the params.",
        source="arXiv 2007.00992, Section 4: the large expansion layer at the penultimate",
        check=check,
    ),
)
