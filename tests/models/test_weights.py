"""Weights of timm and of the official release: same tensors, same scores."""

import pytest
import torch
from torch import nn

from rexpand.errors import CheckpointError
from rexpand.models import Network, build, export_state, import_state
from rexpand.models.weights import layout_of
from rexpand.spec import NetworkSpec, network, rexnet, rexnet_lite
from rounding import agree, depth_of

pytestmark = [pytest.mark.kernels, pytest.mark.usefixtures("float64")]
IMAGES = torch.linspace(-2, 2, 2 * 3 * 64 * 64).sin().view(2, 3, 64, 64).double()


def shaken(module: nn.Module) -> nn.Module:
    """Every tensor of a norm and every bias moved, so that no two could be swapped."""
    generator = torch.Generator().manual_seed(0)
    for name, tensor in module.state_dict().items():
        if tensor.dim() == 1:
            positive = "var" in name or "weight" in name
            noise = torch.rand(tensor.shape, generator=generator)
            tensor.copy_(noise + 0.5 if positive else (noise - 0.5) / 5)
    return module.eval()


def score_alike(left: nn.Module, right: nn.Module) -> bool:
    """Whether scores that are neither lost nor overflowing are the same."""
    with torch.no_grad():
        ours, theirs = left(IMAGES), right(IMAGES)
    assert 0.01 < ours.abs().max() < 1e4
    return agree(ours, theirs, depth=depth_of(left))


def loaded(spec: NetworkSpec, state: dict[str, torch.Tensor]) -> Network:
    ours = build(spec)
    ours.load_state_dict(state)
    return ours.eval()


class Official(nn.Module):
    """The release's layout, said again: numbered layers, added in a slice.

    features: 3 layers of stem, a block each, 3 of the penultimate layer, a pool.
    """

    def __init__(self, widths: list[int], stem: int, head: int, strides: list[int]):
        super().__init__()
        layers = [*_conv(3, stem, 3, 2), nn.SiLU()]
        for index, (width, stride) in enumerate(zip(widths, strides, strict=True)):
            before = widths[index - 1] if index else stem
            layers.append(OfficialBlock(before, width, index, stride))
        layers += [*_conv(widths[-1], head), nn.SiLU(), nn.AdaptiveAvgPool2d(1)]
        self.features = nn.Sequential(*layers)
        self.output = nn.Sequential(nn.Dropout(0.2), nn.Conv2d(head, 1000, 1))

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.output(self.features(images)).flatten(1)


class OfficialBlock(nn.Module):
    def __init__(self, before: int, width: int, index: int, stride: int):
        super().__init__()
        middle = before if index == 0 else 6 * before
        layers = [] if index == 0 else [*_conv(before, middle), nn.SiLU()]
        layers += _conv(middle, middle, 3, stride, middle)
        layers += [OfficialSqueeze(middle)] if index >= 3 else []
        layers += [nn.ReLU6(), *_conv(middle, width)]
        self.out = nn.Sequential(*layers)
        self.joined = before if stride == 1 and before <= width else 0

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        outputs = self.out(images)
        if self.joined:
            outputs[:, : self.joined] += images
        return outputs


class OfficialSqueeze(nn.Module):
    def __init__(self, channels: int):
        super().__init__()
        squeezed = channels // 12
        self.fc = nn.Sequential(
            nn.Conv2d(channels, squeezed, 1),
            nn.BatchNorm2d(squeezed),
            nn.ReLU(),
            nn.Conv2d(squeezed, channels, 1),
            nn.Sigmoid(),
        )

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return images * self.fc(images.mean((2, 3), keepdim=True))


class OfficialLite(nn.Module):
    """The layout of the release's lite networks: no gates, and a second 1x1 at last."""

    def __init__(self, spec: NetworkSpec):
        super().__init__()
        stem, head = spec.stem.out_channels, spec.head.channels
        layers = [*_conv(3, stem, 3, 2), nn.ReLU6()]
        before = stem
        for index, block in enumerate(spec.blocks):
            layers.append(
                OfficialLiteBlock(before, block.out_channels, index, block.stride)
            )
            before = block.out_channels
        layers += [*_conv(before, head), nn.ReLU6()]
        self.features = nn.Sequential(*layers)
        self.output = nn.Sequential(
            nn.Conv2d(head, 1024, 1),
            nn.BatchNorm2d(1024),
            nn.ReLU6(),
            nn.Dropout(0.2),
            nn.Conv2d(1024, 1000, 1),
        )

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        pooled = self.features(images).mean((2, 3), keepdim=True)
        return self.output(pooled).flatten(1)


class OfficialLiteBlock(nn.Module):
    def __init__(self, before: int, width: int, index: int, stride: int):
        super().__init__()
        middle = before if index == 0 else 6 * before
        layers = [] if index == 0 else [*_conv(before, middle), nn.ReLU6()]
        layers += [*_conv(middle, middle, 3, stride, middle), nn.ReLU6()]
        self.out = nn.Sequential(*layers, *_conv(middle, width))
        self.joined = before if stride == 1 and before <= width else 0

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        outputs = self.out(images)
        if self.joined:
            outputs[:, : self.joined] += images
        return outputs


def _conv(before, after, kernel=1, stride=1, groups=1) -> list[nn.Module]:
    convolution = nn.Conv2d(
        before, after, kernel, stride, kernel // 2, groups=groups, bias=False
    )
    return [convolution, nn.BatchNorm2d(after)]


