"""The parts of the page and where they stand."""

from dataclasses import dataclass
from importlib import resources
from typing import Any

from rexpand.app import panels
from rexpand.app.answers import Answers, Content
from rexpand.app.library import gradio
from rexpand.errors import MistakeError
from rexpand.report.theme import DARK, LIGHT, vega_config

# Before any part is made: the scripts of board and charts, from this server.
_HEAD = "".join(
    f'<script src="/rexpand/{name}.js"></script>' for name in ("vega", "explorer")
)
_TITLE = """
<h1>rexpand explorer</h1>
<p>Drag the channels of a network, or the line that they follow, and see what it costs.
Dashed: where it started.</p>
"""
_PLACE = '<div class="rx-place"></div>'
_MOST_BESIDE = 5


@dataclass(frozen=True, kw_only=True, eq=False)
class Parts:
    """Gradio's components by what they show."""

    network: Any
    board: Any
    shares: Any
    roof: Any
    lint: Any
    beside: Any
    beside_chart: Any
    beside_table: Any
    spec: Any

    @property
    def opened(self) -> list[Any]:
        """What changes when another network is opened."""
        return [self.board, self.shares, self.roof]


def layout(answers: Answers) -> Parts:
    """The page of the design, with the first network of the offer in it."""
    gr, offer = gradio(), answers.offer
    shares, roof = answers.frames(offer.first)
    with gr.Row(equal_height=True):
        words(_TITLE, kind="rx-head")
        network = gr.Dropdown(
            list(offer.labels), value=offer.first, label="Network", elem_id="network"
        )
    words(_PLACE, "readings")
    board = _board(answers)
    with gr.Row():
        with gr.Column(min_width=320):
            words("<h2>Where the cost is</h2>")
            drawn = chart_part(shares, "Shares of macs and params by part", "shares")
        with gr.Column(min_width=320):
            words("<h2>Roofline</h2>")
            under = chart_part(roof, "Most macs per second of each part", "roof")
            words(panels.roofline_html(answers.peaks))
    words("<h2>Lint</h2>")
    lint = words("", "lint")
    words("<h2>Beside it</h2>")
    beside = gr.Dropdown(
        [label for label in offer.labels if offer.spec(label) is not None],
        value=[],
        multiselect=True,
        max_choices=_MOST_BESIDE,
        label="Networks to lay beside it",
        elem_id="beside",
    )
    beside_chart = chart_part(None, "Channels of the networks")
    beside_table = words("", "beside-table", "rx-table")
    words("<h2>The spec</h2>")
    return Parts(
        network=network,
        board=board,
        shares=drawn,
        roof=under,
        lint=lint,
        beside=beside,
        beside_chart=beside_chart,
        beside_table=beside_table,
        spec=words("", "spec"),
    )


def words(html: str, name: str | None = None, kind: str | None = None) -> Any:
    """A place for HTML of our own, without Gradio's style for it."""
    return gradio().HTML(
        html,
        elem_id=name,
        elem_classes=kind,
        apply_default_css=False,
        js_on_load=None,
        padding=False,
    )


def chart_part(chart: Content | None, label: str, rows: str = "") -> Any:
    """A place for a chart that is drawn in the page.

    Its rows follow those of this name in the board's state, if it has one.
    """
    return gradio().HTML(
        chart,
        html_template=f'<div class="rx-chart" role="img" aria-label="{label}" '
        f'data-rows="{rows}"></div>',
        js_on_load="rexpand.chart(element, props, trigger, watch)",
        head=_HEAD,
        apply_default_css=False,
        padding=False,
        light=vega_config(LIGHT),
        dark=vega_config(DARK),
    )


def _board(answers: Answers) -> Any:
    """Bars, line and budget: a drag is answered by `move`, without Gradio's events."""

    async def move(content: Any) -> Content:
        try:
            return answers.answer(content)
        except MistakeError as mistake:  # no page of ours sends that
            return {"mistake": str(mistake)}

    return gradio().HTML(
        answers.opened(answers.offer.first),
        html_template=resource("board.html"),
        js_on_load="rexpand.board(element, props, trigger, watch, server)",
        server_functions=[move],
        head=_HEAD,
        apply_default_css=False,
        padding=False,
        elem_id="board",
    )


def resource(name: str) -> str:
    """A file of this room as text."""
    return resources.files("rexpand.app").joinpath(name).read_text("utf-8")
