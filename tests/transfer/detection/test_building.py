"""Detectors on networks of the catalogue and of other libraries."""

import re

import pytest
import torch
from torch import nn

from rexpand.blocks import FrozenNorm
from rexpand.cost import cost_of
from rexpand.errors import ForeignCodeError, SpecError, UnknownNameError
from rexpand.models import build
from rexpand.spec import CATALOGUE, ForeignBackbone, network
from rexpand.transfer.detection import (
    build_detector,
    detector_cost,
    faster_rcnn,
    mask_rcnn,
    ssdlite,
)

NET = "mobilenetv2_050"
NARROW = {"shorter_side": 64, "fpn_width": 16, "box_width": 32}
BUILDERS = {
    "ssdlite": lambda net, **more: ssdlite(
        net, 3, size=64, extra_channels=(16, 8), **more
    ),
    "faster_rcnn": lambda net, **more: faster_rcnn(net, 3, **NARROW, **more),
    "mask_rcnn": lambda net, **more: mask_rcnn(net, 3, mask_width=8, **NARROW, **more),
}


def images() -> list[torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    return [
        torch.rand(3, height, width, generator=generator)
        for height, width in ((48, 80), (64, 50))
    ]


def targets() -> list[dict[str, torch.Tensor]]:
    mask = torch.zeros(1, 48, 80, dtype=torch.uint8)
    mask[:, 8:40, 8:40] = 1
    box = {"boxes": torch.tensor([[8.0, 8, 40, 40]]), "labels": torch.tensor([2])}
    nothing = {"boxes": torch.zeros(0, 4), "labels": torch.zeros(0, dtype=torch.int64)}
    empty = torch.zeros(0, 64, 50, dtype=torch.uint8)
    return [box | {"masks": mask}, nothing | {"masks": empty}]


@pytest.fixture(autouse=True)
def seeded():
    torch.manual_seed(0)


@pytest.mark.parametrize("kind", BUILDERS)
def test_a_detector_learns_and_detects(kind):
    detector = BUILDERS[kind](NET)

    losses = detector.train()(images(), targets())
    sum(losses.values()).backward()
    with torch.no_grad():
        found = detector.eval()(images())

    # An image without boxes is background, and the stem learns too.
    assert all(loss.isfinite() for loss in losses.values())
    first = next(detector.parameters())
    assert first.grad.abs().sum() > 0
    for image, said in zip(images(), found, strict=True):
        height, width = image.shape[1:]
        assert ((said["labels"] >= 1) & (said["labels"] <= 3)).all()
        limits = torch.tensor([width, height, width, height])
        assert (said["boxes"] <= limits + 1e-3).all()
        if kind == "mask_rcnn":
            assert said["masks"].shape == (len(said["boxes"]), 1, height, width)


@pytest.mark.parametrize("net", [NET, "timm:resnet10t", "torchvision:resnet18"])
@pytest.mark.parametrize("kind", BUILDERS)
def test_a_spec_rebuilds_the_detector(kind, net):
    detector = BUILDERS[kind](net).eval()

    rebuilt = build_detector(detector.spec).eval()
    rebuilt.load_state_dict(detector.state_dict())
    with torch.no_grad():
        found, expected = rebuilt(images()), detector(images())

    # The same modules in the same order: the same bits.
    assert rebuilt.spec == detector.spec
    for ours, theirs in zip(found, expected, strict=True):
        assert all(torch.equal(ours[name], theirs[name]) for name in theirs)


def test_ssdlite_takes_the_expansion_and_the_penultimate_map():
    levels = ssdlite(NET).spec.levels

    assert [level.name for level in levels] == ["blocks.13.expand", "penultimate"]
    assert [level.stride for level in levels] == [16, 32]


def test_levels_are_chosen_by_stride_and_by_name():
    by_stride = faster_rcnn(NET, levels=[8, 16], **NARROW)
    by_name = ssdlite(NET, levels=["blocks.6.expand", "blocks.16"])

    assert [str(level) for level in by_stride.spec.levels] == [
        "blocks.5 (stride 8, 16 channels)",
        "blocks.12 (stride 16, 48 channels)",
    ]
    assert [level.channels for level in by_name.spec.levels] == [96, 160]


def test_a_level_that_is_not_there_is_met_with_those_that_are():
    with pytest.raises(UnknownNameError) as by_name:
        ssdlite(NET, levels=["blocks.3"])
    with pytest.raises(UnknownNameError) as by_stride:
        faster_rcnn(NET, levels=[64])

    assert "unknown feature level 'blocks.3'" in str(by_name.value)
    assert "blocks.12 (stride 16, 48 channels)" in str(by_name.value)
    assert "unknown feature stride '64'; there are blocks.0" in str(by_stride.value)


def test_a_network_of_one_image_size_is_refused_for_another():
    with pytest.raises(ForeignCodeError, match="does not take images of 64 pixels"):
        faster_rcnn("timm:test_vit_relpos", **NARROW)


def test_images_smaller_than_the_deepest_stride_are_refused():
    with pytest.raises(SpecError, match="smaller than the deepest stride, 32"):
        ssdlite(NET, size=31)


@pytest.mark.parametrize("size", [320, 300])
def test_anchors_cover_images_of_320_and_of_300_pixels(size):
    detector = ssdlite(NET, 3, size=size).eval()
    sides = {320: (20, 10, 5, 3, 2, 1), 300: (19, 10, 5, 3, 2, 1)}[size]

    with torch.no_grad():
        maps = detector.model.backbone(torch.zeros(1, 3, size, size))

    # The maps of the literature, with six boxes at each place.
    assert tuple(each.shape[-1] for each in maps.values()) == sides
    assert detector.model.anchor_generator.num_anchors_per_location() == [6] * 6


def test_anchors_are_in_proportion_to_the_shorter_side():
    usual = faster_rcnn(NET).spec.architecture
    small = faster_rcnn(NET, shorter_side=200).spec.architecture

    # 32 to 512 pixels for 800 (arXiv 1612.03144); a quarter of them for 200.
    assert usual.anchor_sizes == (32, 64, 128, 256, 512)
    assert (usual.shorter_side, usual.longest_side) == (800, 1333)
    assert small.anchor_sizes == (8, 16, 32, 64, 128)
    assert small.longest_side == 333


def test_a_network_given_as_a_module_keeps_its_weights():
    given = build(NET)
    kept = given.stem.conv.weight.detach().clone()

    detector = faster_rcnn(given, 3, **NARROW)

    assert any(
        torch.equal(kept, each)
        for each in detector.parameters()
        if each.shape == kept.shape
    )
    # It has weights, so that its batch norms stay as they are.
    assert detector.spec.norm == "frozen"


def test_frozen_norms_change_nothing_in_training():
    norm = nn.BatchNorm2d(4)
    nn.init.uniform_(norm.weight)
    norm.running_mean.uniform_()
    frozen = FrozenNorm(norm).train()
    maps = torch.randn(2, 4, 3, 3)

    found = frozen(maps)

    assert torch.equal(found, norm.eval()(maps))
    assert [*frozen.parameters()] == []
    assert frozen.state_dict().keys() == norm.state_dict().keys() - {
        "num_batches_tracked"
    }


def test_the_backbone_alone_is_frozen():
    detector = ssdlite(NET, norm="frozen")

    body = detector.model.backbone.body
    kinds = {type(layer) for layer in body.modules()}
    assert FrozenNorm in kinds
    assert nn.BatchNorm2d not in kinds
    assert any(isinstance(each, nn.BatchNorm2d) for each in detector.modules())


def test_nothing_is_built_from_the_name_of_a_users_class():
    spec = ssdlite(nn.Sequential(nn.Conv2d(3, 4, 3, 16, 1), nn.Conv2d(4, 4, 3, 2, 1)))
    assert isinstance(spec.spec.backbone, ForeignBackbone)

    with pytest.raises(SpecError, match=re.escape("give its module")):
        build_detector(spec.spec)


def test_blocks_that_look_back_two_maps_are_detected_on():
    detector = ssdlite(
        network("fairdarts_b", width_mult=0.1, depth_mult=0.3), 3, size=64
    )

    with torch.no_grad():
        found = detector.eval()(images())

    assert len(found) == 2


SPECS = {name: network(name) for name in CATALOGUE}
DEAREST_FIRST = sorted(SPECS, key=lambda name: -cost_of(SPECS[name]).macs)
FAMILIES = {SPECS[name].family: name for name in DEAREST_FIRST}
TIMM = ["convnext_atto", "densenet121", "efficientvit_b0", "fastvit_t8", "regnetx_002"]
TORCHVISION = ["efficientnet_b0", "mnasnet0_5", "shufflenet_v2_x0_5", "vgg11"]


@pytest.mark.parametrize("kind", ["ssdlite", "mask_rcnn"])
@pytest.mark.parametrize(
    "net",
    [
        *FAMILIES.values(),
        *(f"timm:{name}" for name in TIMM),
        *(f"torchvision:{name}" for name in TORCHVISION),
    ],
)
@pytest.mark.slow
def test_every_family_is_a_backbone(kind, net):
    with torch.device("meta"):
        detector = BUILDERS[kind](net)
        spec = detector.spec
        maps = detector.model.backbone.body(torch.zeros(2, 3, 64, 64))

    for found, level in zip(maps.values(), spec.levels, strict=True):
        assert found.shape[1] == level.channels
        # Unpadded layers lose a few pixels of 64.
        assert abs(found.shape[2] - 64 / level.stride) <= 2


def test_a_network_that_needs_values_to_be_built_is_priced():
    # torchvision's RegNet reads numbers out of tensors while it is built.
    spec = ssdlite("torchvision:regnet_y_400mf", 3).spec

    cost = detector_cost(spec)

    assert cost.total.params == sum(
        each.numel() for each in build_detector(spec).parameters()
    )