def official(spec: NetworkSpec) -> Official:
    return Official(
        widths=list(spec.channels),
        stem=spec.stem.out_channels,
        head=spec.head.channels,
        strides=[block.stride for block in spec.blocks],
    )


@pytest.mark.parametrize("name", ["rexnet_090", "rexnet_100", "rexnet_130"])
def test_official_weights_give_the_official_scores(name):
    spec = network(name)
    theirs = shaken(official(spec))

    ours = loaded(spec, import_state(spec, theirs.state_dict(), "official"))

    assert score_alike(ours, theirs)


@pytest.mark.parametrize("name", ["rexnet_lite_100", "rexnet_lite_130"])
def test_official_weights_of_lite_give_the_official_scores_both_ways(name):
    spec = network(name)
    theirs = shaken(OfficialLite(spec))

    ours = loaded(spec, import_state(spec, theirs.state_dict(), "official"))

    assert score_alike(ours, theirs)
    # And back: both layers of the head are convolutions there.
    with torch.no_grad():
        for parameter in ours.parameters():
            parameter.mul_(1.01)
    theirs.load_state_dict(export_state(spec, ours.state_dict(), "official"))
    assert score_alike(ours, theirs)


def test_a_file_of_lite_is_known_by_its_names():
    spec = rexnet_lite(name="thin", width_mult=0.25)
    with torch.device("meta"):
        theirs = OfficialLite(spec).state_dict()

    assert layout_of(spec, theirs) == "official"


def test_weights_of_ours_give_our_scores_in_the_official_layout():
    spec = network("rexnet_100")
    ours, theirs = shaken(build(spec)), official(spec).eval()

    theirs.load_state_dict(export_state(spec, ours.state_dict(), "official"))

    assert score_alike(ours, theirs)


TIMM = ["rexnet_100", "rexnet_130", "rexnet_150", "rexnet_200", "rexnetr_100"]


@pytest.mark.parametrize("name", TIMM)
def test_timms_weights_give_timms_scores_both_ways(name):
    timm = pytest.importorskip("timm")
    spec = network(name)
    theirs = shaken(timm.create_model(name, pretrained=False))

    ours = loaded(spec, import_state(spec, theirs.state_dict(), "timm"))

    assert score_alike(ours, theirs)
    # And back: weights moved on our side give our scores in timm.
    with torch.no_grad():
        for parameter in ours.parameters():
            parameter.mul_(1.01)
    theirs.load_state_dict(export_state(spec, ours.state_dict(), "timm"))
    assert score_alike(ours, theirs)


@pytest.mark.parametrize("layout", ["timm", "official"])
@pytest.mark.parametrize(
    "spec",
    [
        rexnet(name="x1.0"),
        rexnet(name="without squeeze-excite", squeeze_excite=False),
        rexnet(name="deeper", depth_mult=2.0),
        rexnet(name="features", width_mult=0.5).with_classes(0),
    ],
    ids=lambda spec: spec.name,
)
def test_weights_round_trip_through_a_layout(spec, layout):
    state = build(spec).state_dict()

    exported = export_state(spec, state, layout)
    imported = import_state(spec, exported, layout)

    # Every tensor has a name of theirs of its own, and comes back bit by bit.
    assert len(exported) == len(state)
    assert imported.keys() == state.keys()
    assert all(torch.equal(imported[name], state[name]) for name in state)


def test_the_official_classifier_is_a_convolution():
    spec = rexnet(name="thin", width_mult=0.25)

    exported = export_state(spec, build(spec).state_dict(), "official")

    assert exported["output.1.weight"].shape == (1000, 320, 1, 1)


@pytest.mark.parametrize("layout", ["timm", "official"])
@pytest.mark.parametrize("key", ["fc.weight", "module.stem.conv.weight", "stem"])
def test_a_foreign_tensor_is_refused_by_name(key, layout):
    spec = rexnet(name="thin", width_mult=0.25)
    state = export_state(spec, build(spec).state_dict(), layout)

    with pytest.raises(CheckpointError, match=f"tensor {key} belongs to no layer"):
        import_state(spec, state | {key: torch.zeros(1)}, layout)


def test_a_tensor_that_a_layer_does_not_have_is_refused_by_name():
    spec = rexnet(name="thin", width_mult=0.25)
    state = export_state(spec, build(spec).state_dict(), "timm")

    with pytest.raises(
        CheckpointError, match=r"stem\.conv\.bias is only in the weights"
    ):
        import_state(spec, state | {"stem.conv.bias": torch.zeros(32)}, "timm")


@pytest.mark.parametrize("layout", ["timm", "official"])
def test_a_tensor_that_is_missing_is_refused_by_name(layout):
    spec = rexnet(name="thin", width_mult=0.25)
    state = export_state(spec, build(spec).state_dict(), layout)
    state.popitem()

    with pytest.raises(
        CheckpointError, match=r"head\.classifier\.bias is only in the network"
    ):
        import_state(spec, state, layout)


@pytest.mark.parametrize("name", ["rexnet_lite_100", "rexnet_plain", "search_18"])
def test_other_families_have_no_layout(name):
    with pytest.raises(CheckpointError, match=r"are known for .*rexnet.*, not for"):
        import_state(network(name), {}, "timm")
