"""Our features under the detectors and segmenters of other libraries."""

import pytest
import segmentation_models_pytorch
import torch
from torchvision.models._utils import IntermediateLayerGetter
from torchvision.models.detection import FasterRCNN
from torchvision.models.detection.backbone_utils import BackboneWithFPN

import rexpand.timm
from rexpand.cost import cost_of
from rexpand.errors import SpecError
from rexpand.models import Backbone, FeatureExtractor, build
from rexpand.spec import CATALOGUE, feature_levels, network
from rounding import agree, depth_of

IMAGES = torch.linspace(-1, 1, 2 * 3 * 64 * 64).view(2, 3, 64, 64)
SPECS = {name: network(name) for name in CATALOGUE}
CHAINS = {
    name: spec
    for name, spec in SPECS.items()
    if not any(block.looks_back for block in spec.blocks)
}


def cheapest_of_each_family(specs) -> dict[str, str]:
    names = sorted(specs, key=lambda name: -cost_of(specs[name]).macs)
    return {specs[name].family: name for name in names}


FAMILIES = cheapest_of_each_family(CHAINS)


def with_pyramid(backbone: Backbone, out_channels: int = 16) -> BackboneWithFPN:
    """The four deepest levels of a backbone under torchvision's feature pyramid."""
    levels = backbone.levels[-4:]
    return BackboneWithFPN(
        backbone,
        return_layers={
            f"stride_{level.stride}": str(index) for index, level in enumerate(levels)
        },
        in_channels_list=[level.channels for level in levels],
        out_channels=out_channels,
    )


@pytest.mark.parametrize("name", CHAINS)
def test_every_chain_of_blocks_has_a_child_for_each_level(name):
    with torch.device("meta"):
        built = build(CHAINS[name])
    backbone, extractor = Backbone(built), FeatureExtractor(built)

    names = [child for child, _ in backbone.named_children()]
    assert names == [f"stride_{level.stride}" for level in backbone.levels]
    # Every layer up to the deepest level is in one of them, in order; no head is.
    kept = [tensor.shape for tensor in backbone.parameters()]
    assert kept == [tensor.shape for tensor in extractor.parameters()]


@pytest.mark.kernels
@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize("name", FAMILIES.values(), ids=FAMILIES)
def test_children_give_the_features_of_the_network(name):
    torch.manual_seed(0)
    built = build(network(name, depth_mult=0.3)).eval()
    backbone = Backbone(built)
    getter = IntermediateLayerGetter(
        backbone, {child: child for child, _ in backbone.named_children()}
    )

    with torch.no_grad():
        images = IMAGES.double()
        maps, expected = getter(images), FeatureExtractor(built)(images)

    assert list(maps) == [f"stride_{level.stride}" for level in backbone.levels]
    for found, wanted, level in zip(
        maps.values(), expected, backbone.levels, strict=True
    ):
        assert found.shape[1] == level.channels
        assert agree(found, wanted, depth=depth_of(built))


@pytest.mark.parametrize("name", ["rexnet_100", "resnet18", "squeezenet_1_1"])
def test_a_pyramid_sends_its_gradient_to_the_first_convolution(name):
    backbone = Backbone(build(network(name)))

    maps = with_pyramid(backbone)(IMAGES)
    sum(found.square().mean() for found in maps.values()).backward()

    # Four levels and torchvision's pooled one, all 16 channels wide.
    assert len(maps) == 5
    assert {found.shape[1] for found in maps.values()} == {16}
    gradient = backbone[0][0].conv.weight.grad
    assert gradient.abs().sum() > 0


def test_a_detector_runs_and_learns_on_our_features():
    torch.manual_seed(0)
    backbone = Backbone(build(network("rexnet_100", width_mult=0.5)))
    detector = FasterRCNN(
        with_pyramid(backbone), num_classes=3, min_size=64, max_size=64
    )
    box = {"boxes": torch.tensor([[8.0, 8.0, 40.0, 40.0]]), "labels": torch.tensor([1])}

    losses = detector.train()(list(IMAGES.clone()), [box, box])
    sum(losses.values()).backward()
    detections = detector.eval()([IMAGES[0].clone()])

    assert all(loss.isfinite() for loss in losses.values())
    assert backbone[0][0].conv.weight.grad.abs().sum() > 0
    assert set(detections[0]) == {"boxes", "labels", "scores"}


def test_blocks_that_look_back_are_no_chain():
    name = next(name for name in CATALOGUE if name not in CHAINS)

    with torch.device("meta"), pytest.raises(SpecError) as raised:
        Backbone(build(network(name)))

    assert f"blocks of {name} read the map before the last" in str(raised.value)
    assert "give FeatureExtractor(network)" in str(raised.value)


STRIDES = [2, 4, 8, 16, 32]
SEGMENTERS = cheapest_of_each_family(
    {
        name: spec
        for name, spec in SPECS.items()
        if [level.stride for level in feature_levels(spec)] == STRIDES
    }
)


@pytest.mark.parametrize("name", SEGMENTERS.values(), ids=SEGMENTERS)
def test_a_segmenter_takes_our_features(name):
    torch.manual_seed(0)
    unet = segmentation_models_pytorch.Unet(
        encoder_name=f"tu-rexpand_{name}", encoder_weights=None, classes=2
    )

    masks = unet(IMAGES)
    masks.square().mean().backward()

    assert name in rexpand.timm.ENTRIES.values()
    assert masks.shape == (2, 2, 64, 64)
    missing = [n for n, p in unet.named_parameters() if p.grad is None]
    assert missing == []
