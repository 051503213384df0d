"""Which classes a network took for which."""

from collections.abc import Sequence

import altair as alt

from rexpand.records import Judgement
from rexpand.report.charts import axes
from rexpand.report.theme import WIDTH

MOST_CLASSES = 100  # that are all drawn
CHOSEN = 40  # of more: those that take part in the most mistakes
_NUMBERED = 12  # classes up to which each cell has its number
_LABELLED = 40  # classes up to which each has its name on the axes
_DARK = 40  # percent from which the ramp wants the other ink
_LONGEST = 18  # letters of a name on an axis; the tooltip has all


def drawn_classes(
    judgement: Judgement, most_classes: int = MOST_CLASSES
) -> tuple[int, ...]:
    """The classes of the matrix in their order: all, or those of the most mistakes."""
    count = len(judgement.class_names)
    if count <= most_classes:
        return tuple(range(count))
    wrong = dict.fromkeys(range(count), 0)
    for each in judgement.mistakes():
        wrong[each.label] += each.images
        wrong[each.guess] += each.images
    most = sorted(wrong, key=lambda place: (-wrong[place], place))[:CHOSEN]
    return tuple(sorted(most))


def confusion_matrix(
    judgement: Judgement, counted: str = "Images", most_classes: int = MOST_CLASSES
) -> alt.LayerChart:
    """The share of each class that was taken for each, true classes from top to bottom.

    `counted` says what its numbers count. Of more classes than `most_classes` some are
    drawn.
    """
    places = drawn_classes(judgement, most_classes)
    rows = _rows(judgement, places)
    sort = [judgement.class_names[place] for place in places]
    # Names may be alike: a class is told apart by its place.
    names = [f"{place}" for place in places]
    labels = {f"{place}": name for place, name in zip(places, sort, strict=True)}
    # Every class has its row and column, also one that nothing was taken for.
    scale = alt.Scale(domain=names, padding=0.04 if len(places) <= _LABELLED else 0)
    base = alt.Chart().encode(
        x=alt.X("guess:O", title="Taken for", scale=scale, axis=_axis(labels, 270)),
        y=alt.Y("label:O", title="True class", scale=scale, axis=_axis(labels, 0)),
        tooltip=[
            alt.Tooltip("true:N", title="True class"),
            alt.Tooltip("taken:N", title="Taken for"),
            alt.Tooltip("images:Q", title=counted),
            alt.Tooltip("share:Q", title="Of the class (%)", format=".1f"),
        ],
    )
    cells = base.mark_rect().encode(
        color=alt.Color(
            "share:Q",
            title="Share of the class (%)",
            # Mistakes are few beside what is right: the root shows both.
            scale=alt.Scale(type="sqrt", domain=[0, 100], range="ramp"),
            legend=alt.Legend(
                orient="top", gradientLength=180, values=[1, 10, 50, 100]
            ),
        )
    )
    texts = _texts(base) if len(places) <= _NUMBERED else ()
    chart = axes.framed(
        axes.layers(cells, *texts), rows, "Classes that were taken for each other"
    )
    return chart.properties(height=WIDTH)


def _texts(base: alt.Chart) -> tuple[alt.Chart, ...]:
    """The number of images in each cell, in the ink that its colour wants."""
    return tuple(
        base.transform_filter(f"datum.share {side} {_DARK}")
        .mark_text(style=style, fontSize=12)
        .encode(text="images:Q")
        for side, style in (("<", "on_low"), (">=", "on_high"))
    )


def _axis(labels: dict[str, str], angle: int) -> alt.Axis:
    if len(labels) > _LABELLED:
        return alt.Axis(labels=False)
    short = {place: _shortened(name) for place, name in labels.items()}
    is_short = max(map(len, short.values()), default=0) <= 2
    return alt.Axis(
        labelExpr=f"{axes.literal(short)}[datum.value]",
        labelAngle=0 if is_short else angle,
        labelLimit=0,
        labelOverlap=False,
        labelFontSize=12 if len(labels) <= _NUMBERED else 9,
    )


def _shortened(name: str) -> str:
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"


def _rows(judgement: Judgement, places: Sequence[int]) -> axes.Rows:
    """A row per pair that occurred, of the classes that are drawn."""
    images, drawn = judgement.images_of(), set(places)
    return [
        {
            "label": f"{each.label}",
            "guess": f"{each.guess}",
            "true": judgement.class_names[each.label],
            "taken": judgement.class_names[each.guess],
            "images": each.images,
            "share": round(100 * each.images / images[each.label], 2),
        }
        for each in judgement.confusions
        if each.images and each.label in drawn and each.guess in drawn
    ]
