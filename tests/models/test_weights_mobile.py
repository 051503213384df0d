"""Weights of timm's and torchvision's mobile networks: same tensors, same scores."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest
import torch
from torch import nn
from torchvision import models

from rexpand.errors import CheckpointError
from rexpand.models import build, export_state, import_state
from rexpand.models.weights import as_released
from rexpand.models.weights.places import places
from rexpand.spec import NetworkSpec, mnasnet, mobilenetv2, network
from rounding import agree, depth_of

# In double precision, a difference is one of the function and never of rounding.
IMAGES = torch.randn(2, 3, 64, 64, generator=torch.Generator().manual_seed(0)).double()

pytestmark = pytest.mark.kernels

TIMM = [
    "efficientnet_b0",
    "efficientnet_lite0",
    "fbnetc_100",
    "mnasnet_050",
    "mobilenetv1_100",
    "mobilenetv2_035",
    "mobilenetv3_small_100",
    "semnasnet_050",
]
TIMM_LARGE = [
    *(f"efficientnet_b{index}" for index in range(1, 8)),
    *(f"efficientnet_lite{index}" for index in range(1, 5)),
    *(f"mnasnet_{width}" for width in ("075", "100", "140")),
    *(f"mobilenetv2_{variant}" for variant in ("050", "075", "100", "140")),
    *(f"mobilenetv2_{variant}" for variant in ("110d", "120d")),
    *(f"mobilenetv3_large_{width}" for width in ("075", "100")),
    "mobilenetv3_small_075",
    *(f"semnasnet_{width}" for width in ("075", "100", "140")),
]
TORCHVISION = {
    "efficientnet_b0": "efficientnet_b0",
    "mnasnet_050": "mnasnet0_5",
    "mobilenetv2_100": "mobilenet_v2",
    "mobilenetv3_small_100": "mobilenet_v3_small",
}
TORCHVISION_LARGE = {
    **{f"efficientnet_b{index}": f"efficientnet_b{index}" for index in range(1, 8)},
    "mnasnet_075": "mnasnet0_75",
    "mnasnet_100": "mnasnet1_0",
    "mnasnet_130": "mnasnet1_3",
    "mobilenetv3_large_100": "mobilenet_v3_large",
}


def timm_network(name: str) -> Callable[[], nn.Module]:
    timm = pytest.importorskip("timm")
    return partial(timm.create_model, name, pretrained=False)


def torchvision_network(name: str) -> Callable[[], nn.Module]:
    return partial(models.get_model, name)


def shaken(module: nn.Module) -> nn.Module:
    """Every tensor moved; batch norms with the statistics of the images, so that no
    signal dies on the way."""
    generator = torch.Generator().manual_seed(0)
    for name, parameter in module.named_parameters():
        noise = torch.rand(parameter.shape, generator=generator)
        if parameter.dim() > 1:
            values = (noise - 0.5) * (12 / parameter[0].numel()) ** 0.5
        else:
            values = noise + 0.5 if name.endswith("weight") else (noise - 0.5) / 5
        parameter.data.copy_(values)
    norms = [layer for layer in module.modules() if isinstance(layer, nn.BatchNorm2d)]
    for norm in norms:
        norm.momentum = None  # the mean over all batches, which is one
    torch.manual_seed(0)  # which branches and features the libraries drop here
    with torch.no_grad():
        module.train()(IMAGES)
    return module.eval()


def assert_same_both_ways(
    spec: NetworkSpec, make: Callable[[], nn.Module], layout: str
) -> None:
    """Their weights give their scores here, and sent back give them in a new one."""
    spec = as_released(spec, layout)
    theirs, again = shaken(make().double()), make().double().eval()
    ours = build(spec).double().eval()

    ours.load_state_dict(import_state(spec, theirs.state_dict(), layout))
    state = again.state_dict()  # keeps torchvision's version of the layout
    exported = export_state(spec, ours.state_dict(), layout)
    state.update(exported)
    again.load_state_dict(state)
    with torch.no_grad():
        expected, found, returned = theirs(IMAGES), ours(IMAGES), again(IMAGES)

    # Logits that tell the images apart, and are the same; every key is used.
    assert (expected[0] - expected[1]).std() > 0.1
    assert agree(found, expected, depth=depth_of(theirs))
    assert agree(returned, expected, depth=depth_of(theirs))
    assert exported.keys() == theirs.state_dict().keys()


@pytest.mark.parametrize("name", TIMM)
def test_timms_weights_give_timms_scores_both_ways(name):
    assert_same_both_ways(network(name), timm_network(name), "timm")


@pytest.mark.slow
@pytest.mark.parametrize("name", TIMM_LARGE)
def test_so_do_all_others_of_timm(name):
    assert_same_both_ways(network(name), timm_network(name), "timm")


@pytest.mark.parametrize("name", TORCHVISION)
def test_torchvisions_weights_give_torchvisions_scores_both_ways(name):
    theirs = torchvision_network(TORCHVISION[name])

    assert_same_both_ways(network(name), theirs, "torchvision")


@pytest.mark.slow
@pytest.mark.parametrize("name", TORCHVISION_LARGE)
def test_so_do_all_others_of_torchvision(name):
    theirs = torchvision_network(TORCHVISION_LARGE[name])

    assert_same_both_ways(network(name), theirs, "torchvision")


def test_the_stem_alone_does_not_make_a_stage_of_timm():
    # 24 of 0.35 is 8, as 16 is: the stride begins the stage.
    assert places(mobilenetv2(name="thin", width_mult=0.35))[:3] == [
        (0, 0),
        (1, 0),
        (1, 1),
    ]


def test_epsilons_are_those_of_the_library():
    large, b4, b5 = (
        network(name)
        for name in ("mobilenetv3_large_100", "efficientnet_b4", "efficientnet_b5")
    )

    # timm's under timm's names; torchvision has TensorFlow's here and there.
    assert large.norm_eps == 1e-5
    assert as_released(large, "timm").norm_eps == 1e-5
    assert as_released(large, "torchvision").norm_eps == 1e-3
    assert as_released(b4, "torchvision").norm_eps == 1e-5
    assert as_released(b5, "torchvision").norm_eps == 1e-3


def test_torchvision_has_no_mnasnet_with_squeeze_excite():
    spec = mnasnet(name="a1", variant="a1", width_mult=0.25)

    with pytest.raises(CheckpointError, match="torchvision has only MnasNet B1"):
        export_state(spec, build(spec).state_dict(), "torchvision")


def test_weights_of_another_width_are_refused():
    thin = mobilenetv2(name="thin", width_mult=0.25)
    state = build(mobilenetv2(name="wide", width_mult=0.5)).state_dict()
    exported = export_state(mobilenetv2(name="w", width_mult=0.5), state, "timm")

    with pytest.raises(CheckpointError, match="has shape"):
        import_state(thin, exported, "timm")


def test_a_new_classifier_leaves_the_rest_to_be_loaded():
    spec = mobilenetv2(name="thin", width_mult=0.25)
    state = export_state(spec, build(spec).state_dict(), "timm")
    bare = replace(spec, num_classes=0)

    kept = {key: state[key] for key in state if not key.startswith("classifier")}

    assert import_state(bare, kept, "timm").keys() == build(bare).state_dict().keys()
