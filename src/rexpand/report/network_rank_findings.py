"""What the ranks of a network's layers say, in words with their numbers."""

from collections.abc import Sequence
from itertools import accumulate
from statistics import median

from rexpand.records import LayerRank, NetworkRank
from rexpand.report import formats

_HELD = 0.9  # the share of the sum whose singular values are counted


def network_rank_finding(ranks: Sequence[NetworkRank]) -> str:
    """The features of every network, then what the activations of the first do."""
    features = [_features(found) for found in ranks]
    first = ranks[0] if len(ranks) == 1 else None
    return " ".join(
        [*(text for text in features if text), *_comparison(ranks)]
        + (_activations(first) if first else [])
    )


def network_rank_cautions(ranks: Sequence[NetworkRank]) -> tuple[str, ...]:
    """What limits the numbers."""
    found = []
    for each in ranks:
        if each.weights == "random":
            found.append(
                f"{each.name} has random weights: its ranks are those of its shape and "
                "initialisation, not of anything learned."
            )
        bounded = sum(layer.bounded_by_samples for layer in each.layers)
        if bounded:
            found.append(
                f"In {formats.plural(bounded, 'layer')} of {each.name} there are fewer "
                "samples than channels, so the samples limit the rank (marked in the "
                "table); give more images, or positions that are not pooled."
            )
    if len({(each.data, each.images) for each in ranks}) > 1:
        found.append(
            "The networks saw different numbers of images: nuclear norms grow with "
            "the root of that number and do not compare."
        )
    return tuple(found)


def activation_pairs(found: NetworkRank) -> list[tuple[LayerRank, LayerRank]]:
    """Each activation with the layer right before it, of as many channels."""
    pairs = zip(found.layers, found.layers[1:], strict=False)
    return [
        (before, after)
        for before, after in pairs
        if after.kind == "activation"
        and before.kind in ("norm", "convolution", "linear")
        and before.channels == after.channels
        and any(length > 1 for length in after.side)
    ]


def held_by(layer: LayerRank, share: float = _HELD) -> int:
    """How many of the largest singular values hold a share of their sum."""
    total = sum(layer.singular_values)
    held = accumulate(layer.singular_values)
    return next((n for n, s in enumerate(held, start=1) if s >= share * total), 0)


def _features(found: NetworkRank) -> str:
    layer = found.features
    if layer is None:
        return ""
    bound = f", bounded by {layer.samples:,} images" if layer.bounded_by_samples else ""
    return (
        f"The {layer.channels:,} features of {found.name} "
        f"({formats.count(found.params)} params, {formats.count(found.macs)} macs) have "
        f"an effective rank of {layer.effective_rank:.0f}{bound}; the first "
        f"{held_by(layer):,} singular values hold {100 * _HELD:.0f} % of their sum."
    )


def _comparison(ranks: Sequence[NetworkRank]) -> list[str]:
    pairs = [(each, each.features) for each in ranks if each.features is not None]
    if len(pairs) < 2:
        return []
    by_rank = max(pairs, key=lambda pair: pair[1].effective_rank)[0]
    by_params = max(pairs, key=lambda pair: pair[0].params)[0]
    claim = "also has" if by_rank is by_params else "does not have"
    return [f"{by_rank.name} has the highest; it {claim} the most params."]


def _activations(found: NetworkRank) -> list[str]:
    pairs = activation_pairs(found)
    if not pairs:
        return []
    gains = [after.effective_rank / before.effective_rank for before, after in pairs]
    raised = sum(gain > 1 for gain in gains)
    gain = (
        f"After {raised} of {len(pairs)} activations the effective rank is higher than "
        f"before them; the median factor is {median(gains):.2f}."
    )
    narrow = [pair for pair in pairs if pair[0].rank_ratio < 0.5]
    if not narrow:
        return [gain]
    low = median(before.rank_ratio for before, _ in narrow)
    high = median(after.rank_ratio for _, after in narrow)
    expanded = (
        f"In the {formats.plural(len(narrow), 'layer')} whose rank ratio is below one "
        f"half before the activation (median {low:.2f}, as where a 1x1 convolution "
        f"expands), it is {high:.2f} after it."
    )
    return [gain, expanded]
