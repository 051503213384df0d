"""ShuffleNetV2 in torchvision: same tensors, same scores."""

import pytest
import torch
from torch import nn
from torchvision import models

from rexpand.models import build, export_state, import_state
from rexpand.spec import network
from rounding import agree, depth_of

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


@pytest.mark.parametrize("width", ["050", "100", "150", "200"])
def test_torchvisions_weights_give_torchvisions_scores_both_ways(width):
    spec = network(f"shufflenetv2_{width}")
    theirs = shaken(models.get_model(f"shufflenet_v2_x{width[0]}_{width[1]}"))
    ours = build(spec).eval()

    state = import_state(spec, theirs.state_dict(), "torchvision")
    ours.load_state_dict(state)
    back = export_state(spec, ours.state_dict(), "torchvision")

    with torch.no_grad():
        scores, expected = ours(IMAGES), theirs(IMAGES)
    assert expected.abs().max() > 0.1
    assert agree(scores, expected, depth=depth_of(theirs))
    # And back: every tensor under their name, bit by bit.
    assert back.keys() == theirs.state_dict().keys()
    assert all(torch.equal(back[key], t) for key, t in theirs.state_dict().items())
