"""What is said of int8 before anything is quantised: noise, layers at risk, agreement."""

from collections.abc import Sequence
from functools import cache
from math import inf, log10

import numpy as np
import pytest
import torch
from torch import nn

from rexpand.deploy import GraphForm, GraphInput, friendliness, onnx_graph
from rexpand.deploy.graph_form import formed
from rexpand.errors import CheckpointError, DataError, SpecError
from rexpand.spec import ImageContract
from small_networks import IMAGE, small

USUAL = {"mean": (0.5,) * 3, "std": (0.25,) * 3}
LEVELS, STEPS = 127, 255


@cache
def graph_of(name: str) -> bytes:
    return onnx_graph(small(name), IMAGE)


def images(count: int = 4) -> np.ndarray:
    return np.random.default_rng(0).standard_normal((count, *IMAGE), np.float32)


def two_layers(scales: Sequence[float] = (1.0,) * 8) -> bytes:
    """Two pointwise convolutions; the channels between them have some scales."""
    torch.manual_seed(0)
    first, second = nn.Conv2d(3, 8, 1, bias=False), nn.Conv2d(8, 5, 1, bias=False)
    scale = torch.tensor(scales)
    with torch.no_grad():
        first.weight *= scale[:, None, None, None]
        second.weight /= scale[None, :, None, None]
    pooled = (nn.AdaptiveAvgPool2d(1), nn.Flatten())
    return onnx_graph(nn.Sequential(first, nn.ReLU(), second, *pooled), IMAGE)


def rounded(values: np.ndarray, step: np.ndarray | float) -> np.ndarray:
    return np.round(values / step) * step


def test_the_noise_of_one_layer_is_what_rounding_it_makes() -> None:
    torch.manual_seed(0)
    layer = nn.Linear(256, 64)
    nn.init.zeros_(layer.bias)
    graph = onnx_graph(nn.Sequential(nn.Flatten(), layer), (1, 16, 16))
    given = np.random.default_rng(0).standard_normal((400, 1, 16, 16), np.float32)
    weight = layer.weight.detach().double().numpy()
    rows = given.reshape(400, -1).astype(np.float64)
    step = np.abs(weight).max(1, keepdims=True) / LEVELS
    span = (rows.max() - rows.min()) / STEPS

    found = friendliness(graph, given)

    # Rounded by hand; the model of the noise is a mean over where values lie on the grid.
    exact = rows @ weight.T
    error = rounded(rows, span) @ rounded(weight, step).T - exact
    measured = 10 * log10(np.square(exact).mean() / np.square(error).mean())
    assert found.decibels == pytest.approx(measured, abs=0.5)


def test_channels_of_unlike_scales_are_at_risk_where_they_are_read() -> None:
    alike = friendliness(two_layers(), images(16))
    unlike = friendliness(two_layers(10.0 ** -np.linspace(0, 3, 8)), images(16))

    # The function is the same; one grid for all channels has no steps for the small ones.
    assert unlike.decibels < alike.decibels - 20
    assert [each.layer for each in unlike.at_risk] == ["/2/Conv"]
    assert alike.agreement is not None
    assert unlike.agreement is not None
    assert unlike.agreement < alike.agreement <= 1


def test_layers_in_float_add_no_noise() -> None:
    graph = graph_of("mobilenetv2_100")
    whole = friendliness(graph, images())
    worst = whole.layers[0].layer

    mended = friendliness(graph, images(), in_float=[worst])
    exact = friendliness(graph, images(), in_float=[x.layer for x in whole.layers])

    assert mended.decibels > whole.decibels
    assert sum(each.share for each in mended.layers) == pytest.approx(1)
    assert exact.decibels == inf


@pytest.mark.parametrize("has_preprocessing", [False, True])
def test_without_images_some_are_made_up(has_preprocessing: bool) -> None:
    form = GraphForm(has_preprocessing=has_preprocessing)
    contract = ImageContract(channels=3, height=64, width=64, **USUAL)
    whole = formed(small("search_18"), contract, form)
    graph = onnx_graph(whole, GraphInput(image=IMAGE, form=form))

    found = friendliness(graph)

    assert found.agreement is None
    assert 0 < found.decibels < inf
    assert found == friendliness(graph)  # the same ones each time


@pytest.mark.parametrize(
    "name",
    [
        *("rexnet_100", "mobilenetv3_small_100", "shufflenetv2_100", "mixnet_s"),
        *("squeezenet_1_1", "condensenet_74_g4", "resnet18"),
    ],
)
def test_every_kind_of_operator_passes_noise_on(name: str) -> None:
    found = friendliness(graph_of(name), images())

    assert 0 < found.decibels < inf
    assert all(each.share > 0 for each in found.layers)


def test_mistakes_are_one_line() -> None:
    with pytest.raises(CheckpointError, match="the content is no ONNX graph"):
        friendliness(b"no graph")
    with pytest.raises(SpecError, match="the graph has no layer 'other'"):
        friendliness(two_layers(), images(), in_float=["other"])
    with pytest.raises(DataError, match="there are no calibration images"):
        friendliness(two_layers(), images()[:0])
    free = GraphInput(image=IMAGE, form=GraphForm(has_free_size=True))
    with pytest.raises(DataError, match="images of any size; give some"):
        friendliness(onnx_graph(small("search_18"), free))
