"""The page: which part asks which function, and nothing else.

Every handler answers from what the page sends and from the offer; none keeps a state.
"""

from collections.abc import Callable
from typing import Any

from rexpand.app import panels
from rexpand.app.answers import Answers, Content, chart_of
from rexpand.app.layout import Parts, layout
from rexpand.app.library import gradio
from rexpand.app.offer import Offer
from rexpand.app.study_tab import study_tab, take_trial
from rexpand.cost import Peaks
from rexpand.report import charts, network_row

# Answered at once and not in Gradio's queue; of those that wait, the last.
AT_ONCE: dict[str, Any] = {
    "queue": False,
    "show_progress": "hidden",
    "trigger_mode": "always_last",
}


def page(offer: Offer, peaks: Peaks) -> Any:
    """The explorer of an offer, as Gradio's `Blocks`."""
    gr = gradio()
    answers = Answers(offer=offer, peaks=peaks)
    with gr.Blocks(title="rexpand explorer", analytics_enabled=False) as blocks:
        if offer.study is None:
            parts = layout(answers)
        else:
            with gr.Tabs(selected="design") as tabs:
                with gr.Tab("Design", id="design"):
                    parts = layout(answers)
                with gr.Tab("Study", id="study"):
                    walked = study_tab(offer.study)
            take_trial(walked, parts, tabs, answers)
        _wire(parts, answers, blocks)
    return blocks


def _wire(parts: Parts, answers: Answers, blocks: Any) -> None:
    """Another network, and what follows when a drag has come to rest."""

    def open_network(label: str) -> list[Any]:
        return [answers.opened(label), *answers.frames(label)]

    parts.network.input(open_network, parts.network, parts.opened, **AT_ONCE)
    parts.board.click(open_network, parts.network, parts.opened, **AT_ONCE)
    at_rest = _at_rest(answers)
    inputs = [parts.board, parts.beside]
    outputs = [parts.lint, parts.beside_chart, parts.beside_table, parts.spec]
    blocks.load(at_rest, inputs, outputs, **AT_ONCE)
    for event in (parts.board.submit, parts.board.change, parts.beside.change):
        event(at_rest, inputs, outputs, **AT_ONCE)


def _at_rest(answers: Answers) -> Callable[[Content, list[str]], list[Any]]:
    """What is too slow to follow a drag: lint, the networks beside it, the file."""

    def rest(board: Content, beside: list[str]) -> list[Any]:
        now = answers.network(board)
        if now is None:
            return [answers.lint(None), None, "", panels.spec_html(None)]
        found = [answers.offer.spec(each) for each in beside or ()]
        specs = [now, *(spec for spec in found if spec is not None)]
        drawn = charts.channels_chart([network_row(spec) for spec in specs])
        return [
            answers.lint(now),
            chart_of(drawn),
            panels.beside_html(specs),
            panels.spec_html(now),
        ]

    return rest
