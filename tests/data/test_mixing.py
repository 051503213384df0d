"""Mixed batches, and the loss that needs no soft labels."""

import numpy as np
import pytest
import torch
from torch.nn.functional import cross_entropy, one_hot

from rexpand.data.mixing import Mixed, mixed
from rexpand.errors import DataError
from rexpand.recipe import Augmentation, CutMix, Mixup
from rexpand.train.optimizer_step import loss_of

LABELS = torch.tensor([0, 1, 2, 3])
# Each image has its own value everywhere.
IMAGES = LABELS.double()[:, None, None, None].expand(4, 3, 16, 16).contiguous()


def batches(augmentation: Augmentation, count: int = 200) -> list[Mixed]:
    chance = np.random.default_rng(0)
    return [mixed(IMAGES, LABELS, augmentation, chance) for _ in range(count)]


def test_without_mixing_a_batch_is_as_it_was() -> None:
    chance = np.random.default_rng(0)

    batch = mixed(IMAGES, LABELS, Augmentation(flip=True), chance)

    assert batch.images is IMAGES
    assert batch.share == 1
    # Nothing was drawn.
    assert chance.random() == np.random.default_rng(0).random()


def test_mixup_averages_an_image_and_its_counterpart() -> None:
    for batch in batches(Augmentation(mixup=Mixup(alpha=1.0))):
        expected = (
            batch.share * LABELS.double() + (1 - batch.share) * batch.others.double()
        )
        found = batch.images[:, 0, 0, 0]
        torch.testing.assert_close(found, expected, rtol=1e-12, atol=1e-12)
        assert (batch.images == found[:, None, None, None]).all()


def test_mixup_draws_its_share_from_a_beta_distribution() -> None:
    shares = [
        batch.share for batch in batches(Augmentation(mixup=Mixup(alpha=1)), 2000)
    ]

    # Beta(1, 1) is uniform: mean 1/2, variance 1/12, within five standard errors.
    assert np.mean(shares) == pytest.approx(0.5, abs=5 * np.sqrt(1 / 12 / 2000))
    assert np.var(shares) == pytest.approx(1 / 12, abs=0.01)


def test_cutmix_puts_a_rectangle_of_the_counterpart_in() -> None:
    for batch in batches(Augmentation(cutmix=CutMix())):
        is_own = (batch.images == IMAGES).all(1)
        is_other = (batch.images == IMAGES.flip(0)).all(1)

        assert (is_own | is_other).all()
        # The share is that of the pixels that stay, whatever the border cut off.
        assert is_own.double().mean((1, 2)).numpy() == pytest.approx(batch.share)
        rows, columns = is_other[0].any(1), is_other[0].any(0)
        assert int(is_other[0].sum()) == int(rows.sum()) * int(columns.sum())


def test_each_batch_takes_one_of_two() -> None:
    both = Augmentation(mixup=Mixup(), cutmix=CutMix())

    is_cut = [
        bool((batch.images == IMAGES)[0].any())
        for batch in batches(both)
        if batch.share < 1
    ]

    assert 0.3 < np.mean(is_cut) < 0.7


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_the_loss_is_that_of_soft_labels(smoothing: float) -> None:
    scores = torch.linspace(-2, 3, 20, dtype=torch.float64).reshape(4, 5).sin()
    batch = Mixed(images=IMAGES, labels=LABELS, others=LABELS.flip(0), share=0.3)
    soft = 0.3 * one_hot(LABELS, 5).double() + 0.7 * one_hot(LABELS.flip(0), 5).double()

    expected = cross_entropy(scores, soft, label_smoothing=smoothing)

    found = loss_of(scores, batch, smoothing)
    torch.testing.assert_close(found, expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("kind", [Mixup, CutMix])
def test_an_alpha_of_nothing_is_refused(kind: type) -> None:
    with pytest.raises(DataError, match="alpha 0 mixes nothing"):
        kind(alpha=0)
