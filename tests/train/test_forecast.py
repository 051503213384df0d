"""What a training will take is told by its first steps, which stay what they are."""

from dataclasses import replace
from pathlib import Path
from typing import Literal

import datasets
import pytest
import torch

from forecasts import Told, ticking
from photos import write_photos
from rexpand.cost import bytes_to_train
from rexpand.data.dataset import DataSet
from rexpand.data.load import load
from rexpand.data.split import stratified_subset
from rexpand.errors import SpecError
from rexpand.models import build_for_training
from rexpand.recipe import RECIPES, Augmentation, Recipe
from rexpand.records import Epoch
from rexpand.spec import as_spec, network
from rexpand.train import Silence, fitted, plan, train
from rexpand.train.design import TrainingDesign
from rexpand.train.epoch import with_epoch
from rexpand.train.foretelling import Foretelling
from rexpand.train.learning import freeze, set_to_learn
from rexpand.train.memory import bytes_kept, check_fits, on_meta
from rexpand.train.run import Run, prepared
from rexpand.train.state import Progressed
from tables import tables, write_parquet

CPU = torch.device("cpu")
RECIPE = replace(RECIPES["digits"], epochs=50, batch_size=16, validation=64)


EPOCH = Epoch(
    epoch=0,
    loss=1.0,
    accuracy=50.0,
    held_out_loss=1.0,
    learning_rate=0.1,
    images_per_second=100.0,
)


@pytest.fixture(scope="module")
def few(digits: DataSet) -> DataSet:
    """160 digits to train on, ten batches, besides the 64 that the recipe holds out."""
    return replace(digits, train=stratified_subset(digits.train, 224, seed=0))


def ready(data: DataSet, recipe: Recipe = RECIPE) -> Run:
    torch.manual_seed(0)
    design = TrainingDesign(
        spec=fitted("search_18", data),
        recipe=recipe,
        seed=0,
        data=data.name,
        images=len(data.train),
        data_fingerprint=data.fingerprint,
    )
    return prepared(design, data, None)


def test_a_long_training_is_told_of_after_a_few_steps(few: DataSet) -> None:
    run, told = ready(few), Told()
    foretelling = Foretelling(run, told, ticking(10.0))
    foretelling.begin("search_18", epochs=50, epoch=0, images=160)

    for _ in range(7):
        foretelling.advance(16)

    # Two steps warm up and five are timed, of ten seconds each; judging one batch and
    # judging three take a tick each, so that four take one too.
    [forecast] = told.forecasts
    assert forecast.measured_steps == 5
    assert forecast.step_seconds == pytest.approx(10.0)
    assert forecast.evaluation_seconds == pytest.approx(10.0)
    assert forecast.seconds == pytest.approx(50 * (10 * 10.0 + 10.0))


def test_a_training_on_a_stream_is_told_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)
    datasets.disable_progress_bars()
    photos = tmp_path / "photos"
    write_photos(photos, {"train": 16, "test": 2}, height=24, width=24, suffix=".jpg")
    write_parquet(tables(photos), tmp_path / "parquet")
    stream = "hf:parquet:stream=true,images=32,buffer=10"
    data = load(stream, root=tmp_path, resolution=16)
    recipe = replace(RECIPE, batch_size=2, validation=8, augmentation=Augmentation())
    run, told = ready(data, recipe), Told()
    foretelling = Foretelling(run, told, ticking(10.0))
    foretelling.begin("search_18", epochs=50, epoch=0, images=24)

    for _ in range(7):
        foretelling.advance(2)

    # Of a stream the first images are judged: none is asked for out of order.
    [forecast] = told.forecasts
    assert forecast.evaluation_seconds == pytest.approx(10.0)


def test_a_training_that_goes_on_is_told_of_what_is_left(few: DataSet) -> None:
    run, told = ready(few), Told()
    foretelling = Foretelling(run, told, ticking(10.0))
    foretelling.begin("search_18", epochs=50, epoch=45, images=160)

    for _ in range(7):
        foretelling.advance(16)

    assert told.forecasts[0].epochs == 5
    assert told.forecasts[0].seconds == pytest.approx(5 * (10 * 10.0 + 10.0))


