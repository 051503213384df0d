"""`rexpand rank layers` and `rank axes`, as somebody types them."""

import json

import pytest
from typer.testing import CliRunner

from rexpand.cli.main import app
from rexpand.errors import MistakeError
from rexpand.records import LayerStudy, SensitivityStudy, read_record

pytest.importorskip("altair")

QUICK = ["--networks", "3", "--sizes", "10-30", "--jobs", "1"]
FEW = ["--structures", "conv1x1,inverted_bottleneck", "--dim-ratios", "0.2,1.0"]


def run(*words):
    return CliRunner().invoke(app, ["rank", *words])


def test_json_has_the_points_by_name(tmp_path):
    done = run("layers", *QUICK, *FEW, "--json", "--out", str(tmp_path))

    document = json.loads(done.stdout)
    assert done.exit_code == 0
    assert len(document["points"]) == 2 * 8 * 2
    for point in document["points"]:
        assert point["structure"] in ("conv1x1", "inverted_bottleneck")
        assert point["ci_low"] <= point["rank_ratio"] <= point["ci_high"]
        assert point["networks"] == 3
    assert {each["activation"] for each in document["points"]} == {
        *("linear", "relu", "relu6", "leaky_relu"),
        *("elu", "softplus", "hard_swish", "silu"),
    }
    assert {each["structure"] for each in document["deviations"]} == {
        "conv1x1",
        "inverted_bottleneck",
    }


def test_the_run_folder_holds_the_record_the_page_and_the_figures(tmp_path):
    done = run("layers", *QUICK, *FEW, "--out", str(tmp_path))

    assert done.exit_code == 0
    assert "wrote" in done.stdout
    assert "nonlinearities expand the rank" in done.stdout
    study = read_record(LayerStudy, tmp_path / "layers.json")
    assert study.preset == "xavier, but sizes"
    assert "Rank of random layers" in (tmp_path / "report.html").read_text()
    for kind in ("svg", "png"):
        assert (tmp_path / "figures" / f"rank_layers.{kind}").stat().st_size > 10_000


def test_axes_join_the_page_of_the_layers_beside_them(tmp_path):
    few = ["--structures", "conv1x1", "--activations", "linear,relu"]
    few += ["--dim-ratios", "0.5", "--networks", "2", "--jobs", "1"]
    run("layers", *few, "--out", str(tmp_path))

    done = run("axes", *few, "--out", str(tmp_path))

    assert done.exit_code == 0
    study = read_record(SensitivityStudy, tmp_path / "axes.json")
    assert study.rows[0].axis == "none"
    assert "Effect of each unstated choice" in (tmp_path / "report.html").read_text()
    assert (tmp_path / "figures" / "rank_axes.svg").is_file()


def test_a_block_of_ones_own_is_studied(tmp_path, monkeypatch):
    (tmp_path / "own_block.py").write_text(
        "from torch import nn\n"
        "def block(d_in, d_out, activation):\n"
        "    return nn.Conv2d(d_in, d_out, 1)\n"
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)

    done = run(
        *("layers", *QUICK, "--block", "own_block:block", "--activations", "linear"),
        *("--dim-ratios", "0.5", "--json", "--out", str(tmp_path)),
    )

    (point,) = json.loads(done.stdout)["points"]
    assert point["structure"] == "own_block:block"
    assert 0.45 <= point["rank_ratio"] <= 0.65  # the bias adds one direction


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--dim-ratios", "0.5,1.2"], r"1.2 lies outside \(0, 1\]"),
        (["--dim-ratios", "half"], "'half' is not a number"),
        (["--structures", "conv1x2"], "nearest are conv1x1"),
        (["--activations", "gelu"], "unknown activation 'gelu'"),
        (["--preset", "papers"], "nearest are paper"),
        (["--tolerance", "tiny"], "write relative:1e-3"),
        (["--block", "no_such_module:block"], "cannot import module"),
        (["--networks", "1"], "needs 2 or more"),
    ],
)
def test_mistakes_are_one_line_that_names_the_value(tmp_path, words, message):
    done = run("layers", *words, "--out", str(tmp_path / "run"))

    # `main.run` prints it and exits with 2.
    assert isinstance(done.exception, MistakeError)
    assert "\n" not in str(done.exception)
    with pytest.raises(MistakeError, match=message):
        raise done.exception
    assert not (tmp_path / "run").exists()
