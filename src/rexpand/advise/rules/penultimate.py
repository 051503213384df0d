"""RX015: a penultimate layer that, with the classifier it feeds, is most of the network."""

import math
from collections.abc import Iterator, Sequence

from rexpand.advise.rules.rule import Observation, Rule, facts
from rexpand.advise.rules.subject import Subject
from rexpand.cost.operators import Layer


def check(subject: Subject) -> Iterator[Observation]:
    """The network by the params of all behind its last block: penultimate, classifier."""
    head = _head(subject.graph.layers)
    if len(head) < 2:
        return
    classifier = head[-1]
    heaviest = max(head[:-1], key=lambda layer: layer.params)
    params = sum(layer.params for layer in head)
    share = subject.share_of_params(params)
    if share > subject.thresholds.penultimate_share:
        yield _observation(subject, heaviest, classifier, params)


def _head(layers: Sequence[Layer]) -> list[Layer]:
    """The classifier, the layers of vectors before it, and a 1x1 on the last map.

    A 1x1 counts only if it widens: else it is the last block's own.
    """
    filters = [layer for layer in layers if layer.kind in ("convolution", "linear")]
    if len(filters) < 2 or not _is_vector(filters[-1]):
        return []
    first = len(filters) - 1
    while first > 0 and _is_dense_vector(filters[first - 1]):
        first -= 1
    before = filters[first - 1] if first else None
    is_penultimate = (
        before is not None
        and before.is_pointwise
        and before.groups == 1
        and before.out_channels > before.in_channels
        and not _is_in_a_block(layers, before)
    )
    vectors = [layer for layer in filters[first:] if not _is_gate(layers, layer)]
    return [before, *vectors] if before and is_penultimate else vectors


def _is_vector(layer: Layer) -> bool:
    """One position an image; tokens and maps have more."""
    return math.prod(layer.out_size) == 1


def _is_dense_vector(layer: Layer) -> bool:
    """Of a head; at low resolutions the last blocks have one position too."""
    widens = layer.is_pointwise and layer.out_channels >= layer.in_channels
    return _is_vector(layer) and (layer.kind == "linear" or widens)


def _is_gate(layers: Sequence[Layer], layer: Layer) -> bool:
    """Whether a product of a map follows in the module that holds it."""
    holder = layer.name.rpartition(".")[0]
    return any(
        other.kind == "multiply" and other.name == holder and other.in_size != ()
        for other in layers
        if holder
    )


def _is_in_a_block(layers: Sequence[Layer], layer: Layer) -> bool:
    """Whether an addition follows it, as it does the last 1x1 of a residual block."""
    place = next(i for i, each in enumerate(layers) if each is layer)
    return any(each.kind == "add" for each in layers[place + 1 :])


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
            f"{params:,} of {subject.graph.total.params:,} params stand behind the last "
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
