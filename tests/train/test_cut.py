"""How images become steps: nothing is lost but what batch norm cannot learn from."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rexpand.errors import SpecError
from rexpand.recipe import RECIPES
from rexpand.train.cut import Cut

RECIPE = replace(RECIPES["digits"], batch_size=24)


@settings(max_examples=200, deadline=None)
@given(
    images=st.integers(24, 200),
    accumulation=st.sampled_from([1, 2, 3]),
    processes=st.integers(1, 4),
    sync_norm=st.booleans(),
)
def test_the_steps_of_an_epoch_have_all_images_but_a_small_rest(
    images: int, accumulation: int, processes: int, sync_norm: bool
) -> None:
    recipe = replace(RECIPE, accumulation=accumulation, sync_norm=sync_norm)

    cut = Cut(images, recipe, processes)

    steps = [cut.of_step(step) for step in range(cut.steps)]
    # Full steps have the recipe's images and micro-batches.
    assert set(steps[:-1]) <= {(accumulation, 24)}
    assert sum(micro_batches for micro_batches, _ in steps) == cut.micro_batches
    # What is left out is less than every process needs for batch norm.
    assert cut.trained == sum(taken for _, taken in steps)
    left_out = images - cut.trained
    least = max(2, processes) if sync_norm else 2 * processes
    assert left_out == (images % cut.size if cut.leaves_some_out else 0)
    assert left_out < least


def test_one_process_leaves_out_a_single_last_image() -> None:
    # Batch norm has no variance to learn from one.
    assert Cut(49, RECIPE).leaves_some_out
    assert not Cut(50, RECIPE).leaves_some_out


def test_a_micro_batch_that_leaves_a_process_one_image_is_refused() -> None:
    recipe = replace(RECIPE, batch_size=8, accumulation=2)

    with pytest.raises(SpecError, match="micro-batches of 4 images leave fewer than 2"):
        Cut(100, recipe, processes=4)

    # Norms that see the images of all processes learn from one of each.
    assert Cut(100, replace(recipe, sync_norm=True), processes=4).steps == 13


@pytest.mark.parametrize("accumulation", [5, 24])
def test_micro_batches_are_equal_and_large_enough(accumulation: int) -> None:
    # 24 images are no 5 equal parts, and 24 of one image teach batch norm nothing.
    with pytest.raises(SpecError, match=f"accumulation {accumulation} does not part"):
        replace(RECIPE, accumulation=accumulation)
