"""One pass of ours gives what each counter gives: the tools themselves are asked."""

import warnings
from contextlib import redirect_stdout
from io import StringIO

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from rexpand.cost.conventions import conventions
from rexpand.models import find_module
from rexpand.models.measure import module_cost

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
    "timm:swin_tiny_patch4_window7_224",
    "torchvision:vit_b_16",
)
IMAGE = (3, 224, 224)


def torch_counts(module: nn.Module) -> int:
    # Without gradients nn.MultiheadAttention takes a path that torch cannot count.
    with FlopCounterMode(display=False) as counter:
        module(torch.zeros(1, *IMAGE))
    return counter.get_total_flops()


def fvcore_counts(module: nn.Module) -> int:
    from fvcore.nn import FlopCountAnalysis

    analysis = FlopCountAnalysis(module, torch.zeros(1, *IMAGE))
    analysis.unsupported_ops_warnings(False).uncalled_modules_warnings(False)
    return int(analysis.tracer_warnings("none").total())


def ptflops_counts(module: nn.Module) -> int:
    from ptflops import get_model_complexity_info

    macs, _ = get_model_complexity_info(
        module, IMAGE, as_strings=False, print_per_layer_stat=False
    )
    return int(macs)


def thop_counts(module: nn.Module) -> int:
    from thop import profile

    return int(profile(module, (torch.zeros(1, *IMAGE),), verbose=False)[0])


TOOLS = {
    "torch": torch_counts,
    "fvcore": fvcore_counts,
    "ptflops": ptflops_counts,
    "thop": thop_counts,
}


@pytest.fixture(scope="module", params=NETWORKS)
def network(request: pytest.FixtureRequest) -> nn.Module:
    return find_module(request.param).eval()


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("tool", TOOLS)
def test_one_pass_counts_what_the_tool_counts(network: nn.Module, tool: str) -> None:
    counted = {c.name: c.count for c in conventions(module_cost(network, IMAGE).layers)}

    with redirect_stdout(StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = TOOLS[tool](network)

    # To the last operation: the tools are asked in the same process.
    assert counted[tool] == theirs
