"""torchvision's SqueezeNets: every tensor used, the same scores, both ways."""

import pytest
import torch

from rexpand.models import build, export_state, import_state
from rexpand.spec import network
from rounding import agree, depth_of

torchvision = pytest.importorskip("torchvision")

pytestmark = [pytest.mark.kernels, pytest.mark.usefixtures("float64")]
THEIRS = {"squeezenet_1_0": "squeezenet1_0", "squeezenet_1_1": "squeezenet1_1"}


@pytest.mark.parametrize("name", THEIRS)
@pytest.mark.parametrize("side", [64, 67, 98])
def test_torchvisions_weights_give_torchvisions_scores_and_come_back(name, side):
    torch.manual_seed(side)
    spec = network(name)
    theirs = getattr(torchvision.models, THEIRS[name])().eval()
    with torch.no_grad():
        for parameter in theirs.parameters():
            parameter.add_(0.01 * torch.randn_like(parameter))  # biases start at 0
    ours = build(spec).eval()

    ours.load_state_dict(import_state(spec, theirs.state_dict(), "torchvision"))
    returned = export_state(spec, ours.state_dict(), "torchvision")

    # Sides that leave the poolings a last pixel of their own, and sides that do not.
    images = torch.randn(2, 3, side, side)
    with torch.no_grad():
        scores, expected = ours(images), theirs(images)
    assert expected.abs().max() > 0.01
    assert agree(scores, expected, depth=depth_of(theirs))
    assert returned.keys() == theirs.state_dict().keys()
    for key, tensor in theirs.state_dict().items():
        assert torch.equal(returned[key], tensor)
