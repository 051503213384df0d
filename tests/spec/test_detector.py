import json
import re
from dataclasses import replace

import pytest

from rexpand.codec import from_content, to_content
from rexpand.errors import SpecError
from rexpand.spec import (
    DetectorSpec,
    FasterRCNN,
    ForeignBackbone,
    MaskRCNN,
    SSDLite,
    feature_levels,
    network,
)

NET = network("mobilenetv2_050")
LEVELS = feature_levels(NET)[1:]
ANCHORS = (32.0, 64.0, 128.0, 256.0, 512.0)


def detector(architecture, backbone=NET, levels=LEVELS, **fields) -> DetectorSpec:
    return DetectorSpec(
        architecture=architecture,
        backbone=backbone,
        levels=levels,
        num_classes=3,
        **fields,
    )


@pytest.mark.parametrize(
    "architecture",
    [SSDLite(), FasterRCNN(anchor_sizes=ANCHORS), MaskRCNN(anchor_sizes=ANCHORS)],
)
@pytest.mark.parametrize("backbone", [NET, ForeignBackbone(name="timm:resnet18")])
def test_a_detector_reads_back_from_its_content(architecture, backbone):
    spec = detector(architecture, backbone, norm="frozen")

    content = json.loads(json.dumps(to_content(spec)))

    assert from_content(DetectorSpec, content) == spec
    assert content["architecture"]["kind"] == spec.detector


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            {"architecture": SSDLite(size=31)},
            "images of 31 pixels are smaller than the deepest stride, 32; give 32 or more",
        ),
        ({"levels": ()}, "levels are empty"),
        (
            {"levels": (replace(LEVELS[0], channels=7),)},
            "mobilenetv2_050 has no map blocks.2 (stride 4, 7 channels); choose from",
        ),
        ({"levels": LEVELS[::-1]}, "give one map of each stride, the shallowest first"),
        ({"mean": (0.5,)}, "mean has 1 values and std 3 for images of 3 channels"),
        ({"num_classes": 0}, "num_classes is 0"),
        ({"norm": "group"}, "choose from batch, frozen, sync"),
        (
            {"architecture": FasterRCNN(anchor_sizes=(32.0,))},
            "1 anchor_sizes for a pyramid of 5 maps; give one for each level and one more",
        ),
    ],
)
def test_what_describes_no_detector_is_refused_with_the_way_out(change, said):
    with pytest.raises(SpecError, match=re.escape(said)):
        replace(detector(SSDLite()), **change)


def test_a_longest_side_below_the_shorter_one_is_refused():
    with pytest.raises(SpecError, match="longest_side 500 is less than shorter_side"):
        FasterRCNN(anchor_sizes=ANCHORS, longest_side=500)
