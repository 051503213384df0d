"""Images that are not square: the closed form, one pass, and what takes squares only."""

import json
from dataclasses import replace

import pytest
import torch

from rexpand.budget import Budget, solve
from rexpand.cost import (
    cost_of,
    costs_of,
    most_alive,
    part_costs,
    peak_activations,
    steps_of,
)
from rexpand.errors import SpecError
from rexpand.models import build
from rexpand.spec import (
    Compound,
    Resolution,
    Size,
    Source,
    network,
    network_from_json,
    network_to_dict,
    scalable,
)
from rexpand.trace import trace

# A network of every kind of block, and of every kind of head.
NAMES = (
    "amoebanet_a", "condensenet_74_g4", "fairdarts_b", "fbnet_a", "legacy_xception",
    "mixnet_s", "mobilenetv1_100", "mobilenetv3_small_100", "nasnet_a", "pnasnet_5",
    "resnet18", "resnet50", "rexnet_100", "search_18", "shufflenetv1_g3_100",
    "shufflenetv2_100", "squeezenet_1_1",
)  # fmt: skip
TALL = Size(height=97, width=65)
WIDE = Size(height=65, width=97)


@pytest.mark.parametrize("name", NAMES)
def test_the_closed_form_of_a_rectangle_is_what_a_pass_shows(name: str) -> None:
    spec = replace(network(name, width_mult=0.5, depth_mult=0.4), resolution=TALL)
    with torch.device("meta"):
        module = build(spec).eval()

    graph = trace(module, spec.image)
    closed, shown = cost_of(spec), most_alive(steps_of(graph))

    # Odd sides, so that a height taken for a width would be another number.
    assert (closed.params, closed.macs) == (graph.total.params, graph.total.macs)
    assert closed.activations == graph.total.activations
    peak = peak_activations(spec)
    assert (peak.elements, peak.written) == (shown.elements, shown.written)


def test_a_rectangle_is_as_tall_as_it_is_wide_on_its_side() -> None:
    # No layer of ReXNet tells height from width.
    assert cost_of("rexnet_100", TALL) == cost_of("rexnet_100", WIDE)
    # Half of the columns, half of the macs; the classifier sees none of them.
    half = cost_of("mobilenetv2_100", Size(height=224, width=128))
    whole = cost_of("mobilenetv2_100", Size(height=224, width=256))
    classifier = 1280 * 1000
    assert 2 * (half.macs - classifier) == whole.macs - classifier


def test_many_configurations_of_a_rectangle_cost_what_each_does() -> None:
    spec = replace(network("search_18"), resolution=TALL)
    channels = (8, 9, 12, 20, 31)

    many = costs_of(spec, [channels, spec.channels])

    assert many.macs[0] == cost_of(spec.with_channels(channels)).macs
    assert many.memory_access[1] == cost_of(spec).memory_access


def test_the_maps_of_a_rectangle() -> None:
    spec = replace(network("mobilenetv2_100"), resolution=Size(height=224, width=160))

    assert spec.map_sizes()[-1] == Size(height=7, width=5)
    assert part_costs(spec)[0].size == Size(height=112, width=80)
    with pytest.raises(SpecError, match="224x160 pixels are not square"):
        spec.sizes()


@pytest.mark.parametrize(
    ("resolution", "expected"),
    [
        (224, 224),
        # A square has one way to be said.
        (Size(height=224, width=224), 224),
        (Size(height=224, width=160), Size(height=224, width=160)),
    ],
)
def test_a_rectangle_goes_through_a_file(
    resolution: Resolution, expected: Resolution
) -> None:
    spec = replace(network("rexnet_100"), resolution=resolution)

    again = network_from_json(json.dumps(network_to_dict(spec)), "here")

    assert spec.resolution == expected
    assert again == spec


def test_a_side_out_of_range_is_refused_by_name() -> None:
    with pytest.raises(SpecError, match="width is 0; give 1 to 8192"):
        replace(network("rexnet_100"), resolution=Size(height=224, width=0))
    with pytest.raises(SpecError, match=r"resolution\.height is 9000"):
        network_from_json(
            json.dumps(
                network_to_dict("rexnet_100")
                | {"resolution": {"height": 9000, "width": 1}}
            ),
            "here",
        )
    with pytest.raises(SpecError, match="resolution 2 leaves no pixel for block"):
        replace(network("squeezenet_1_1"), resolution=Size(height=224, width=2))


def test_a_control_names_a_rectangle_as_an_option_does() -> None:
    source = Source.parse("rexnet_100:resolution=224x160")

    assert source.known_spec().resolution == Size(height=224, width=160)
    assert Source.parse(str(source)) == source
    assert Source.parse("rexnet_100:resolution=96x96").known_spec().resolution == 96
    # What feeds images takes squares only, and says so before it reads any.
    with pytest.raises(SpecError, match="give one side, such as 224"):
        source.stated_resolution  # noqa: B018


def test_a_rectangle_is_solved_and_scaled() -> None:
    spec = replace(network("rexnet_100"), resolution=Size(height=224, width=160))
    source = Source.parse("efficientnet_b0:resolution=224x160")

    solved = solve(spec, Budget(macs=300e6))
    scaled = scalable(source).at(Compound(), 1.0)

    assert cost_of(solved.spec).macs == solved.cost.macs <= 300e6
    assert solved.fill > 0.99
    # Each side by gamma, to a multiple of 8: 257.6 and 184.
    assert scaled.resolution == Size(height=256, width=184)
