"""The second derivation: closed form against counters that run the module."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.utils.flop_counter import FlopCounterMode

from rexpand.cost import Cost, cost_of, part_costs
from rexpand.models import build
from rexpand.spec import CATALOGUE, Head, NetworkSpec, Stem, network
from rexpand.trace import measure

META = torch.device("meta")


@pytest.mark.parametrize("name", CATALOGUE)
def test_the_cost_is_what_counters_count(name):
    spec = network(name)
    with META:
        module = build(spec)

    # Closed form == torch's counter and hooks, at the paper's and two other sizes.
    for resolution in (32, 97, spec.resolution):
        image = (spec.in_channels, resolution, resolution)
        assert cost_of(spec, resolution) == measure(module, image)


@settings(deadline=None, max_examples=40)
@given(spec=st.from_type(NetworkSpec))
def test_the_cost_of_any_network_is_what_counters_count(spec):
    with META:
        module = build(spec)

    image = (spec.in_channels, spec.resolution, spec.resolution)

    # Any kernel, stride, expansion, squeeze-excite, head and size.
    assert cost_of(spec) == measure(module, image)


@settings(deadline=None, max_examples=40)
@given(drawn=st.data(), size=st.integers(64, 70))  # three strides of 3 fit
def test_the_cost_of_any_parted_block_is_what_counters_count(
    parted_blocks, drawn, size
):
    spec = NetworkSpec(
        name="parted",
        family="parted",
        stem=Stem(out_channels=8, stride=1),
        blocks=tuple(drawn.draw(st.lists(parted_blocks, min_size=1, max_size=3))),
        head=Head(channels=0),
        resolution=size,
        non_decreasing=False,
    )
    with META:
        module = build(spec)

    assert cost_of(spec) == measure(module, (3, size, size))


def test_torch_counts_two_operations_a_multiply_accumulate():
    spec = network("rexnet_100")
    with META:
        module, image = build(spec).eval(), torch.empty(1, 3, 224, 224)

    with FlopCounterMode(display=False) as counter:
        module(image)

    # Stated once without our own `measure` in between.
    assert cost_of(spec).macs == counter.get_total_flops() // 2
    assert cost_of(spec).params == sum(p.numel() for p in module.parameters())


@pytest.mark.parametrize("name", ["rexnet_100", "rexnet_lite_100", "mobilenetv1_025"])
def test_every_part_costs_what_its_module_counts(name):
    spec = network(name)
    with META:
        module = build(spec)
    parts = {part.name: part for part in part_costs(spec)}

    channels, size = spec.in_channels, spec.resolution
    for part_name, layer in [("stem", module.stem), *module.blocks.named_children()]:
        part = parts[part_name if part_name == "stem" else f"blocks.{part_name}"]
        assert part.cost == measure(layer, (channels, size, size))
        channels, size = part.out_channels, part.size.side

    # Head, hidden layer and classifier are what is left.
    rest = [parts[key].cost for key in ("head", "hidden", "classifier") if key in parts]
    head = measure(module.head, (spec.head.channels or channels, size, size))
    if spec.head.channels:
        head += measure(module.penultimate, (channels, size, size))
    assert sum(rest, Cost()) == head
