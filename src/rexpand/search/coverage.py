"""What a study drew: how each shape covers growths, slopes, widths and the budget."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from rexpand.budget import (
    SHAPES,
    Budget,
    Sample,
    least_share,
    shortfalls,
    weights,
)
from rexpand.records import ShapeSummary, Span, TrialSummary

_LOW, _HIGH = 0.1, 0.9

Floats = NDArray[np.float64]


def shape_summaries(budget: Budget, drawn: Sample) -> tuple[ShapeSummary, ...]:
    """The configurations of each shape that was drawn, in the order of `SHAPES`."""
    shares = _shares(budget, drawn)
    names = np.array(drawn.shapes)
    return tuple(
        _summary(shape, drawn.channels[own], {n: s[own] for n, s in shares.items()})
        for shape in SHAPES
        if (own := names == shape).any()
    )


def sample_of(budget: Budget, slack: float, trials: Sequence[TrialSummary]) -> Sample:
    """The sample that the trials of a study are."""
    latencies = [
        trial.predicted_latency_ms
        for trial in trials
        if trial.predicted_latency_ms is not None
    ]
    shapes = tuple(trial.shape for trial in trials)
    drawn = Sample(
        channels=np.array([trial.channels for trial in trials]),
        shapes=shapes,
        macs=np.array([trial.macs for trial in trials]),
        params=np.array([trial.params for trial in trials]),
        activations=np.array([trial.activations for trial in trials]),
        memory_access=np.array([trial.memory_access for trial in trials]),
        weights=weights(shapes),
        shortfalls=(),
        latency_ms=np.array(latencies) if len(latencies) == len(trials) else None,
    )
    shares = np.array(list(_shares(budget, drawn).values()))
    return replace(
        drawn, shortfalls=shortfalls(budget, shares, shapes, least_share(slack))
    )


def _shares(budget: Budget, drawn: Sample) -> Mapping[str, Floats]:
    """Cost over bound of each configuration, by the name of the bound."""
    return {
        name: np.asarray(getattr(drawn, name)) / bound
        for name, bound in budget.bounds.items()
    }


def _summary(
    shape: str, rows: NDArray[np.int64], shares: Mapping[str, Floats]
) -> ShapeSummary:
    channels = rows.astype(float)
    low, median, high = np.quantile(channels, [_LOW, 0.5, _HIGH], axis=0).tolist()
    spans = {name: _span(each) for name, each in shares.items()}
    return ShapeSummary(
        shape=shape,
        trials=len(channels),
        growth=_span(channels[:, -1] / channels[:, 0]),
        slope=_span(_slopes(channels)),
        first_width=_span(channels[:, 0]),
        last_width=_span(channels[:, -1]),
        macs_share=spans.get("macs"),
        params_share=spans.get("params"),
        activations_share=spans.get("activations"),
        memory_access_share=spans.get("memory_access"),
        latency_share=spans.get("latency_ms"),
        channels_low=tuple(low),
        channels_median=tuple(median),
        channels_high=tuple(high),
    )


def _slopes(channels: Floats) -> Floats:
    """Of the least-squares line through each configuration."""
    index = np.arange(channels.shape[1]) - (channels.shape[1] - 1) / 2
    return np.asarray(channels @ index / max((index**2).sum(), 1.0))


def _span(values: Floats) -> Span:
    return Span(
        least=float(values.min()),
        median=float(np.median(values)),
        most=float(values.max()),
    )
