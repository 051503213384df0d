"""The effects of a factorial experiment with their intervals, and its interactions."""

import json
from collections.abc import Sequence
from itertools import combinations
from statistics import mean

import altair as alt

from rexpand.records import Effect, Factor, FactorialSummary
from rexpand.report.charts import axes

_ROW_HEIGHT = 22
_HALF = 0.28  # of the distance between two pairs, from the middle of a pair to a level
_LEVELS = ("low", "high")


def effect_intervals(summary: FactorialSummary) -> alt.LayerChart | None:
    """Every effect, its interval and no effect at all; None before there are any."""
    rows: axes.Rows = [
        {
            "name": _place(each),
            "row": each.word,
            "effect": each.effect,
            "low": each.effect if each.low is None else each.low,
            "high": each.effect if each.high is None else each.high,
            "kind": "factor" if len(each.word) == 1 else "interaction",
        }
        for each in summary.effects
    ]
    if not rows:
        return None
    place = alt.Y(
        "name:N",
        title=None,
        sort=[each["name"] for each in rows],
        axis=alt.Axis(labelLimit=0, labelFontSize=11),
    )
    base = alt.Chart().encode(y=place)
    x = alt.X("effect:Q", title="Effect (points)")
    intervals = base.mark_rule(style="front", strokeWidth=2).encode(
        x=alt.X("low:Q", title="Effect (points)"), x2="high:Q"
    )
    effects = base.mark_circle(size=85, opacity=1).encode(
        x=x,
        color=alt.Color(
            "kind:N",
            scale=alt.Scale(domain=["factor", "interaction"]),
            legend=alt.Legend(title=None, orient="top"),
        ),
        tooltip=[
            alt.Tooltip("name:N", title="Effect"),
            alt.Tooltip("effect:Q", title="Points", format="+.2f"),
            alt.Tooltip("low:Q", title="From", format="+.2f"),
            alt.Tooltip("high:Q", title="To", format="+.2f"),
        ],
    )
    none = (
        alt.Chart(axes.data([{"effect": 0.0}]))
        .mark_rule(style="fit")
        .encode(x="effect:Q")
    )
    drawn = axes.framed(
        axes.layers(none, intervals, effects),
        rows,
        "Effect of every factor and interaction with its interval",
    )
    return drawn.properties(height=_ROW_HEIGHT * len(rows))


def interactions(summary: FactorialSummary) -> alt.LayerChart | None:
    """Mean accuracy at the four levels of each pair of factors; None before there are any.

    A pair has a line for each level of its second factor, from the low to the high level
    of its first. Lines that are not parallel are an interaction.
    """
    if not summary.complete_seeds:
        return None
    pairs = list(combinations(range(len(summary.factors)), 2))
    rows = [
        row for place, pair in enumerate(pairs) for row in _pair(summary, place, pair)
    ]
    names = {
        f"{place}": f"{_label(summary.factors[first])}|{_label(summary.factors[second])}"
        for place, (first, second) in enumerate(pairs)
    }
    base = alt.Chart().encode(
        x=alt.X(
            "x:Q",
            title="First factor of the pair from low to high",
            axis=alt.Axis(
                values=list(range(len(pairs))),
                labelExpr=f"split({json.dumps(names)}[format(datum.value, 'd')], '|')",
            ),
            scale=alt.Scale(domain=[-0.5, len(pairs) - 0.5], nice=False),
        ),
        y=axes.accuracy_axis(),
        color=alt.Color(
            "second:N",
            scale=alt.Scale(domain=_LEVELS),
            legend=alt.Legend(title="Second factor", orient="top"),
        ),
        detail="pair:N",
        tooltip=[
            alt.Tooltip("pair:N", title="Pair"),
            alt.Tooltip("levels:N", title="Levels"),
            alt.Tooltip("accuracy:Q", title="Accuracy (%)", format=".2f"),
        ],
    )
    return axes.framed(
        axes.layers(
            base.mark_line(strokeWidth=2), base.mark_circle(size=70, opacity=1)
        ),
        rows,
        "Mean accuracy at the levels of each pair of factors",
    )


def _pair(summary: FactorialSummary, place: int, pair: Sequence[int]) -> axes.Rows:
    """The four means of a pair of factors, drawn around its place on the axis."""
    first, second = (summary.factors[each] for each in pair)
    rows: axes.Rows = []
    for theirs, level in ((second.low, "low"), (second.high, "high")):
        for ours, shift in ((first.low, -_HALF), (first.high, _HALF)):
            accuracies = [
                accuracy
                for cell in summary.cells
                if (cell.levels[pair[0]], cell.levels[pair[1]]) == (ours, theirs)
                for seed, accuracy in zip(cell.seeds, cell.accuracies, strict=True)
                if seed in summary.complete_seeds
            ]
            rows.append(
                {
                    "pair": f"{first.name} x {second.name}",
                    "levels": f"{ours}, {theirs}",
                    "x": place + shift,
                    "second": level,
                    "accuracy": mean(accuracies),
                }
            )
    return rows


def _place(effect: Effect) -> str:
    """An effect on the axis: a factor in words, all else in letters; then its alias."""
    words = f"{effect.name} ({effect.word})" if len(effect.word) == 1 else effect.word
    return f"{words} + {effect.alias}" if effect.alias else words


def _label(factor: Factor) -> str:
    return f"{factor.letter}: {factor.name}"
