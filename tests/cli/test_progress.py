"""The bars of a study: who trains, how far, and how long it will take."""

import io
import re

import pytest
from rich.console import Console

from rexpand.cli.pace import StudyPace, duration
from rexpand.cli.progress import Bars
from rexpand.cli.study_bars import StudyBars
from rexpand.records import Epoch

NAME = "trial 0, seed 0"


class Clock:
    """A clock that only this test turns."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


def ended(epoch: int, *, loss: float, accuracy: float) -> Epoch:
    return Epoch(
        epoch=epoch,
        loss=loss,
        accuracy=accuracy,
        held_out_loss=loss,
        learning_rate=0.1,
        images_per_second=10.0,
    )


def steps(study: StudyBars, clock: Clock, slot: int, task: str, images: int) -> None:
    """So many images in batches of ten, each of which takes a second."""
    for _ in range(images // 10):
        clock.seconds += 1
        study.training(slot, task).advance(10)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(None, "-:--"), (0.4, "0 s"), (89, "89 s"), (600, "10 min"), (9000, "2.5 h")],
)
def test_a_time_is_in_words(seconds: float | None, words: str) -> None:
    assert duration(seconds) == words


def test_the_time_left_is_known_before_the_first_training_has_ended(
    clock: Clock,
) -> None:
    pace = StudyPace(4, clock)
    pace.begin(0, NAME, images=100, seen=0)
    pace.advance(0, 10)  # slower than the others, and not counted
    clock.seconds += 2

    pace.advance(0, 20)

    # Ten images per second: 70 of this training are left, and three trainings of 100.
    assert pace.seconds_left() == 37


def test_the_time_left_counts_what_trainings_saw_that_stopped_early(
    clock: Clock,
) -> None:
    pace = StudyPace(3, clock)
    pace.begin(0, NAME, images=100, seen=0)
    pace.advance(0, 10)
    clock.seconds += 4
    pace.advance(0, 40)

    pace.end(0)

    # Two more, expected to stop as early, at ten images per second.
    assert pace.seconds_left() == 10


def test_a_training_that_goes_on_has_less_left(clock: Clock) -> None:
    pace = StudyPace(1, clock)
    pace.begin(0, NAME, images=100, seen=60)
    pace.advance(0, 10)
    clock.seconds += 2

    pace.advance(0, 10)

    # At five images per second: what an earlier process did took this one no time.
    assert pace.seconds_left() == 4


def test_a_training_that_pauses_for_others_is_counted_once(clock: Clock) -> None:
    pace = StudyPace(2, clock)
    for name, seen in (("a", 0), ("b", 0), ("a", 10)):
        pace.begin(0, name, images=100, seen=seen)
        pace.advance(0, 10)
        clock.seconds += 1

    # 20 images in three seconds, after the first ten. One training is at 20 of 100, and
    # none is left that has not begun.
    assert pace.seconds_left() == pytest.approx(12)


def test_trials_that_are_pruned_take_no_more_time(clock: Clock) -> None:
    pace = StudyPace(4, clock)
    pace.begin(0, NAME, images=100, seen=0)
    pace.advance(0, 10)
    clock.seconds += 2
    pace.advance(0, 20)

    pace.skip(2)

    assert pace.seconds_left() == 17


def test_without_a_terminal_there_are_few_lines(
    clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    study = StudyBars(Bars(), clock)
    study.begin(trials=3, finished=0, seeds=1)
    for number in range(2):
        training = study.training(0, f"trial {number}, seed 0")
        training.begin("net", epochs=10, epoch=0, images=100)
        for epoch in range(10):
            steps(study, clock, 0, f"trial {number}, seed 0", 100)
            training.end_epoch(ended(epoch, loss=2.0, accuracy=epoch))
        training.end()
        study.end_trial(number, 50.0 + number)

    # What the first steps promise; a line per trial; the latest epoch after a minute of
    # silence. A batch takes a second, a trial of a thousand images 100.
    assert capsys.readouterr().err.splitlines() == [
        "about 5 min left; the next trial ends in 2 min",
        "trial 0, seed 0: epoch 7/10, loss 2.000, 6.0 %, about 4 min left",
        "trial 0: 50.0 % (1/3), about 3 min left",
        "trial 1, seed 0: epoch 7/10, loss 2.000, 6.0 %, about 2 min left",
        "trial 1: 51.0 % (2/3), about 2 min left",
    ]


def test_a_bar_per_worker_says_what_it_trains(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = Console(
        file=io.StringIO(), force_terminal=True, width=100, color_system=None
    )
    monkeypatch.setattr("rexpand.cli.progress.Console", lambda **_: screen)
    with Bars() as bars:
        study = StudyBars(bars, clock)
        study.begin(trials=20, finished=3, seeds=2)
        for slot, task in enumerate(("trial 3, seed 0", "trial 4, seed 1")):
            training = study.training(slot, task)
            training.begin("net", epochs=5, epoch=1, images=100)
            steps(study, clock, slot, task, 50)
            training.end_epoch(ended(1, loss=1.25, accuracy=40.5))
        study.end_trial(9, 61.0)

    assert isinstance(screen.file, io.StringIO)
    shown = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", screen.file.getvalue())
    last = shown.splitlines()[-3:]
    assert "trials" in last[0]
    assert "4/20  best 61.0 %" in last[0]
    # 34 trainings were left, of which two have seen 150 of their 500 images, at ten
    # images per second.
    assert "ETA 28 min" in last[0]
    for line, name in zip(
        last[1:], ("trial 3, seed 0", "trial 4, seed 1"), strict=True
    ):
        assert name in line
        assert "epoch 2/5  loss 1.250  40.5 %" in line
        assert len(line) <= 100


def test_the_bar_of_a_worker_that_was_replaced_goes_on(
    clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    study = StudyBars(Bars(), clock)
    study.begin(trials=2, finished=0, seeds=1)
    training = study.training(0, "trial 0, seed 0")
    training.begin("net", epochs=4, epoch=0, images=100)
    steps(study, clock, 0, "trial 0, seed 0", 150)

    # The worker dies in its second epoch, and a fresh one begins that again.
    training.alarm("trial 0, seed 0: its process ended; a fresh one goes on")
    study.training(0, "trial 0, seed 0").begin("net", epochs=4, epoch=1, images=100)
    steps(study, clock, 0, "trial 0, seed 0", 300)
    training.end()
    study.end_trial(0, 70.0)

    assert "a fresh one goes on" in capsys.readouterr().err
    assert study.seconds_left() == pytest.approx(400 / (440 / 44))
