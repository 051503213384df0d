"""timm's MixNets: every tensor of theirs used, the same scores, both ways."""

import pytest
import torch
from torch import nn

from rexpand.models import as_released, build, export_state, import_state
from rexpand.spec import network
from rounding import agree, depth_of

timm = pytest.importorskip("timm")

pytestmark = [pytest.mark.kernels, pytest.mark.usefixtures("float64")]
IMAGES = torch.linspace(-2, 2, 2 * 3 * 64 * 64).sin().view(2, 3, 64, 64).double()


def shaken(module: nn.Module) -> nn.Module:
    """Every tensor of a norm and every bias moved, so that no two could be swapped."""
    generator = torch.Generator().manual_seed(0)
    for name, tensor in module.state_dict().items():
        if tensor.dim() == 1:
            noise = torch.rand(tensor.shape, generator=generator)
            positive = "var" in name or "weight" in name
            tensor.copy_(noise + 0.5 if positive else (noise - 0.5) / 5)
    return module.eval()


def score_alike(left: nn.Module, right: nn.Module) -> bool:
    """Whether scores that are neither lost nor overflowing are the same."""
    with torch.no_grad():
        ours, theirs = left(IMAGES), right(IMAGES)
    assert 0.01 < ours.abs().max() < 1e4
    return agree(ours, theirs, depth=depth_of(left))


@pytest.mark.parametrize("name", ["mixnet_s", "mixnet_m", "mixnet_l"])
def test_timms_weights_give_timms_scores_both_ways(name):
    spec = as_released(network(name), "timm")
    theirs, ours = shaken(timm.create_model(name)), build(spec).eval()

    ours.load_state_dict(import_state(spec, theirs.state_dict(), "timm"))

    assert score_alike(ours, theirs)
    # And back: weights moved on our side give our scores in timm.
    with torch.no_grad():
        for parameter in ours.parameters():
            parameter.mul_(1.01)
    theirs.load_state_dict(export_state(spec, ours.state_dict(), "timm"))
    assert score_alike(ours, theirs)


def test_the_epsilon_is_timms_and_not_tensorflows():
    spec = network("mixnet_s")

    assert spec.norm_eps == 1e-5
    assert as_released(spec, "timm").norm_eps == timm.create_model("mixnet_s").bn1.eps
