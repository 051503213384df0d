"""What a recipe freezes of a backbone keeps its values, to the bit, and the rest learns."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import nn
from torchvision.models import resnet18

from rexpand.data.detection import DetectionData
from rexpand.errors import SpecError
from rexpand.transfer.detection import (
    Detector,
    faster_rcnn,
    load_detector,
    ssdlite,
    train_detector,
)
from rexpand.transfer.detection.freezing import freeze_levels, set_to_learn
from shapes import SHORT, shapes, small_detector


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> DetectionData:
    return shapes(tmp_path_factory.mktemp("data") / "shapes")


def learning(detector: Detector) -> set[str]:
    return {name for name, each in detector.named_parameters() if each.requires_grad}


def test_one_level_of_a_resnet_is_trainable_layers_of_3() -> None:
    detector = faster_rcnn(resnet18(), 3, shorter_side=64, norm="batch")

    freeze_levels(detector, 1)

    body = [name for name in learning(detector) if ".extractor." in name]
    layers = {name.split(".extractor.")[1].split(".")[0] for name in body}
    # torchvision freezes conv1, bn1 and layer1 then.
    assert layers == {"layer2", "layer3", "layer4"}


def test_what_is_frozen_computes_as_in_evaluation() -> None:
    detector = faster_rcnn(resnet18(), 3, shorter_side=64, norm="batch")
    freeze_levels(detector, 1)

    set_to_learn(detector)

    modes = {
        name.split(".extractor.")[1].split(".")[0]: each.training
        for name, each in detector.named_modules()
        if ".extractor." in name and isinstance(each, nn.BatchNorm2d)
    }
    assert modes == {
        "bn1": False,
        "layer1": False,
        "layer2": True,
        "layer3": True,
        "layer4": True,
    }


@pytest.mark.parametrize("name", ["ssdlite", "faster_rcnn"])
def test_frozen_levels_do_not_change_and_the_rest_does(
    name: str, data: DetectionData, tmp_path: Path
) -> None:
    torch.manual_seed(0)
    detector = small_detector(name)
    before = {key: each.clone() for key, each in detector.state_dict().items()}
    recipe = replace(SHORT, frozen_levels=1)

    train_detector(detector, data, recipe, folder=tmp_path)

    after = load_detector(tmp_path).state_dict()
    kept = {key for key, each in before.items() if torch.equal(each, after[key])}
    # Weights, scales, shifts and statistics.
    assert {key for key in before if ".stem." in key} <= kept
    learned = {key for key in learning(detector) if ".extractor." in key}
    assert learned
    assert not learned & kept


def test_all_levels_may_be_frozen() -> None:
    detector = small_detector("ssdlite")

    freeze_levels(detector, len(detector.spec.levels))
    set_to_learn(detector)

    assert not any(".extractor." in name for name in learning(detector))


def test_more_levels_than_there_are_is_a_mistake() -> None:
    with pytest.raises(SpecError, match="frozen_levels 3 is more than the 2 levels"):
        freeze_levels(ssdlite("mobilenetv2_050", 3, size=64), 3)
