"""ResNet and ResNeXt of timm and torchvision: every tensor used, the same scores."""

from collections.abc import Callable

import pytest
import torch
from torch import nn

from rexpand.errors import CheckpointError
from rexpand.models import build, export_state, import_state
from rexpand.spec import network
from rounding import agree, depth_of

timm = pytest.importorskip("timm")
torchvision = pytest.importorskip("torchvision")

LARGEST = 2048 * 2048  # elements of a tensor
NOISE = torch.randn(2 * LARGEST, generator=torch.Generator().manual_seed(0))
IMAGES = torch.linspace(-2, 2, 2 * 3 * 64 * 64).sin().view(2, 3, 64, 64).double()

SMALL = ("resnet18", "resnet34", "resnet50", "resnext50_32x4d")
LARGE = ("resnet101", "resnext101_32x8d", "resnext101_64x4d")
THEIRS = [
    *(("timm", name) for name in (*SMALL, *LARGE, "resnext101_32x4d")),
    *(("torchvision", name) for name in SMALL),  # the large: the same tensors, below
]


def factory(library: str, name: str) -> Callable[[], nn.Module]:
    if library == "timm":
        return lambda: timm.create_model(name)
    return getattr(torchvision.models, name)


def noisy(build_module: Callable[[], nn.Module]) -> nn.Module:
    """A module with every tensor random and no two alike, without its slow start."""
    with torch.device("meta"):
        module = build_module()
    module.to_empty(device="cpu").eval()
    start = 0
    for name, tensor in module.state_dict().items():
        start = (start + 9973) % LARGEST
        noise = NOISE[start : start + tensor.numel()].view(tensor.shape)
        if tensor.dim() > 1:
            tensor.copy_(noise * (2 / tensor[0].numel()) ** 0.5)
        elif tensor.dim() == 1:
            spread = noise.clamp(-2, 2) / 5
            # Scales well below 1 keep the sum of 33 blocks in range.
            tensor.copy_(spread.abs() + 0.5 if name.endswith("var") else spread)
            if name.endswith("weight"):
                tensor.add_(0.5)
        else:
            tensor.zero_()
    return module


@pytest.mark.kernels
@pytest.mark.parametrize(("library", "name"), THEIRS)
def test_their_weights_give_their_scores_and_come_back(library, name):
    spec = network(name)
    theirs = noisy(factory(library, name)).double()
    ours = noisy(lambda: build(spec)).double()

    ours.load_state_dict(import_state(spec, theirs.state_dict(), library))
    returned = export_state(spec, ours.state_dict(), library)

    with torch.no_grad():
        scores, expected = ours(IMAGES), theirs(IMAGES)
    assert 0.01 < expected.abs().max() < 1e4
    assert agree(scores, expected, depth=depth_of(theirs))
    # Both ways, under their names, bit for bit.
    assert returned.keys() == theirs.state_dict().keys()
    for key, tensor in theirs.state_dict().items():
        assert torch.equal(returned[key], tensor)


@pytest.mark.parametrize("name", LARGE)
def test_both_libraries_hold_the_same_tensors(name):
    with torch.device("meta"):
        states = [factory(lib, name)().state_dict() for lib in ("timm", "torchvision")]

    first, second = ({key: t.shape for key, t in state.items()} for state in states)
    assert first == second


def test_weights_of_another_depth_are_refused_by_name():
    with torch.device("meta"):
        state = torchvision.models.resnet34().state_dict()

    # 34 layers have a third block in their first stage.
    with pytest.raises(CheckpointError, match=r"layer1\.2\.conv1\.weight"):
        import_state(network("resnet18"), state, "torchvision")


def test_weights_of_another_class_count_name_the_way_out():
    with torch.device("meta"):
        state = torchvision.models.resnet18(num_classes=7).state_dict()

    with pytest.raises(CheckpointError, match="with_new_classifier"):
        import_state(network("resnet18"), state, "torchvision")
