"""A training that is stopped inside an epoch goes on from its last step that was kept."""

from dataclasses import dataclass, replace
from pathlib import Path

import datasets
import pytest

from photos import write_photos
from rexpand.data.dataset import DataSet
from rexpand.data.load import load
from rexpand.data.split import stratified_subset
from rexpand.errors import DataError, SpecError
from rexpand.recipe import RECIPES, Recipe, RMSpropTF
from rexpand.records import Record, read_record
from rexpand.spec import network
from rexpand.train import Interval, Silence, train
from shards import write_shards
from tables import tables, write_parquet

SPEC = network("search_18")
EVERY_STEP = Interval(steps=1)
# Dropout, dropped blocks, mixup, CutMix, an average, smoothed labels.
MODERN = replace(RECIPES["modern"].with_epochs(2), batch_size=32)


@dataclass
class StopAfter(Silence):
    """Stops the training after so many steps, as Ctrl-C does."""

    steps: int

    def advance(self, images: int) -> None:
        self.steps -= 1
        if not self.steps:
            raise KeyboardInterrupt


def weights(folder: Path) -> bytes:
    return (folder / "network.safetensors").read_bytes()


def train_with_stops(
    recipe: Recipe, data: DataSet, folder: Path, *, every: int, kept: Interval
) -> int:
    """Train in `folder`, stopped after every so many steps; the number of stops."""
    stops = 0
    while not (folder / "record.json").exists():
        try:
            train(
                SPEC,
                recipe,
                data,
                folder=folder,
                progress=StopAfter(every),
                checkpoint_every=kept,
            )
        except KeyboardInterrupt:
            stops += 1
    return stops


@pytest.fixture(scope="module")
def few(digits: DataSet) -> DataSet:
    return replace(digits, train=stratified_subset(digits.train, 160, seed=0))


@pytest.fixture(params=["files", "shards", "stream"])
def photos(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> DataSet:
    """32 training images in files, in tar shards, or streamed in an unknown order."""
    folder = tmp_path / "photos"
    write_photos(folder, {"train": 16, "test": 2}, height=24, width=24, suffix=".jpg")
    if request.param == "files":
        return load(str(folder), resolution=16)
    if request.param == "shards":
        shards = write_shards(folder, tmp_path / "shards", per_shard=10)
        return load(str(shards), resolution=16)
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)
    datasets.disable_progress_bars()
    write_parquet(tables(folder), tmp_path / "parquet")
    stream = "hf:parquet:stream=true,images=32,buffer=10"
    return load(stream, root=tmp_path, resolution=16)


@pytest.fixture(scope="module")
def whole(few: DataSet, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a training that nobody stopped: ten steps."""
    folder = tmp_path_factory.mktemp("whole")
    train(SPEC, MODERN, few, folder=folder)
    return folder


@pytest.mark.kernels
def test_a_training_that_is_stopped_inside_every_epoch_gives_the_same_bits(
    few: DataSet, whole: Path, tmp_path: Path
) -> None:
    stops = train_with_stops(MODERN, few, tmp_path, every=4, kept=EVERY_STEP)

    # Of four steps the last is not kept: its stop comes first.
    assert stops == 3
    assert weights(tmp_path) == weights(whole)
    # So is the history: the mean loss of an epoch is over all of its steps.
    losses, expected = (
        [epoch.loss for epoch in read_record(Record, folder / "record.json").epochs]
        for folder in (tmp_path, whole)
    )
    assert losses == expected


def test_steps_since_the_last_state_are_done_again(
    few: DataSet, whole: Path, tmp_path: Path
) -> None:
    stops = train_with_stops(MODERN, few, tmp_path, every=4, kept=Interval(steps=3))

    assert stops == 3
    assert weights(tmp_path) == weights(whole)


@pytest.mark.kernels
def test_the_best_epoch_and_other_memory_go_on_inside_an_epoch(
    few: DataSet, tmp_path: Path
) -> None:
    recipe = replace(
        RECIPES["digits"].with_epochs(3),
        optimizer=RMSpropTF(learning_rate=0.003),
        validation=60,
        patience=2,
    )

    train(SPEC, recipe, few, folder=tmp_path / "whole")
    stops = train_with_stops(
        recipe, few, tmp_path / "stopped", every=3, kept=EVERY_STEP
    )

    assert stops > 3
    assert weights(tmp_path / "stopped") == weights(tmp_path / "whole")


@pytest.mark.kernels
def test_a_training_on_files_shards_or_a_stream_gives_the_same_bits(
    photos: DataSet, tmp_path: Path
) -> None:
    recipe = replace(MODERN, batch_size=8)

    train(SPEC, recipe, photos, folder=tmp_path / "whole")
    stops = train_with_stops(
        recipe, photos, tmp_path / "stopped", every=3, kept=EVERY_STEP
    )

    assert stops == 3
    assert weights(tmp_path / "stopped") == weights(tmp_path / "whole")


def test_an_image_that_fails_under_way_loses_no_step_before_it(
    tmp_path: Path,
) -> None:
    folder = write_photos(
        tmp_path / "photos", {"train": 32, "val": 2}, height=24, width=24
    )
    files = sorted(folder.glob("train/*/*.png"))
    contents = [file.read_bytes() for file in files]
    recipe = replace(MODERN, batch_size=8)

    class Damage(StopAfter):
        """Cuts all files off after so many steps, as a disk that fails does."""

        def advance(self, images: int) -> None:
            self.steps -= 1
            if not self.steps:
                for file in files:
                    file.write_bytes(b"")

    def go_on(name: str, progress: Silence) -> None:
        data = load(str(folder), resolution=16)
        train(
            SPEC,
            recipe,
            data,
            folder=tmp_path / name,
            progress=progress,
            checkpoint_every=EVERY_STEP,
        )

    go_on("whole", Silence())
    with pytest.raises(DataError, match=r"replace it, or load"):
        go_on("failed", Damage(2))
    for file, content in zip(files, contents, strict=True):
        file.write_bytes(content)
    heard = StopAfter(100)
    go_on("failed", heard)

    assert weights(tmp_path / "failed") == weights(tmp_path / "whole")
    # Of 16 steps the first two were not done again.
    assert 100 - heard.steps <= 14


@pytest.mark.parametrize(
    ("text", "interval"),
    [
        ("90s", Interval(seconds=90)),
        ("10m", Interval(seconds=600)),
        ("0.5h", Interval(seconds=1800)),
        ("500", Interval(steps=500)),
    ],
)
def test_an_interval_is_a_time_or_a_number_of_steps(
    text: str, interval: Interval
) -> None:
    assert Interval.parse(text) == interval


@pytest.mark.parametrize("text", ["", "m", "-1", "0", "0s", "1d", "1e3", "٣"])
def test_another_text_is_no_interval(text: str) -> None:
    with pytest.raises(SpecError, match=r"no time and no number|give"):
        Interval.parse(text)