def test_a_short_training_pays_nothing(few: DataSet) -> None:
    run, told = ready(few), Told()
    foretelling = Foretelling(run, told, ticking(0.01))
    foretelling.begin("search_18", epochs=50, epoch=0, images=160)
    run.judged.register_forward_hook(lambda *_: pytest.fail("it was judged"))

    for _ in range(10):
        foretelling.advance(16)
    before = [*told.forecasts]
    foretelling.end_epoch(EPOCH)

    # It is told when the epoch is over, which the training judges anyway.
    assert before == []
    assert told.forecasts[0].evaluation_seconds == pytest.approx(0.01)
    assert told.forecasts[0].step_seconds == pytest.approx(0.01)


@pytest.mark.kernels
def test_being_told_of_changes_no_bit(few: DataSet) -> None:
    quiet, foretold, told = ready(few), ready(few), Told()

    with_epoch(quiet, Progressed(), Silence())
    foretelling = Foretelling(foretold, told, ticking(10.0))
    foretelling.begin("search_18", epochs=50, epoch=0, images=160)
    with_epoch(foretold, Progressed(), foretelling)

    assert told.forecasts[0].measured_steps == 5  # so it was judged in between
    theirs = foretold.network.state_dict()
    for name, tensor in quiet.network.state_dict().items():
        assert torch.equal(tensor, theirs[name]), name


def test_a_plan_says_what_one_training_takes(few: DataSet) -> None:
    forecast = plan("search_18", RECIPE, few)

    assert (forecast.epochs, forecast.steps_per_epoch) == (50, 10)
    assert forecast.seconds > 0
    assert forecast.fits
    assert forecast.largest_batch > forecast.batch_size


def test_a_training_tells_those_who_follow_it(few: DataSet, tmp_path: Path) -> None:
    told = Told()

    train("search_18", replace(RECIPE, epochs=1), few, folder=tmp_path, progress=told)

    assert [each.epochs for each in told.forecasts] == [1]


@pytest.mark.parametrize("name", ["search_18", "mobilenetv3_small_100:input=cifar"])
@pytest.mark.parametrize("checkpointing", [False, True])
@pytest.mark.parametrize("learns", ["all", "classifier"])
def test_the_bytes_that_are_kept_are_those_of_a_real_pass(
    name: str, learns: Literal["all", "classifier"], checkpointing: bool
) -> None:
    spec = as_spec(name).with_classes(10)
    recipe = replace(RECIPE, learns=learns, checkpointing=checkpointing)
    real = build_for_training(spec)
    real.recomputes = checkpointing
    freeze(real, recipe)
    set_to_learn(real, recipe)

    assert bytes_kept(on_meta(spec, recipe)) == bytes_kept(real) > 0


def test_a_batch_that_is_too_large_is_refused_with_one_that_fits(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("rexpand.train.memory.usable_memory", lambda: 8 * 2**30)
    # The closed form alone would let it pass.
    assert bytes_to_train("rexnet_100", 128, per_weight=3) < 8 * 2**30

    with pytest.raises(SpecError, match=r"a batch of (\d+) would fit") as refused:
        check(batch=128)

    fitting = int(str(refused.value).partition("a batch of ")[2].split()[0])
    assert 16 < fitting < 128
    check(batch=fitting)
    # The same batch in as many parts as the message says fits too.
    parts = int(str(refused.value).partition("accumulation ")[2].split()[0])
    check(batch=128, recipe=replace(RECIPE, batch_size=128, accumulation=parts))


def test_a_probe_needs_far_less_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rexpand.train.memory.usable_memory", lambda: 8 * 2**30)

    check(batch=1024, recipe=replace(RECIPE, learns="classifier"))


def test_where_no_batch_fits_the_way_out_is_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("rexpand.train.memory.usable_memory", lambda: 2**26)

    with pytest.raises(SpecError, match="no batch would fit"):
        check(batch=128)


def check(batch: int, recipe: Recipe = RECIPE) -> None:
    recipe = replace(recipe, batch_size=batch)
    check_fits(network("rexnet_100"), recipe, images=10**6, value_bytes=4, device=CPU)
