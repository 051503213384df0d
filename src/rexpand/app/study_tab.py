"""The second tab: a walk through the trials of the study that was given."""

from dataclasses import dataclass
from typing import Any

from rexpand.app.answers import Answers, chart_of
from rexpand.app.layout import Parts, chart_part, words
from rexpand.app.library import gradio
from rexpand.app.moves import Moved
from rexpand.app.offer import Study, study_label
from rexpand.app.study_walk import WHICH, groups_html, place_of, trial_html, walk
from rexpand.records import StudySummary
from rexpand.report import charts


@dataclass(frozen=True, kw_only=True, eq=False)
class Walked:
    """The parts that say which trial is shown."""

    which: Any
    place: Any
    take: Any


def study_tab(study: Study) -> Walked:
    """Accuracy against macs, the trial that was chosen, the groups and their lines."""
    gr, summary = gradio(), study.summary
    trials = walk(summary)
    with gr.Row():
        which = gr.Radio(list(WHICH), value="all", label="Trials", elem_id="which")
        place = gr.Slider(
            1, max(len(trials), 2), value=1, step=1, elem_id="place",
            label="Place, the most accurate first",
        )  # fmt: skip
        take = gr.Button(
            "Take it into the design", elem_id="take", scale=0, min_width=200
        )
    told = words(trial_html(summary, "all", 1), "trial")
    with gr.Row():
        with gr.Column(min_width=320):
            words("<h2>Accuracy against macs: pick a point</h2>")
            scatter = chart_part(
                _scatter(summary), "Accuracy against macs of every trial"
            )
        with gr.Column(min_width=320):
            words("<h2>Its channels, over the means of the groups</h2>")
            drawn = chart_of(charts.trial_among_groups(summary, trials[0]))
            channels = chart_part(drawn, "Channels of the trial")
    words("<h2>Groups and lines</h2>")
    words(groups_html(summary), "groups", "rx-table")
    _wire(summary, which, place, [told, channels], scatter)
    return Walked(which=which, place=place, take=take)


def take_trial(walked: Walked, parts: Parts, tabs: Any, answers: Answers) -> None:
    """Let the button lay the trial's channels into the network of the study."""
    gr, study = gradio(), answers.offer.study
    label = study_label(answers.offer)
    assert study is not None
    assert label is not None

    def take(which: str, place: int) -> list[Any]:
        trial = walk(study.summary, which)[place - 1]
        spec = study.spec.with_channels(trial.channels)
        board = answers.board(label, Moved(spec=spec))
        return [label, board, *answers.frames(label), gr.Tabs(selected="design")]

    walked.take.click(
        take,
        [walked.which, walked.place],
        [parts.network, *parts.opened, tabs],
        queue=False,
        show_progress="hidden",
    )


def _wire(
    summary: StudySummary, which: Any, place: Any, outputs: list[Any], scatter: Any
) -> None:
    gr = gradio()
    settings = {"queue": False, "show_progress": "hidden"}

    def shown(name: str, at: int) -> list[Any]:
        trial = walk(summary, name)[at - 1]
        drawn = charts.trial_among_groups(summary, trial)
        return [trial_html(summary, name, at), chart_of(drawn)]

    def narrowed(name: str) -> list[Any]:
        found = walk(summary, name)
        if not found:
            gr.Info(f"The study has no {name} group yet.")
            return [gr.Slider(), gr.HTML(), gr.HTML()]
        slider = gr.Slider(maximum=max(len(found), 2), value=1)
        return [slider, *shown(name, 1)]

    def picked(name: str, event: gr.EventData) -> list[Any]:  # type: ignore[name-defined]
        at = place_of(summary, name, int(event.row))
        if at is None:
            gr.Info(f"Trial {event.row} is not of the {name} group.")
            return [gr.Slider(), gr.HTML(), gr.HTML()]
        return [at, *shown(name, at)]

    place.input(
        lambda name, at: shown(name, min(at, len(walk(summary, name)))),
        [which, place], outputs, trigger_mode="always_last", **settings,
    )  # fmt: skip
    which.input(narrowed, which, [place, *outputs], **settings)
    scatter.select(picked, which, [place, *outputs], **settings)


def _scatter(summary: StudySummary) -> dict[str, Any] | None:
    chart = charts.accuracy_against_cost(summary, "macs")
    return None if chart is None else chart_of(chart)
