"""Training that begins with weights."""

import dataclasses
import json
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import timm
import torch
from timm.models import _registry

from rexpand.data.dataset import DataSet
from rexpand.data.split import stratified_subset
from rexpand.errors import DataError, SpecError, StudyError
from rexpand.models import build, open_source, save_network
from rexpand.recipe import RECIPES, SGD
from rexpand.records import Record, read_record
from rexpand.spec import ImageContract, Source, network, read_contract
from rexpand.train import evaluate, fitted, start_from, start_pretrained, train

Run = Callable[..., "subprocess.CompletedProcess[str]"]
CPU = torch.device("cpu")
RECIPE = replace(RECIPES["digits"].with_epochs(1), validation=0, batch_size=32)
# Other images than digits are fed as: what training must follow.
SHIFTED = ImageContract(
    channels=1, height=12, width=12, mean=(0.3,), std=(0.2,), origin="checkpoint"
)


@pytest.fixture(scope="module")
def few(digits: DataSet) -> DataSet:
    return replace(digits, train=stratified_subset(digits.train, 64, seed=0))


@pytest.fixture
def weights(few: DataSet, tmp_path: Path) -> Path:
    """A checkpoint whose scores are far from those of fresh weights."""
    torch.manual_seed(3)
    spec = fitted(network("search_18"), few)
    built = build(spec.for_images(resolution=12, in_channels=1))
    built(torch.randn(8, 1, 12, 12))  # moves the running statistics
    save_network(built, tmp_path / "start.safetensors", SHIFTED)
    return tmp_path / "start.safetensors"


def test_before_the_first_step_the_accuracy_is_that_of_the_weights(
    few: DataSet, weights: Path, tmp_path: Path
) -> None:
    start = start_from(Source.parse(str(weights)))
    opened = open_source(Source.parse(str(weights)))
    fed = few.seen_as(opened.contract).test
    expected = evaluate(opened.module, fed, CPU)

    record = train(
        start.network.spec, RECIPE, few, seed=0, folder=tmp_path / "run", start=start
    )

    assert record.start_accuracy == expected.accuracy
    assert record.started_from == str(weights)
    # It is on disk, with the images that the weights were trained on.
    again = read_record(Record, tmp_path / "run/record.json")
    assert again.started_from == str(weights)
    found = read_contract(tmp_path / "run/network.safetensors")
    assert found == replace(few.seen_as(SHIFTED).contract, origin="checkpoint")
    assert (found.mean, found.height) == ((0.3,), 12)


def test_a_small_step_leaves_the_weights_where_they_were(
    few: DataSet, weights: Path, tmp_path: Path
) -> None:
    start = start_from(Source.parse(str(weights)))
    still = replace(RECIPE, optimizer=SGD(learning_rate=1e-30, weight_decay=0.0))

    folder = tmp_path / "run"
    train(start.network.spec, still, few, seed=0, folder=folder, start=start)

    # What was trained is what was given; a zero has moved by the step alone.
    left = open_source(Source.parse(str(folder / "network.safetensors"))).module
    before = dict(start.network.named_parameters())
    for name, parameter in left.named_parameters():
        assert torch.allclose(parameter, before[name], rtol=0, atol=1e-25)


def test_another_number_of_classes_gets_a_fresh_classifier(
    few: DataSet, tmp_path: Path
) -> None:
    trained = fitted(network("search_18"), few).with_classes(3)
    save_network(build(trained), tmp_path / "three.safetensors")
    start = start_from(Source.parse(str(tmp_path / "three.safetensors")))
    still = replace(RECIPE, optimizer=SGD(learning_rate=1e-30, weight_decay=0.0))

    record = train(trained, still, few, seed=0, folder=tmp_path / "run", start=start)

    # Its accuracy means nothing before it is trained; the other weights are kept.
    assert record.start_accuracy is None
    path = tmp_path / "run/network.safetensors"
    left = open_source(Source.parse(str(path))).module
    assert left.spec.num_classes == 10
    assert torch.equal(left.stem.conv.weight, start.network.stem.conv.weight)


def test_other_weights_are_other_settings(
    few: DataSet, weights: Path, tmp_path: Path
) -> None:
    start = start_from(Source.parse(str(weights)))
    spec = start.network.spec
    train(spec, RECIPE, few, seed=0, folder=tmp_path / "run", start=start)

    with pytest.raises(StudyError, match="started_from"):
        train(spec, RECIPE, few, seed=0, folder=tmp_path / "run")


def test_weights_for_colour_do_not_start_on_grey(few: DataSet, tmp_path: Path) -> None:
    save_network(build(network("search_18")), tmp_path / "rgb.safetensors")
    start = start_from(Source.parse(str(tmp_path / "rgb.safetensors")))

    with pytest.raises(DataError, match="takes images of 3 channels, the data has 1"):
        train(start.network.spec, RECIPE, few, seed=0, folder=tmp_path, start=start)


def test_a_network_of_fresh_weights_started_from_nothing(
    few: DataSet, tmp_path: Path
) -> None:
    record = train(network("search_18"), RECIPE, few, seed=0, folder=tmp_path)

    assert (record.started_from, record.start_accuracy) == (None, None)
    assert record.contract == few.contract.without_names()
    # The data's own images are what its weights are for.
    found = read_contract(tmp_path / "network.safetensors")
    assert found == replace(few.contract, origin="checkpoint")
    assert found.class_names == few.class_names


def test_the_command_line_starts_from_a_checkpoint(
    rexpand: Run, weights: Path, tmp_path: Path
) -> None:
    judged = rexpand("evaluate", str(weights), "--data", "digits", "--json")
    (tmp_path / "recipe.toml").write_text("epochs = 1\nbatch_size = 32\n")
    trained = rexpand(
        *("train", str(weights), "--data", "digits", "--epochs", "1", "--json"),
        *("--train-subset", "64", "--recipe", "recipe.toml"),
    )
    assert trained.returncode == 0, trained.stderr
    document = json.loads(trained.stdout)
    assert document["started_from"] == str(weights)
    assert document["start_accuracy"] == json.loads(judged.stdout)["accuracy"]


def test_timms_weights_begin_a_training(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A network of timm's, saved where timm then looks for its weights.
    theirs = timm.create_model("mobilenetv2_050")
    torch.save(theirs.state_dict(), tmp_path / "weights.pth")
    config = timm.models.get_pretrained_cfg("mobilenetv2_050")
    config = dataclasses.replace(config, file=str(tmp_path / "weights.pth"))
    monkeypatch.setitem(_registry._model_pretrained_cfgs, "mobilenetv2_050", config)

    start = start_pretrained(Source.parse("mobilenetv2_050"), 64)

    first = next(theirs.parameters())
    assert torch.equal(next(start.network.parameters()), first)
    # The images are fed as timm feeds them, at the size that was asked for.
    assert (start.contract.height, start.contract.mean) == (64, config.mean)
    assert start.origin == "timm's weights of mobilenetv2_050"


@pytest.mark.parametrize(
    "text", ["net.toml", "rexnet_100:width_mult=0.5", "rexnet_100@file.safetensors"]
)
def test_timms_weights_are_of_a_name_alone(text: str) -> None:
    with pytest.raises(SpecError, match=r"not of .*; give a name of `rexpand list`"):
        start_pretrained(Source.parse(text))
