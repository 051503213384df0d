"""A training step of a detector that no memory holds is refused before it begins."""

import pytest
import torch

from rexpand.errors import SpecError
from rexpand.recipe import DETECTION_RECIPES
from rexpand.transfer.detection import ssdlite
from rexpand.transfer.detection.memory import check_fits

RECIPE = next(iter(DETECTION_RECIPES.values()))


def test_a_batch_beyond_memory_names_what_it_needs():
    detector = ssdlite("mobilenetv2_035", 3)

    with pytest.raises(SpecError, match=r"batches of 1000000 at 320 px needs .* GiB"):
        check_fits(detector, RECIPE, 1_000_000, torch.device("cpu"))


def test_a_batch_within_memory_is_begun():
    detector = ssdlite("mobilenetv2_035", 3)

    detector.eval()

    # Nothing is left changed: the detector keeps its values, its device and its mode.
    check_fits(detector, RECIPE, 2, torch.device("cpu"))
    assert not detector.training
    assert all(each.device.type == "cpu" for each in detector.parameters())
