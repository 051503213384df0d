"""timm's Xception: every tensor used, the same scores, both ways."""

import pytest
import torch

from rexpand.models import as_released, build, export_state, import_state
from rexpand.spec import network
from rounding import agree, depth_of

timm = pytest.importorskip("timm")


@pytest.mark.kernels
@pytest.mark.usefixtures("float64")
def test_timms_weights_give_timms_scores_and_come_back():
    spec = as_released(network("legacy_xception"), "timm")
    theirs = timm.create_model("legacy_xception").eval()
    generator = torch.Generator().manual_seed(0)
    for name, tensor in theirs.state_dict().items():
        if tensor.dim() == 1:
            noise = torch.rand(tensor.shape, generator=generator)
            positive = "var" in name or "weight" in name
            tensor.copy_(noise + 0.5 if positive else (noise - 0.5) / 5)
    ours = build(spec).eval()

    ours.load_state_dict(import_state(spec, theirs.state_dict(), "timm"))
    returned = export_state(spec, ours.state_dict(), "timm")

    images = torch.linspace(-2, 2, 2 * 3 * 75 * 75).sin().view(2, 3, 75, 75)
    with torch.no_grad():
        scores, expected = ours(images), theirs(images)
    assert expected.abs().max() > 0.01
    assert agree(scores, expected, depth=depth_of(theirs))
    assert returned.keys() == theirs.state_dict().keys()
    for key, tensor in theirs.state_dict().items():
        assert torch.equal(returned[key], tensor)


def test_the_epsilon_is_timms_and_not_kerass():
    spec = network("xception")

    assert spec.norm_eps == 1e-5
    assert as_released(spec, "timm").norm_eps == 1e-5
