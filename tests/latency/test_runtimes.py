"""Runtimes: what is installed runs a module, and what is not says so."""

import numpy as np
import pytest
import torch

from rexpand.errors import MistakeError, UnknownNameError
from rexpand.latency.networks import time_networks
from rexpand.latency.runtimes import RUNTIMES, find_runtime, find_runtimes, installed
from rexpand.models import build
from rexpand.spec import network

NAMES = [each.name for each in installed([*RUNTIMES]) if each.seconds < 5]


@pytest.mark.parametrize("name", NAMES)
def test_a_runtime_computes_what_torch_does(name: str) -> None:
    spec = network("mobilenetv2_035").for_images(resolution=32, in_channels=3)
    module = build(spec).eval()
    images = torch.randn(1, 3, 32, 32, generator=torch.Generator().manual_seed(0))

    output = RUNTIMES[name].prepared(module, images)()

    scores = output if isinstance(output, torch.Tensor) else output[0]
    with torch.no_grad():
        expected = module(images).numpy()
    assert np.abs(np.asarray(scores) - expected).max() < 1e-4 * np.abs(expected).max()


def test_networks_are_timed_by_name() -> None:
    spec = network("mobilenetv2_035").for_images(resolution=32, in_channels=3)

    (only,) = time_networks({"it": spec}, RUNTIMES["torch"], rounds=2)

    assert only.name == "it"
    assert only.latency_ms.median > 0


def test_an_unknown_runtime_names_those_there_are() -> None:
    with pytest.raises(UnknownNameError, match="choose from torch, onnxruntime"):
        find_runtimes(["tflite"])


@pytest.mark.parametrize("name", ["onnxruntime", "openvino"])
def test_a_network_runs_in_integers(name: str) -> None:
    spec = network("mobilenetv2_035").for_images(resolution=32, in_channels=3)
    images = torch.randn(2, 3, 32, 32, generator=torch.Generator().manual_seed(0))

    output = find_runtime(name, "int8").prepared(build(spec), images)()

    assert np.asarray(output).shape == (2, 1000)


def test_a_precision_or_device_that_a_runtime_lacks_is_a_mistake() -> None:
    with pytest.raises(MistakeError, match="onnxruntime has no bf16 here; choose from"):
        find_runtime("onnxruntime", "bf16")
    with pytest.raises(MistakeError, match="cuda_graph runs on cuda alone, not on cpu"):
        find_runtime("cuda_graph")


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU")
def test_a_graph_of_cuda_gives_what_eager_does() -> None:
    from rexpand.latency.cuda import CudaClock

    images = torch.randn(2, 3, 8, 8)
    clock, call = (
        CudaClock(),
        find_runtime("cuda_graph", device="cuda").prepared(
            torch.nn.Conv2d(3, 8, 1), images
        ),
    )

    begun = clock()
    call()

    assert clock() > begun
