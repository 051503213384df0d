"""How the hours are split, from the paces of the candidates."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from designed import CANDIDATE, LOOK, SIZE
from rexpand.design.looking import look
from rexpand.design.order import DesignOrder
from rexpand.design.planning import search_share, split_hours, training_share
from rexpand.design.running import plan_design
from rexpand.errors import BudgetError, DataError, MistakeError

SIZES = (SIZE, replace(SIZE, resolution=128), replace(SIZE, resolution=64))
FAMILIES = [replace(CANDIDATE, images_per_second=float(n)) for n in (100, 200, 300)]


@pytest.mark.parametrize("hours", [0.2, 0.5, 2, 24])
def test_what_the_hours_buy_fits_into_them(hours: float) -> None:
    seconds = 3600 * hours
    shares, kept, tried = split_hours(seconds, FAMILIES, SIZES, LOOK)

    assert sum(each.seconds for each in shares) == pytest.approx(seconds)
    trials, search, training, _ = shares
    paces = [each.images_per_second or 0 for each in kept]
    families = sum(LOOK.learned * trials.epochs / pace for pace in paces)
    assert families <= trials.seconds
    assert trials.trainings == len(kept) + len(tried) - 1
    # By the slowest network that is kept.
    for share, images in ((search, LOOK.learned), (training, LOOK.train_images)):
        each = share.epochs * images / min(paces)
        assert share.trainings * each <= share.seconds


def test_short_hours_leave_out_sizes_first_and_then_slow_families() -> None:
    _, every, sizes = split_hours(7200.0, FAMILIES, SIZES, LOOK)
    _, fewer, one = split_hours(200.0, FAMILIES, SIZES, LOOK)

    assert (len(every), len(sizes)) == (3, 3)
    assert len(one) < 3
    assert fewer[0].images_per_second == 300


def test_too_few_hours_are_refused_with_the_least_that_do() -> None:
    with pytest.raises(DataError, match=r"give ([\d.]+) hours or more") as refused:
        split_hours(10.0, FAMILIES, SIZES, LOOK)

    hours = float(str(refused.value).partition("give ")[2].split()[0])
    split_hours(3600 * hours, FAMILIES, SIZES, LOOK)


@pytest.mark.parametrize("seconds", [1.0, 30.0, 300.0, 3e4, 3e6])
def test_a_search_has_about_twice_as_many_trials_as_epochs(seconds: float) -> None:
    trials, epochs = search_share(seconds, 1.0, 0.0)

    assert 4 <= trials <= 100
    assert epochs <= 30
    assert epochs == 1 or (trials >= 2 * epochs and trials * epochs <= seconds)


def test_more_time_gives_more_seeds_and_epochs() -> None:
    found = [training_share(each, 1.0, 0.0) for each in (3, 30, 300, 3000, 30_000)]

    assert found == sorted(found)
    assert found[0] == (1, 1)
    assert found[-1] == (5, 300)


def _data(folder: Path, counts: list[int], tests: int = 60) -> str:
    labels = np.repeat(np.arange(len(counts)), counts)
    test = np.arange(tests) % len(counts)
    generator = np.random.default_rng(0)

    def images(count: int) -> "np.ndarray":
        return generator.integers(256, size=(count, 8, 8, 1), dtype=np.uint8)

    np.savez(
        folder / "some.npz",
        train_images=images(len(labels)),
        train_labels=labels,
        test_images=images(tests),
        test_labels=test,
    )
    return str(folder / "some.npz")


@pytest.mark.parametrize(
    ("counts", "tests", "said"),
    [
        ([100, 3], 60, "class '1' of some has 3 training images; a design needs 5"),
        ([50, 50], 60, r"some has 10 held-out images, of which one is 10 %"),
        ([300, 300], 8, r"some has 8 test images, of which one is 12 %"),
        ([970, 30], 60, "97 % of the training images of some are of class '0'"),
    ],
)
def test_data_that_no_design_can_be_made_of(
    tmp_path: Path, counts: list[int], tests: int, said: str
) -> None:
    with pytest.raises(DataError, match=said):
        look(_data(tmp_path, counts, tests), None)


def test_what_data_hold(few: Path) -> None:
    found = look(str(few), None)

    assert (found.classes, found.channels, found.side) == (10, 1, 8)
    assert (found.train_images, found.held_out, found.test_images) == (240, 24, 60)
    assert (found.least_images, found.most_images) == (24, 24)


@pytest.mark.parametrize(
    ("change", "error", "said"),
    [
        ({"macs": 1e3}, BudgetError, "1,000 macs are too few for two families"),
        (
            {"teacher": "search_18"},
            MistakeError,
            "the teacher search_18 has no weights",
        ),
        ({"runtime": "abacus", "most_latency_ms": 3.0}, MistakeError, "abacus"),
    ],
)
def test_a_mistake_is_said_before_anything_is_trained(
    few: Path, change: dict[str, object], error: type[Exception], said: str
) -> None:
    order = DesignOrder(**{"data": str(few), "macs": 400e3, "hours": 0.1} | change)

    with pytest.raises(error, match=said):
        plan_design(order)
