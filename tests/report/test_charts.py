import subprocess
import sys
from dataclasses import replace

import pytest

from rexpand.report import charts
from rexpand.report.rendering import to_pdf, to_png, to_svg


def _rows(spec):
    name = spec["data"]["name"]
    return spec["datasets"][name]


def _marks(spec):
    return [layer["mark"]["type"] for layer in spec["layer"]]


def test_figure_2_has_bands_lines_a_fit_and_points(study):
    spec = charts.mean_channels(study).to_dict()

    # Two lines more: the fit of the top group, and its interval.
    assert _marks(spec) == ["area", "line", "line", "line", "point"]
    # Three groups of five blocks, and blocks are counted from 1 as the paper draws.
    assert len(_rows(spec)) == 15
    assert {row["block"] for row in _rows(spec)} == {1, 2, 3, 4, 5}


def test_the_band_is_one_standard_deviation_either_way(study):
    first = _rows(charts.mean_channels(study).to_dict())[0]

    assert (first["low"], first["mean"], first["high"]) == (31.4, 34.5, 37.6)


def test_the_fitted_line_counts_blocks_from_0_on_an_axis_that_starts_at_1(study):
    spec = charts.mean_channels(study).to_dict()

    fit = spec["datasets"][spec["layer"][3]["data"]["name"]]
    top = study.groups[0]
    assert fit[0] == {"block": 1, "fit": top.intercept}
    assert fit[1] == {"block": 5, "fit": pytest.approx(top.intercept + 4 * top.slope)}


@pytest.mark.parametrize("cost", ["macs", "params"])
def test_accuracy_against_cost_shows_every_measured_trial(study, cost):
    spec = charts.accuracy_against_cost(study, cost).to_dict()

    assert len(_rows(spec)) == len(study.trials)
    assert {layer["encoding"]["x"]["field"] for layer in spec["layer"]} == {cost}
    # Pruned trials are hollow: the layer under the filled one keeps the unfinished.
    hollow = spec["layer"][1]
    assert hollow["mark"]["filled"] is False
    assert hollow["transform"] == [{"filter": "datum.state != 'complete'"}]


def test_no_finished_trial_beats_the_drawn_front(study):
    spec = charts.accuracy_against_cost(study, "macs").to_dict()

    front = spec["datasets"][spec["layer"][0]["data"]["name"]]
    finished = [trial for trial in study.trials if trial.state == "complete"]
    for row in front:
        # Cheaper at the same accuracy, or more accurate at the same cost: none.
        assert not any(
            trial.macs <= row["macs"] and trial.accuracy > row["accuracy"]
            for trial in finished
        )


def test_a_study_without_nuclear_norms_has_no_such_figure(study):
    bare = tuple(replace(trial, nuclear_norm=None) for trial in study.trials)

    assert charts.accuracy_against_nuclear_norm(replace(study, trials=bare)) is None
    # Six pruned trials have none; the other hundred are drawn.
    recorded = charts.accuracy_against_nuclear_norm(study).to_dict()
    assert len(_rows(recorded)) == 100


def test_a_norm_without_an_accuracy_is_not_drawn(study):
    running = replace(study.trials[0], state="running", accuracy=None, accuracies=())

    only = replace(study, trials=(running,))

    assert charts.accuracy_against_nuclear_norm(only) is None


def test_the_distribution_ends_at_all_of_the_finished_trials(study):
    rows = _rows(charts.error_distribution(study).to_dict())

    assert len(rows) == 100
    assert rows[-1]["share"] == pytest.approx(100)
    assert all(row["low"] <= row["share"] <= row["high"] for row in rows)


def test_the_curve_of_each_shape_ends_at_all_of_its_trials(study, build):
    for each in (study, build(2000)):
        rows = _rows(charts.shape_distributions(each).to_dict())

        last = {row["shape"]: row["share"] for row in rows}
        assert last == dict.fromkeys(("linear", "convex", "stagewise"), 100)
        assert len(rows) < 1100


