"""Ours and torchvision's own detectors, with the same weights."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest
import torch
from torch import Tensor, nn
from torchvision.models import mobilenet_v3_large
from torchvision.models.detection import (
    fasterrcnn_resnet50_fpn,
    maskrcnn_resnet50_fpn,
    ssdlite320_mobilenet_v3_large,
)
from torchvision.models.detection.anchor_utils import DefaultBoxGenerator
from torchvision.models.detection.ssd import SSD
from torchvision.models.detection.ssdlite import (
    SSDLiteFeatureExtractorMobileNet,
    SSDLiteHead,
)

from rexpand.models import as_released
from rexpand.spec import NetworkSpec, network
from rexpand.transfer.detection import (
    Detector,
    build_detector,
    faster_rcnn,
    mask_rcnn,
    ssdlite,
)
from rounding import depth_of, rounding_bound

HALF = (0.5, 0.5, 0.5)  # torchvision's SSDLite feeds -1 to 1
ANCHORS = (32, 64, 128, 256, 512)
CLASSES = 3
FEW = 40  # proposals, so that the boxes cost little

pytestmark = [pytest.mark.kernels, pytest.mark.usefixtures("float64")]


def with_the_weights_of(theirs: nn.Module, ours: Detector) -> Detector:
    """Tensors in forward order: both have the same ones under other names."""
    values = [*theirs.state_dict().values()]
    names = [*ours.state_dict()]
    ours.load_state_dict(dict(zip(names, values, strict=True)))
    return ours


def scrambled(module: nn.Module) -> nn.Module:
    """Weights and statistics at random, so that nothing is 0 or 1 by default."""
    generator = torch.Generator().manual_seed(0)
    for name, tensor in module.state_dict().items():
        if tensor.ndim == 1:
            around = 1.0 if "running_var" in name or name.endswith("weight") else 0.0
            tensor.copy_(around + 0.1 * torch.rand(len(tensor), generator=generator))
    return module


def images() -> list[Tensor]:
    generator = torch.Generator().manual_seed(1)
    # Two: the norms of a map of one pixel need them.
    return [*torch.rand(2, 3, 60, 90, generator=generator, dtype=torch.float64)]


def targets() -> list[dict[str, Tensor]]:
    masks = torch.zeros(2, 60, 90, dtype=torch.uint8)
    masks[0, 5:40, 5:50] = masks[1, 20:55, 40:80] = 1
    boxes = torch.tensor([[5.0, 5, 50, 40], [40, 20, 80, 55]], dtype=torch.float64)
    first = {"boxes": boxes, "labels": torch.tensor([1, 3]), "masks": masks}
    return [first, {name: each[:1] for name, each in first.items()}]


def same(found: Tensor, expected: Tensor, depth: int) -> bool:
    """Equal but for rounding; torchvision keeps some results in float32."""
    assert found.dtype == expected.dtype
    magnitude = expected.abs().max().item()
    bound = rounding_bound(depth, magnitude) + torch.finfo(found.dtype).eps * magnitude
    return (found - expected).abs().max().item() <= bound


def check_equal(theirs: nn.Module, ours: Detector) -> None:
    """The same losses for the same draws, and the same boxes, labels, scores, masks."""
    depth = depth_of(theirs)
    with torch.no_grad():
        expected, *_ = theirs.eval()(images())
        found, *_ = ours.eval()(images())
        torch.manual_seed(0)
        expected_losses = theirs.train()(images(), targets())
        torch.manual_seed(0)
        losses = ours.train()(images(), targets())

    assert losses.keys() == expected_losses.keys()
    for name, loss in losses.items():
        assert same(loss, expected_losses[name], depth)
    assert len(found["boxes"]) == len(expected["boxes"]) > 2
    # Rounding may put two of one score in either order.
    order = torch.cdist(expected["boxes"], found["boxes"]).add(
        10 * (expected["labels"][:, None] != found["labels"])
    ).argmin(1)  # fmt: skip
    assert len(order.unique()) == len(order)
    assert torch.equal(found["labels"][order], expected["labels"])
    for name in found.keys() - {"labels"}:
        assert same(found[name][order], expected[name], depth)


def mobilenet(*, reduced_tail: bool) -> NetworkSpec:
    """torchvision's MobileNetV3-Large with its epsilon; half a tail for detection."""
    spec = as_released(network("mobilenetv3_large_100"), "torchvision")
    if not reduced_tail:
        return spec
    spec = replace(spec, non_decreasing=False)
    halved = spec.with_channels((*spec.channels[:-3], 80, 80, 80))
    return replace(halved, head=replace(halved.head, channels=480))


def as_built_with_weights() -> SSD:
    """torchvision's SSDLite as its builder makes it for a backbone with weights."""
    norm = partial(nn.BatchNorm2d, eps=0.001, momentum=0.03)
    features = mobilenet_v3_large(norm_layer=norm).features
    body = SSDLiteFeatureExtractorMobileNet(features, 13, norm)
    anchors = DefaultBoxGenerator([[2, 3]] * 6, min_ratio=0.2, max_ratio=0.95)
    head = SSDLiteHead([672, 960, 512, 256, 256, 128], [6] * 6, CLASSES + 1, norm)
    return SSD(
        body, anchors, (320, 320), CLASSES + 1, image_mean=HALF, image_std=HALF,
        head=head, score_thresh=0.001, nms_thresh=0.55, detections_per_img=300,
        topk_candidates=300,
    )  # fmt: skip


SSDLITES: dict[str, tuple[Callable[[], nn.Module], NetworkSpec]] = {
    "with weights": (as_built_with_weights, mobilenet(reduced_tail=False)),
    "from scratch": (
        lambda: ssdlite320_mobilenet_v3_large(
            weights=None, weights_backbone=None, num_classes=CLASSES + 1
        ),
        mobilenet(reduced_tail=True),
    ),
}


@pytest.mark.parametrize("built", SSDLITES)
def test_ssdlite_is_torchvisions(built):
    make, spec = SSDLITES[built]
    torch.manual_seed(0)
    theirs = scrambled(make())

    ours = with_the_weights_of(theirs, ssdlite(spec, CLASSES, mean=HALF, std=HALF))

    check_equal(theirs, ours)


@pytest.mark.slow
@pytest.mark.parametrize("backbone", ["torchvision:resnet50", "resnet50"])
@pytest.mark.parametrize("kind", ["faster_rcnn", "mask_rcnn"])
def test_the_region_detectors_are_torchvisions(kind, backbone):
    make = fasterrcnn_resnet50_fpn if kind == "faster_rcnn" else maskrcnn_resnet50_fpn
    builder = faster_rcnn if kind == "faster_rcnn" else mask_rcnn
    torch.manual_seed(0)
    theirs = scrambled(
        make(
            weights=None, weights_backbone=None, num_classes=CLASSES + 1,
            min_size=64, max_size=107,
            rpn_pre_nms_top_n_train=FEW, rpn_post_nms_top_n_train=FEW,
            rpn_pre_nms_top_n_test=FEW, rpn_post_nms_top_n_test=FEW,
        )
    )  # fmt: skip
    with torch.device("meta"):
        spec = builder(
            backbone, CLASSES, shorter_side=64, longest_side=107, anchor_sizes=ANCHORS
        ).spec
    few = replace(spec.architecture, proposals=FEW, training_proposals=FEW)

    ours = with_the_weights_of(theirs, build_detector(replace(spec, architecture=few)))

    check_equal(theirs, ours)
