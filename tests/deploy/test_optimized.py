"""Folded, packed and fused, a module gives the same scores."""

import copy
from collections import Counter
from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn
from torchvision.models import resnet18

from rexpand.deploy import Optimized, folded, optimized
from rexpand.deploy.packing import PackedConvolution
from rexpand.models import build
from rexpand.spec import CATALOGUE, network
from small_networks import IMAGE, small


def images(count: int = 2, side: int = 64) -> Tensor:
    return torch.randn(count, 3, side, side, generator=torch.Generator().manual_seed(0))


def difference(found: nn.Module, expected: nn.Module, given: Tensor) -> float:
    """Of the scores, as a share of the largest."""
    with torch.no_grad():
        theirs, ours = expected.eval()(given), found(given)
    return float((ours - theirs).abs().max() / theirs.abs().max())


def runs_modules(fast: Optimized) -> bool:
    """Whether its path is not written out."""
    return fast.run == fast.network.__call__


def kinds(module: nn.Module) -> Counter[str]:
    return Counter(type(each).__name__ for each in module.modules())


@pytest.mark.parametrize("name", CATALOGUE)
def test_every_network_optimized_gives_the_same_scores(name: str) -> None:
    module = small(name)

    fast = optimized(module, IMAGE)

    assert difference(fast, module, images()) < 1e-5
    assert not any(each.training for each in fast.modules())
    # Whatever the number and the size of the images is.
    assert difference(fast, module, images(3, 96)) < 1e-5
    # A factorized layer pads by what a map lacks: its path depends on the size.
    assert runs_modules(fast) == any(block.looks_back for block in network(name).blocks)


@pytest.mark.parametrize("name", ["rexnet_100", "mobilenetv3_small_100", "resnet18"])
def test_every_norm_after_a_convolution_is_folded(name: str) -> None:
    module = small(name)
    before = copy.deepcopy(module.state_dict())

    found = kinds(optimized(module, IMAGE))

    assert found["BatchNorm2d"] == found["Conv2d"] == found["SiLU"] == 0
    prepared = found["PackedConvolution"] + found["VectorConvolution"]
    assert prepared == kinds(module)["Conv2d"]
    # The module itself is as it was.
    assert module.training
    assert all(torch.equal(before[key], it) for key, it in module.state_dict().items())


@pytest.mark.kernels
@pytest.mark.parametrize(
    "name", ["rexnet_100", "mobilenetv3_small_100", "tf_efficientnet_b0"]
)
def test_a_network_of_timm_is_folded_with_its_norms_that_activate(name: str) -> None:
    timm = pytest.importorskip("timm")
    module = timm.create_model(name, num_classes=10).eval()
    with torch.no_grad():
        module(images())

    fast = optimized(module, IMAGE)

    assert not any(isinstance(each, nn.BatchNorm2d) for each in fast.modules())
    assert difference(fast, module, images()) < 1e-5


def test_a_network_of_torchvision_is_folded() -> None:
    module = resnet18(num_classes=10)

    assert kinds(folded(module, IMAGE))["BatchNorm2d"] == 0
    assert difference(optimized(module, IMAGE), module, images()) < 1e-5


def test_behind_a_global_pool_a_convolution_is_a_product_with_a_matrix() -> None:
    torch.manual_seed(0)
    module = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Conv2d(3, 5, 1), nn.SiLU())
    given = images()

    fast = optimized(module, IMAGE)

    assert kinds(fast)["VectorConvolution"] == 1
    assert difference(fast, module, given) < 1e-5
    # Nor does it depend on the pool.
    assert difference(fast.network[1], module[1:], given) < 1e-5