def test_the_interval_of_the_fitted_line_has_both_ends(study):
    spec = charts.mean_channels(study).to_dict()

    ends = spec["datasets"][spec["layer"][2]["data"]["name"]]
    assert [row["end"] for row in ends] == ["low"] * 5 + ["high"] * 5
    assert [row["fit"] for row in ends[:5]] == list(study.groups[0].band.low)


def test_every_finished_configuration_is_one_line(study):
    spec = charts.all_configurations(study).to_dict()

    assert len(_rows(spec)) == 100
    assert spec["transform"] == [{"flatten": ["block", "channels"]}]


def test_of_very_many_configurations_an_even_share_is_drawn(build):
    large = build(700)

    rows = _rows(charts.all_configurations(large).to_dict())

    # Every third of seven hundred, and always the best one, drawn last.
    assert len(rows) == 234 <= charts.MOST_LINES
    assert rows[-1]["channels"] == [34, 34, 45, 55, 66]


def test_an_empty_study_has_no_figures_to_draw(study):
    empty = replace(study, trials=(), groups=(), distribution=None, shape_accuracies=())

    assert charts.mean_channels(empty) is None
    assert charts.accuracy_against_cost(empty, "macs") is None
    assert charts.error_distribution(empty) is None
    assert charts.shape_distributions(empty) is None
    assert charts.all_configurations(empty) is None


def test_the_loss_has_a_point_per_epoch_and_kind_of_image(record):
    rows = _rows(charts.loss_curve([record]).to_dict())

    last = record.epochs[-1]
    assert len(rows) == 20
    assert {row["split"]: row["loss"] for row in rows if row["epoch"] == 10} == {
        "training": last.loss,
        "test": last.held_out_loss,
    }


@pytest.mark.parametrize(("epochs", "labels"), [(3, [1, 2, 3]), (30, 11)])
def test_the_axis_names_whole_epochs_each_once(record, epochs, labels):
    run = replace(
        record,
        epochs=tuple(replace(record.epochs[0], epoch=e) for e in range(epochs)),
    )

    line = charts.accuracy_curve([run]).to_dict()["layer"][0]

    values = line["encoding"]["x"]["axis"]["values"]
    assert labels in (values, len(values))
    assert all(float(value).is_integer() for value in values)


def test_seeds_are_faint_lines_under_their_mean(record):
    seeds = [replace(record, seed=seed) for seed in range(3)]

    faint, mean, points = charts.accuracy_curve(seeds).to_dict()["layer"]

    assert faint["mark"]["opacity"] < 1
    assert faint["encoding"]["detail"]["field"] == "seed"
    assert mean["encoding"]["y"]["aggregate"] == "mean"
    assert points["encoding"]["y"]["aggregate"] == "mean"


def test_one_chart_gives_svg_png_and_pdf(record):
    svg = to_svg(charts.loss_curve([record]).to_dict())

    assert svg.startswith("<svg")
    assert to_png(svg).startswith(b"\x89PNG")
    assert to_pdf(svg).startswith(b"%PDF")


def test_importing_the_room_loads_neither_altair_nor_torch():
    code = "import sys, rexpand.report; print({'altair', 'torch'} & set(sys.modules))"

    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "set()"


def test_charts_without_altair_say_what_to_install():
    code = (
        "import sys; sys.modules['altair'] = None\n"
        "from rexpand.errors import MissingExtraError\n"
        "try:\n    import rexpand.report.charts\n"
        "except MissingExtraError as error:\n    print(error)\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    assert "pip install 'rexpand[report]'" in done.stdout


def test_characters_that_no_svg_may_hold_are_drawn_escaped():
    chart = {
        "data": {"values": [{"name": "a\x1b[31m\x00\ud800"}]},
        "mark": "text",
        "encoding": {"text": {"field": "name"}},
    }

    # The renderer ended the whole process on them.
    assert r"a\x1b[31m\x00\ud800" in to_svg(chart)
