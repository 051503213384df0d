"""Runtimes: what is installed runs a module, and what is not says so."""

import numpy as np
import pytest
import torch

from rexpand.errors import UnknownNameError
from rexpand.latency.networks import time_networks
from rexpand.latency.runtimes import RUNTIMES, find_runtimes, installed
from rexpand.models import build
from rexpand.spec import network

NAMES = [runtime.name for runtime in installed() if runtime.seconds < 5]


@pytest.mark.parametrize("name", NAMES)
def test_a_runtime_computes_what_torch_does(name: str) -> None:
    spec = network("mobilenetv2_035").for_images(resolution=32, in_channels=3)
    module = build(spec).eval()
    images = torch.randn(1, 3, 32, 32, generator=torch.Generator().manual_seed(0))

    output = RUNTIMES[name].prepared(module, images)()

    scores = output[0] if isinstance(output, list) else output
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
