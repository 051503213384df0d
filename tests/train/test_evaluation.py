"""Evaluation counts right and leaves the network as it was."""

import numpy as np
import pytest
import torch

from rexpand.data.dataset import DataSet
from rexpand.errors import DataError
from rexpand.models import build
from rexpand.spec import network
from rexpand.train import evaluate, fitted, penultimate_spectrum

CPU = torch.device("cpu")


@pytest.mark.kernels
def test_accuracy_is_that_of_the_scores_one_image_at_a_time(digits: DataSet) -> None:
    torch.manual_seed(0)
    module = build(fitted(network("search_18"), digits)).eval()
    split = digits.test.subset(range(100))
    batches = split.batches(batch_size=1, device=CPU, seed=None, augmentation=None)
    with torch.no_grad():
        right = [int(module(image).argmax()) == int(label) for image, label in batches]

    result = evaluate(module, split, CPU, batch_size=64)

    assert result.accuracy == pytest.approx(sum(right))
    assert result.images == 100
    assert result.top5 >= result.accuracy


def test_the_mode_is_put_back(digits: DataSet) -> None:
    module = build(fitted(network("search_18"), digits)).train()
    module.stem.eval()  # as where its norm is frozen

    evaluate(module, digits.test.subset(range(8)), CPU)

    # Each layer's own mode, not that of the whole.
    assert module.training
    assert module.blocks.training
    assert not module.stem.training


def test_the_mode_is_put_back_after_a_failure(digits: DataSet) -> None:
    module = build(fitted(network("search_18"), digits)).train()

    with pytest.raises(DataError, match="10 outputs per image, the data 3 classes"):
        evaluate(module, digits.test.subset(range(8)), CPU, num_classes=3)

    assert module.training


@pytest.mark.kernels
def test_the_nuclear_norm_is_that_of_the_whole_feature_matrix(digits: DataSet) -> None:
    module = build(fitted(network("search_18"), digits)).eval()
    split = digits.test.subset(range(300))
    (images, _), *_ = split.batches(
        batch_size=300, device=CPU, seed=None, augmentation=None
    )
    with torch.no_grad():
        features = module.forward_penultimate(images).numpy()

    norm = penultimate_spectrum(module, split, CPU).nuclear_norm()

    # Derived twice: streamed Gram matrix and numpy's singular values.
    assert norm == pytest.approx(np.linalg.norm(features, "nuc"), rel=1e-4)
