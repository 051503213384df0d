"""Figures that hold in their source's own way of counting.

AtomNAS's counter (meijieru/AtomNAS, utils/model_profiling.py) and FairDARTS's leave
batch norm out of the params; AtomNAS's adds a mac for each element that is pooled.
"""

from decimal import Decimal

import pytest
import torch
from torch import nn

from rexpand import blocks as modules
from rexpand.cost import cost_of
from rexpand.models import build
from rexpand.spec import CATALOGUE, network

ATOMNAS = [name for name in CATALOGUE if name.startswith("atomnas")]


def holds(printed: str, exact: int) -> bool:
    """Whether a count is within half a unit of the last digit printed."""
    number = Decimal(printed[:-1])
    half = Decimal(10**6).scaleb(number.as_tuple().exponent) / 2
    return abs(exact - number * 10**6) <= half


def normless_params(module: nn.Module) -> int:
    norms = [layer for layer in module.modules() if isinstance(layer, nn.BatchNorm2d)]
    all_params = sum(p.numel() for p in module.parameters())
    return all_params - sum(p.numel() for norm in norms for p in norm.parameters())


def pooled_elements(module: nn.Module, resolution: int) -> int:
    pooled = []
    for layer in module.modules():
        if isinstance(layer, modules.SqueezeExcite | modules.Head):
            layer.register_forward_hook(lambda _, i, __: pooled.append(i[0].numel()))
    module.eval()(torch.empty(1, 3, resolution, resolution, device="meta"))
    return sum(pooled)


@pytest.mark.parametrize("name", ATOMNAS)
def test_all_of_atomnas_holds_as_its_counter_counts(name):
    spec, published = network(name), CATALOGUE[name].published
    with torch.device("meta"):
        module = build(spec)

    # All twelve figures of the README, none of which is bent.
    assert holds(published.params, normless_params(module))
    assert holds(published.macs, cost_of(spec).macs + pooled_elements(module, 224))


def test_there_are_six_atomnas():
    assert len(ATOMNAS) == 6


def test_fairdarts_b_holds_without_its_batch_norms():
    published = CATALOGUE["fairdarts_b"].published
    with torch.device("meta"):
        module = build(network("fairdarts_b"))

    assert holds(published.params, normless_params(module))
    assert holds(published.macs, cost_of(network("fairdarts_b")).macs)
