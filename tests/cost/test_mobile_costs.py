"""Closed form against counters, at other widths, depths, sizes and classes."""

import pytest
import torch

from rexpand.cost import cost_of
from rexpand.models import build
from rexpand.spec import network
from rexpand.trace import measure

# One of each layout of the families made of inverted bottlenecks.
NAMES = [
    "darts_plus_se",
    "efficientnet_b0",
    "efficientnet_lite0",
    "fairdarts_c",
    "fairnas_a_se",
    "fairnas_c",
    "fbnet_a",
    "fbnetc_100",
    "mnasnet_100",
    "mobilenetv1_100",
    "mobilenetv2_100",
    "mobilenetv3_large_100",
    "mobilenetv3_small_100",
    "proxylessnas_gpu",
    "semnasnet_100",
]


@pytest.mark.parametrize(
    ("width_mult", "depth_mult", "classes", "side"),
    [(0.35, 1.0, 10, 33), (1.5, 1.0, 0, 64), (0.75, 1.3, 1000, 97)],
)
@pytest.mark.parametrize("name", NAMES)
def test_the_cost_is_what_counters_count(name, width_mult, depth_mult, classes, side):
    spec = network(name, width_mult=width_mult, depth_mult=depth_mult)
    spec = spec.with_classes(classes)
    with torch.device("meta"):
        module = build(spec)

    assert cost_of(spec, side) == measure(module, (3, side, side))
