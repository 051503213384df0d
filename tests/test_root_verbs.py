"""The verbs from Python: names in, values out, as the command line does them."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import nn

import rexpand
from rexpand.advise.lint import LintSettings
from rexpand.data.dataset import DataSet
from rexpand.data.split import stratified_subset
from rexpand.errors import SpecError
from rexpand.models import Network, save_network
from rexpand.recipe import RECIPES
from rexpand.search.winner import winner
from rexpand.spec import network
from rexpand.train import fitted

RECIPE = replace(RECIPES["digits"].with_epochs(1), validation=0)


@pytest.fixture(scope="module")
def few(digits: DataSet) -> DataSet:
    return replace(digits, train=stratified_subset(digits.train, 64, seed=0))


def test_a_name_is_built() -> None:
    built = rexpand.build("search_18:num_classes=10")

    assert isinstance(built, Network)
    assert built(torch.randn(2, 3, 32, 32)).shape == (2, 10)


def test_a_training_takes_names(
    digits: DataSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("short.toml").write_text("epochs = 1\nbatch_size = 512\n")

    record = rexpand.train("search_18", "short.toml", "digits", folder="run")

    assert record.spec == fitted(network("search_18"), digits)
    assert repr(record) == (
        f"<Record search_18 on digits, seed 0: {record.accuracy:.2f} % on 360 test "
        f"images after 1 epoch, {record.params:,} params, {record.macs:,} macs>"
    )
    assert (record.data, record.seed, len(record.epochs)) == ("digits", 0, 1)
    assert (
        json.loads(Path("run/record.json").read_text())["accuracy"] == record.accuracy
    )


def test_a_training_takes_network_at_weights(few: DataSet, tmp_path: Path) -> None:
    weights = str(tmp_path / "start.safetensors")
    built = rexpand.build(fitted(network("search_18"), few))
    save_network(built, weights, few.contract)

    record = rexpand.train(weights, RECIPE, few, folder=tmp_path / "run")

    # A text with weights is never a text without them.
    assert record.started_from == weights
    assert record.start_accuracy is not None


def test_images_of_the_callers_own_need_a_recipe(few: DataSet, tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="have no recipe of their own; give one"):
        rexpand.train("search_18", data=few, folder=tmp_path / "run")


def test_a_search_takes_names(tmp_path: Path) -> None:
    recipe = replace(RECIPES["digits"].with_epochs(1), batch_size=64)

    found = rexpand.search(
        "search_18",
        rexpand.Budget(macs=300e3),
        trials=2,
        seeds=1,
        recipe=recipe,
        train_subset=64,
        folder=tmp_path / "study",
    )

    assert [trial.state for trial in found.trials] == ["complete"] * 2
    best = found.best
    assert best is not None
    assert best.accuracy == max(trial.accuracy or 0 for trial in found.trials)
    assert repr(found) == (
        "<StudySummary study: 2 of 2 trials of search_18 on digits finished; best "
        f"{best.accuracy:.2f} % by {best.channels}>"
    )
    _, spec = winner(str(tmp_path / "study"))
    assert spec.channels == best.channels
    assert rexpand.cost_of(spec).macs == best.macs <= 300e3


def test_a_search_with_weights_is_refused() -> None:
    with pytest.raises(SpecError, match="starts from fresh weights"):
        rexpand.search("search_18@w.safetensors", rexpand.Budget(macs=300e3))


def test_lint_takes_a_name_a_spec_and_a_module() -> None:
    spec = network("mobilenetv2_050")

    named, valued = rexpand.lint("mobilenetv2_050"), rexpand.lint(spec)
    own = rexpand.lint(nn.Sequential(nn.Conv2d(3, 200, 1), nn.Conv2d(200, 8, 1)))

    assert [each.rule for each in named.findings] == [
        each.rule for each in valued.findings
    ]
    assert own.subject.network == "Sequential"
    # A report is written in one line, whatever the size of the network.
    assert repr(named).startswith("<LintReport mobilenetv2_050: ")
    assert len(repr(named)) < 120
    assert "RX011" in rexpand.lint(spec, LintSettings(multiple_of=64)).by_rule
    assert "RX011" not in named.by_rule


def test_upgrade_takes_a_module_of_timm() -> None:
    pytest.importorskip("timm")

    theirs = rexpand.upgrade("timm:mobilenetv2_050")

    ours = rexpand.upgrade("mobilenetv2_050")
    assert theirs.after.channels == ours.after.channels
