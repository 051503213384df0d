"""Batches of like shapes have every image once, and are drawn by the seed alone."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from annotated import write_coco
from rexpand.data.detection import DetectionSplit, load_annotated
from rexpand.data.detection.grouping import by_aspect_ratio
from rexpand.data.part import Part

RATIOS = [0.5, 2.0, 0.7, 1.4] * 10
ORDER = torch.randperm(40, generator=torch.Generator().manual_seed(3))
CPU = torch.device("cpu")


def batches_of(order: torch.Tensor, size: int) -> list[list[float]]:
    return [[RATIOS[place] for place in batch] for batch in order.split(size)]


@pytest.mark.parametrize("factor", [0, 1, 3])
def test_every_image_comes_once(factor: int) -> None:
    order = by_aspect_ratio(ORDER, RATIOS, batch_size=4, factor=factor)

    assert sorted(order.tolist()) == list(range(40))


def test_a_factor_of_0_parts_wide_from_tall() -> None:
    order = by_aspect_ratio(ORDER, RATIOS, batch_size=4, factor=0)

    assert all(len({r < 1 for r in batch}) == 1 for batch in batches_of(order, 4))


def test_more_groups_are_narrower() -> None:
    order = by_aspect_ratio(ORDER, RATIOS, batch_size=4, factor=3)

    # Ten images of each ratio: two full batches each, and what is left of all.
    batches = batches_of(order, 4)
    assert [len(set(batch)) for batch in batches] == [1] * 8 + [2, 2]


def test_the_groups_are_those_of_torchvision() -> None:
    # Its reference parts at 2 ** linspace(-1, 1, 2 k + 1), and a bound is in the group above.
    ratios = [0.49, 0.5, 0.79, 0.8, 1.0, 1.25, 1.26, 2.0]
    order = by_aspect_ratio(torch.arange(8), ratios, batch_size=8, factor=3)
    bounds = 2 ** np.linspace(-1, 1, 7)

    assert order.tolist() == list(range(8))
    assert np.searchsorted(bounds, ratios, side="right").tolist() == [
        *(0, 1, 2, 3, 4, 4, 5, 7),
    ]


@pytest.fixture(scope="module")
def split(tmp_path_factory: pytest.TempPathFactory) -> DetectionSplit:
    """Ten images, of which every third is said to be tall."""
    folder = tmp_path_factory.mktemp("data")
    found = load_annotated(write_coco(folder / "shapes", {"train": 10}))
    return replace(
        found,
        images=tuple(
            replace(each, width=each.height, height=each.width)
            if place % 3 == 0
            else each
            for place, each in enumerate(found.images)
        ),
    )


def test_an_epoch_that_goes_on_has_the_same_batches(split: DetectionSplit) -> None:
    whole = split.drawn_order(5, 2, 0)
    again = split.drawn_order(5, 2, 0)
    other = split.drawn_order(6, 2, 0)

    assert torch.equal(whole, again)
    assert not torch.equal(whole, other)
    shapes = [split.images[place].width > split.images[place].height for place in whole]
    assert [len(set(shapes[at : at + 2])) for at in (0, 2, 4, 6)] == [1] * 4


def test_the_batches_of_a_part_are_those_of_the_whole(tmp_path: Path) -> None:
    split = load_annotated(write_coco(tmp_path / "shapes", {"train": 6}))

    def ids(part: Part) -> list[list[int]]:
        batches = split.batches(
            batch_size=2,
            device=CPU,
            seed=1,
            aspect_ratio_group_factor=3,
            part=part,
        )
        return [[int(each["image_id"]) for each in targets] for _, targets in batches]

    assert ids(Part(first_batch=1)) == ids(Part())[1:]
