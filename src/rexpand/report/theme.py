"""The look of the charts as data: one Vega-Lite `config` for light, one for dark.

Charts name no colour. They say group, ramp or style, and the theme decides, so that
the page can redraw the same chart when the reader's system turns dark.
"""

from dataclasses import dataclass
from typing import Any

FONT = (
    'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif'
)

WIDTH = 680
HEIGHT = 320


@dataclass(frozen=True, kw_only=True)
class Palette:
    """Colours by what they are for.

    `ground` is the page's own colour; `categories` begins with the top, middle and bottom groups and the trials of no
    group; `ramp` runs from low to high.
    """

    background: str | None
    ground: str
    ink: str
    muted: str
    rule: str
    categories: tuple[str, ...]
    ramp: tuple[str, ...]


# Red, blue and green as in the paper's Figure 2, in the shades of Okabe and Ito that
# colour-blind readers tell apart (jfly.uni-koeln.de/color); the rest of their set after.
LIGHT = Palette(
    background="#ffffff",
    ground="#ffffff",
    ink="#1d232b",
    muted="#5b6672",
    rule="#e4e7eb",
    categories=(
        *("#d1480f", "#0b6bb8", "#12936b", "#a3abb5"),
        *("#a8518a", "#c98a00", "#3aa0d8", "#5b6672"),
    ),
    ramp=("#dfe7ee", "#9fc3d9", "#4b94c0", "#1b5f97", "#0a2f5c"),
)
DARK = Palette(
    background=None,
    ground="#14181d",
    ink="#e8ebee",
    muted="#a0a9b4",
    rule="#2c333c",
    categories=(
        *("#ff8451", "#5cb2f5", "#3fcb9b", "#6d7682"),
        *("#dc8fc0", "#e8b23c", "#7fcaf0", "#a0a9b4"),
    ),
    ramp=("#26323e", "#2c5875", "#3987b5", "#77bde3", "#dff2ff"),
)


def vega_config(palette: Palette) -> dict[str, Any]:
    """Vega-Lite's `config` object in the colours of `palette`."""
    return {
        "background": palette.background,
        "font": FONT,
        "padding": 4,
        "view": {"stroke": None},
        # A label on every mark would drown the chart's own description.
        "mark": {"aria": False},
        "axis": _axis(palette),
        "axisX": {"grid": False, "domain": True},
        "header": {"labelColor": palette.ink},
        "legend": _legend(palette),
        "range": {
            "category": list(palette.categories),
            "ordinal": _ordinal(palette),
            "ramp": list(palette.ramp),
        },
        "style": {
            "front": {"color": palette.ink, "strokeWidth": 1.25},
            "trial": {"color": palette.categories[1]},
            "knee": {"color": palette.categories[0]},
            "fit": {"color": palette.ink, "strokeWidth": 1.5, "strokeDash": [5, 4]},
            "steps": {"color": palette.muted, "strokeWidth": 1.5},
            # Text on the ramp's low and high end.
            "on_low": {"color": palette.ink},
            "on_high": {"color": palette.ground},
            "best": {"color": palette.categories[0], "strokeWidth": 3},
        },
    }


def _ordinal(palette: Palette) -> list[str]:
    """Colours of equals: the greys, of what has no group, come last."""
    top, middle, bottom, none, *others, muted = palette.categories
    return [top, middle, bottom, *others, none, muted]


def _axis(palette: Palette) -> dict[str, Any]:
    return {
        "domain": False,
        "domainColor": palette.muted,
        "gridColor": palette.rule,
        "labelColor": palette.muted,
        "labelFontSize": 12,
        "labelPadding": 6,
        "tickColor": palette.muted,
        "ticks": False,
        "titleColor": palette.ink,
        "titleFontSize": 12.5,
        "titleFontWeight": 500,
        "titlePadding": 10,
    }


def _legend(palette: Palette) -> dict[str, Any]:
    return {
        "labelColor": palette.ink,
        "labelFontSize": 12.5,
        "labelLimit": 0,
        "columnPadding": 22,
        "symbolOpacity": 1,
        "symbolSize": 90,
        "titleColor": palette.ink,
        "titleFontSize": 12.5,
        "titleFontWeight": 500,
        "titleLimit": 0,
    }