class Odd(nn.Module):
    """Everything that must not be folded or packed, and one pair that can be."""

    def __init__(self) -> None:
        super().__init__()
        self.read_twice = nn.Conv2d(3, 4, 3, padding=1)
        self.first = nn.BatchNorm2d(4)
        self.shared = nn.Conv2d(4, 4, 1)
        self.second = nn.BatchNorm2d(4)
        self.repeated = nn.Conv2d(4, 4, 3, padding="same", padding_mode="reflect")
        self.per_batch = nn.BatchNorm2d(4, track_running_stats=False)
        self.tied = nn.Conv2d(4, 4, 1)
        self.tied.weight = self.shared.weight
        self.third = nn.BatchNorm2d(4)
        self.plain = nn.Conv2d(4, 4, 1)
        self.last = nn.BatchNorm2d(4)

    def forward(self, given: Tensor) -> Tensor:
        maps = self.read_twice(given)
        maps = maps + self.first(maps).relu()
        maps = self.second(self.shared(maps))
        maps = self.per_batch(self.repeated(self.repeated(maps)))
        maps = self.third(self.tied(maps))
        return torch.tanh(self.last(self.plain(maps))).mean((2, 3))


def test_what_others_need_is_left() -> None:
    torch.manual_seed(0)
    module = Odd()
    module(images())

    fast = optimized(module, IMAGE)

    assert difference(fast, module, images()) < 1e-5
    left = {
        name for name, each in fast.network.named_modules()
        if isinstance(each, nn.BatchNorm2d)
    }  # fmt: skip
    # The third and the second norm each follow a weight that two layers share.
    assert left == {"first", "second", "per_batch", "third"}
    assert type(fast.network.repeated) is nn.Conv2d
    assert isinstance(fast.network.plain, PackedConvolution)


class Asking(nn.Module):
    """Its path depends on a question, which torch.fx cannot answer, or answers wrongly."""

    def __init__(self, asks: Callable[[Tensor], bool]) -> None:
        super().__init__()
        self.asks = asks
        self.first = nn.Conv2d(3, 4, 3)
        self.second = nn.Conv2d(4, 4, 1)

    def forward(self, given: Tensor) -> Tensor:
        maps = self.first(given)
        return self.second(maps) if self.asks(given) else maps


@pytest.mark.parametrize(
    "asks",
    [lambda given: given.shape[0] > 2, lambda given: isinstance(given, Tensor)],
    ids=["size", "type"],
)
def test_a_path_that_cannot_be_followed_is_left(asks: Callable[[Tensor], bool]) -> None:
    torch.manual_seed(0)
    module = Asking(asks)

    fast = optimized(module, IMAGE)

    assert runs_modules(fast)
    assert difference(fast, module, images(2)) < 1e-5
    assert difference(fast, module, images(3)) < 1e-5


def test_hooks_of_a_module_are_called() -> None:
    torch.manual_seed(0)
    module, seen = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Dropout()), []
    module[2].register_forward_hook(lambda *given: seen.append(given[2].shape))

    fast = optimized(module, IMAGE)
    seen.clear()
    fast(images())

    assert seen == [(2, 4, 62, 62)]


def test_a_norm_of_vectors_is_folded_into_a_linear_layer() -> None:
    torch.manual_seed(0)
    module = nn.Sequential(nn.Flatten(), nn.Linear(12, 5), nn.BatchNorm1d(5), nn.ReLU())
    given = torch.randn(4, 3, 2, 2)
    module(given)

    found = folded(module, (3, 2, 2))

    assert kinds(found)["BatchNorm1d"] == 0
    assert difference(found, module, given) < 1e-5


def test_in_float64_norms_are_folded_alone() -> None:
    module = small("rexnet_100").double()

    fast = optimized(module, IMAGE)

    # oneDNN has no float64; what is left differs by its rounding.
    assert kinds(fast)["PackedConvolution"] == kinds(fast)["BatchNorm2d"] == 0
    assert difference(fast, module, images().double()) < 1e-12


def test_weights_lie_as_a_cpu_reads_them() -> None:
    weight = build(network("resnet18")).blocks[0].get_submodule("first.conv").weight

    assert weight.is_contiguous(memory_format=torch.channels_last)
