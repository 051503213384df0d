"""The table of blocks: what it measures, what it predicts, and how far it is off."""

from dataclasses import replace

import pytest
import torch

from rexpand.budget import measured_latency
from rexpand.codec import to_document
from rexpand.cost import cost_of
from rexpand.documents import from_text
from rexpand.errors import MistakeError, SpecError
from rexpand.latency.block_table import TablePlan, configurations
from rexpand.latency.runtimes import find_runtimes
from rexpand.latency.sections import section_inputs, section_modules, sections_of
from rexpand.models import build
from rexpand.records import LatencyTable, section_names
from rexpand.spec import NetworkSpec, network
from rounding import agree, depth_of
from small_networks import shake
from tabled import START_MS, Counting, tabled


@pytest.fixture(scope="module")
def spec() -> NetworkSpec:
    return network("search_18").with_classes(10)


@pytest.fixture(scope="module")
def table(spec: NetworkSpec) -> LatencyTable:
    """The table of a device that the model describes exactly."""
    return tabled(spec, Counting())


@pytest.mark.kernels
@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize("name", ["search_18", "resnet18", "squeezenet1_1"])
def test_the_sections_one_after_the_other_are_the_network(name: str) -> None:
    torch.manual_seed(0)
    whole = build(replace(network(name), resolution=64)).apply(shake).eval()
    images = torch.randn(2, 3, 64, 64)

    *_, maps = section_inputs(whole, images)
    with torch.no_grad():
        found, expected = section_modules(whole)[-1](maps), whole(images)

    assert agree(found, expected, depth=depth_of(whole))


def test_every_section_is_fed_maps_of_its_real_size(spec: NetworkSpec) -> None:
    module = build(spec)

    fed = list(section_inputs(module, torch.zeros(1, 3, 32, 32)))

    sections = sections_of(spec)
    assert tuple(each.name for each in sections) == section_names(spec.depth)
    for section, maps in zip(sections, fed, strict=True):
        assert maps.shape[1:] == (section.in_channels, *[section.resolution] * 2)


def test_configurations_spread_from_half_to_twice_the_macs(spec: NetworkSpec) -> None:
    own, *others = configurations(spec, 6, macs=40e6, multiple_of=8)

    assert own == spec
    macs = [cost_of(each).macs for each in others]
    assert macs == sorted(macs)
    # A tenth below the bound is near enough for a spread.
    assert 18e6 <= macs[0] <= 20e6
    assert 72e6 <= macs[-1] <= 80e6
    assert all(width % 8 == 0 for each in others for width in each.channels)


def test_a_device_that_counts_is_predicted_exactly(table: LatencyTable) -> None:
    # A start per graph, and linear in macs and elements: the model has no other terms.
    assert table.section_error.most < 1e-6
    assert table.network_error.most < 1e-6
    fitted = [each for each in table.configurations if each.is_fitted]
    assert table.network_error.count == len(fitted)
    assert table.section_error.count == len(fitted) * (table.network.depth + 2)


def test_the_sum_of_the_sections_is_compared_with_the_whole(
    table: LatencyTable,
) -> None:
    for each in table.configurations:
        total = sum(section.latency_ms.median for section in each.sections)
        ratio = total / each.latency_ms.median
        assert each.additivity.median == pytest.approx(ratio, rel=1e-9)
        # What the network pays once, each section pays: 7 starts for 1.
        starts = len(each.sections) - 1
        assert total - each.latency_ms.median == pytest.approx(starts * START_MS)
    assert table.model.scale == pytest.approx(1)
    assert table.model.offset_ms == pytest.approx(-6 * START_MS)


def test_a_network_beside_the_multiples_is_measured_and_not_fitted(
    table: LatencyTable, spec: NetworkSpec
) -> None:
    own, *others = table.configurations

    assert own.channels == spec.channels
    assert any(width % 8 for width in own.channels)
    assert not own.is_fitted
    assert all(each.is_fitted for each in others)
    # It has a prediction all the same, by all the others.
    assert own.held_out_ms == pytest.approx(own.latency_ms.median)


def test_the_table_comes_back_from_its_file(table: LatencyTable) -> None:
    assert from_text(LatencyTable, to_document(table)) == table
    with pytest.raises(ValueError, match="version 9"):
        from_text(LatencyTable, to_document(replace(table, version=9)))


def test_a_table_is_known_by_its_content(table: LatencyTable) -> None:
    other = replace(table, threads=table.threads + 1)

    assert measured_latency(table).table == measured_latency(table).table
    assert measured_latency(table).table != measured_latency(other).table


def test_the_row_of_a_block_says_what_ran(table: LatencyTable) -> None:
    first = table.configurations[0].sections[1]

    # search_18's first block: 16 channels, 6 times expanded, on 32 pixels.
    assert (first.name, first.in_channels, first.expanded) == ("blocks.0", 16, 96)
    assert (first.out_channels, first.stride, first.resolution) == (34, 1, 32)


def test_torch_runs_every_section(spec: NetworkSpec) -> None:
    small = replace(spec, blocks=spec.blocks[:2], resolution=8)

    table = tabled(small, find_runtimes(["torch"])[0], count=5)

    assert table.runtime == "torch"
    for each in table.configurations:
        assert each.latency_ms.count == 2
        assert all(section.latency_ms.median > 0 for section in each.sections)


def test_blocks_that_look_back_are_refused() -> None:
    plan = (network("fairdarts_b"),) * 5

    with pytest.raises(SpecError, match="so that none runs alone"):
        TablePlan(networks=plan, rounds=2, threads=1)


def test_too_few_configurations_are_refused(spec: NetworkSpec) -> None:
    with pytest.raises(MistakeError, match=r"in these multiples is 3; give 4"):
        TablePlan(networks=(spec,) * 3, rounds=2, threads=1)
