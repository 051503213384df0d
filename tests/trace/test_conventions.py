"""One pass of ours gives what each counter gives: the tools themselves are asked."""

import warnings
from contextlib import redirect_stdout
from io import StringIO

import pytest
import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from rexpand.cost import Counted, conventions
from rexpand.models import open_source
from rexpand.spec import Source
from rexpand.trace import trace

NETWORKS = (
    "torchvision:resnet18",
    "timm:mobilenetv2_100",
    "timm:mobilenetv3_large_100",
    "timm:efficientnet_b0",
    "timm:rexnet_100",
    "timm:mixnet_s",
    "torchvision:densenet121",
    "timm:regnety_002",
    "torchvision:squeezenet1_0",
    "torchvision:shufflenet_v2_x1_0",
    "timm:vit_tiny_patch16_224",
    "timm:convnext_atto",
)
IMAGE = (3, 224, 224)
SMALL = (3, 16, 16)
Image = tuple[int, int, int]


class Menagerie(nn.Module):
    """One of everything that the counters disagree on, in few operations."""

    def __init__(self) -> None:
        super().__init__()
        self.same = type("Conv2dOfMine", (nn.Conv2d,), {})(3, 8, 3, padding=1)
        self.grouped = nn.Conv2d(8, 8, 3, stride=2, dilation=2, groups=4)
        self.up = nn.ConvTranspose2d(8, 12, 4, stride=2, groups=2)
        self.norms = nn.Sequential(
            nn.GroupNorm(3, 12), nn.InstanceNorm2d(12, affine=True), nn.BatchNorm2d(12)
        )
        self.activations = nn.Sequential(
            *(nn.PReLU(), nn.LeakyReLU(), nn.ELU(), nn.GELU(), nn.SiLU(), nn.ReLU()),
            *(nn.Hardswish(), nn.Sigmoid(), nn.Softmax(dim=1)),
        )
        self.pools = nn.Sequential(
            nn.MaxPool2d(3, 2, ceil_mode=True), nn.AvgPool2d(2), nn.Dropout(0.5)
        )
        self.resize = nn.Upsample(scale_factor=3, mode="bilinear")
        self.attend = nn.MultiheadAttention(12, 3, batch_first=True)
        self.pool = nn.AdaptiveAvgPool2d(2)
        self.linear = nn.Linear(12, 5)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        maps = self.up(F.relu6(self.grouped(torch.relu(self.same(images)))))
        maps = self.resize(self.pools(self.activations(self.norms(maps))))
        maps = torch.add(maps, maps.mul(maps)) + maps * 2
        maps = F.interpolate(self.pool(maps), size=3)
        tokens = maps.flatten(2).transpose(1, 2)
        tokens = F.layer_norm(tokens, (12,)) @ torch.bmm(tokens.mT, tokens)
        tokens = torch.einsum("bnc,bmc->bnm", tokens, tokens) @ tokens
        tokens, _ = self.attend(tokens, tokens, tokens, need_weights=False)
        return F.softmax(self.linear(tokens.mean(1)), dim=-1)


def torch_counts(module: nn.Module, image: Image) -> int:
    # Without gradients nn.MultiheadAttention takes a path that torch cannot count, and
    # before 2.15 it does not count the CPU's fused attention: here it is two products.
    with sdpa_kernel(SDPBackend.MATH), FlopCounterMode(display=False) as counter:
        module(torch.zeros(1, *image))
    return counter.get_total_flops()


def fvcore_counts(module: nn.Module, image: Image) -> int:
    from fvcore.nn import FlopCountAnalysis

    analysis = FlopCountAnalysis(module, torch.zeros(1, *image))
    analysis.unsupported_ops_warnings(False).uncalled_modules_warnings(False)
    return int(analysis.tracer_warnings("none").total())


def ptflops_counts(module: nn.Module, image: Image) -> int:
    from ptflops import get_model_complexity_info

    macs, _ = get_model_complexity_info(
        module, image, as_strings=False, print_per_layer_stat=False
    )
    return int(macs)


def thop_counts(module: nn.Module, image: Image) -> int:
    from thop import profile

    return int(profile(module, (torch.zeros(1, *image),), verbose=False)[0])


TOOLS = {
    "torch": torch_counts,
    "fvcore": fvcore_counts,
    "ptflops": ptflops_counts,
    "thop": thop_counts,
}


@pytest.fixture(scope="module", params=NETWORKS)
def network(request: pytest.FixtureRequest) -> nn.Module:
    return open_source(Source.parse(request.param)).module.eval()


def asked(tool: str, module: nn.Module, image: Image) -> int:
    """What the tool itself says, without what it prints and warns of."""
    with redirect_stdout(StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return TOOLS[tool](module, image)


def counted(module: nn.Module, image: Image) -> dict[str, Counted]:
    return {each.name: each for each in conventions(trace(module, image).layers)}


@pytest.mark.parametrize("tool", TOOLS)
def test_one_pass_counts_what_the_tool_counts(network: nn.Module, tool: str) -> None:
    ours = counted(network, IMAGE)[tool].count

    # To the last operation: the tool is asked here and now.
    assert ours == asked(tool, network, IMAGE)


@pytest.mark.parametrize("tool", TOOLS)
def test_what_the_tools_miss_or_count_twice_is_known(tool: str) -> None:
    module = Menagerie().eval()

    ours = counted(module, SMALL)[tool].count

    assert ours == asked(tool, module, SMALL)


def test_the_terms_lead_from_the_papers_count_to_each(network: nn.Module) -> None:
    every = counted(network, IMAGE)

    for each in every.values():
        gap = sum(term.count for term in each.terms)
        assert every["papers"].count + gap == each.count
    assert every["papers"].terms == ()


def test_a_gap_names_its_reason() -> None:
    module = nn.Sequential(nn.Conv2d(3, 4, 1, bias=False), nn.BatchNorm2d(4), nn.ReLU())

    every = counted(module, (3, 5, 5))

    def terms(name: str) -> list[tuple[str, int]]:
        return [(term.reason, term.count) for term in every[name].terms]

    # 25 positions of 4 channels.
    assert terms("fvcore") == [("2 per element of batch norm", 200)]
    assert terms("thop") == [("4 per element of batch norm", 400)]
    assert terms("with_norm_and_activations") == [
        ("2 per element of batch norm", 200),
        ("1 per element of activations", 100),
    ]


def test_a_class_that_a_tool_does_not_know_is_named() -> None:
    every = counted(Menagerie().eval(), SMALL)

    reasons = {term.reason: term.count for term in every["thop"].terms}
    assert reasons["convolutions of class Conv2dOfMine that it does not count"] < 0
