"""Questions to the edges, where the order or the nearness of layers would mislead."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from rexpand.cost import Graph
from rexpand.trace import trace

Function = Callable[["Parts", Tensor], Tensor]


class Parts(nn.Module):
    """Convolutions to compute with, in any order."""

    def __init__(self, function: Function) -> None:
        super().__init__()
        self.function = function
        self.stem = nn.Conv2d(3, 4, 1)
        self.wide = nn.Conv2d(4, 8, 1)
        self.depthwise = nn.Conv2d(8, 8, 3, padding=1, groups=8)
        self.narrow = nn.Conv2d(8, 4, 1)
        self.other = nn.Conv2d(4, 8, 1)
        self.gate = nn.Conv2d(8, 8, 1)
        self.weights = nn.Conv2d(8, 1, 1)

    def forward(self, images: Tensor) -> Tensor:
        return self.function(self, images)

    def gated(self, x: Tensor) -> Tensor:
        return torch.sigmoid(self.gate(x.mean((2, 3), keepdim=True)))


def graph_of(function: Function, size: int = 6) -> Graph:
    return trace(Parts(function), (3, size, size))


def place(graph: Graph, name: str) -> int:
    return next(p for p, layer in enumerate(graph.layers) if layer.name == name)


def interleaved(parts: Parts, images: Tensor) -> Tensor:
    """Two branches; another convolution runs between the expansion and the depthwise."""
    x = parts.stem(images)
    wide = parts.wide(x)
    other = parts.other(x)
    deep = parts.depthwise(wide)
    return parts.narrow(deep) + parts.narrow(other)


def test_the_feeder_is_read_though_another_filter_ran_between() -> None:
    graph = graph_of(interleaved)

    # By order it would be `other`, whose channels are as many.
    feeder = graph.flow.feeder(place(graph, "depthwise"))
    assert feeder == place(graph, "wide")


def test_a_sum_of_two_filters_has_no_single_feeder() -> None:
    def summed(parts: Parts, images: Tensor) -> Tensor:
        x = parts.stem(images)
        return parts.depthwise(parts.wide(x) + parts.other(x))

    graph = graph_of(summed)

    assert graph.flow.feeder(place(graph, "depthwise")) is None


@pytest.mark.parametrize("size", [6, 1])
def test_a_gate_is_found_though_it_was_computed_long_before(size: int) -> None:
    def far(parts: Parts, images: Tensor) -> Tensor:
        x = parts.wide(parts.stem(images))
        gate = parts.gated(x)
        for _ in range(10):
            x = torch.relu(x)
        return x * gate

    graph = graph_of(far, size)

    # Ten operators lie between; at one position the map is no larger than its gate.
    gate = graph.flow.gate(len(graph.layers) - 1)
    assert gate is not None
    assert graph.layers[gate].function == "torch.sigmoid"


def test_what_was_computed_just_before_a_product_is_no_gate() -> None:
    def apart(parts: Parts, images: Tensor) -> Tensor:
        x = parts.wide(parts.stem(images))
        unused = parts.gated(x)
        scale = torch.ones(8, 1, 1)
        return x * scale + 0 * unused

    graph = graph_of(apart)

    product = next(p for p, la in enumerate(graph.layers) if la.kind == "multiply")
    assert graph.flow.gate(product) is None


def test_features_flow_through_the_map_and_not_through_its_gate() -> None:
    def block(parts: Parts, images: Tensor) -> Tensor:
        x = parts.depthwise(parts.wide(parts.stem(images)))
        return parts.narrow(x * parts.gated(x))

    graph = graph_of(block)
    flow = graph.flow

    narrow, depthwise = place(graph, "narrow"), place(graph, "depthwise")
    assert flow.feeder(narrow) == depthwise
    assert flow.onward([depthwise]).filters == (narrow,)


def test_a_convolution_that_weighs_positions_for_a_gate_is_not_fed() -> None:
    def context(parts: Parts, images: Tensor) -> Tensor:
        x = parts.depthwise(parts.wide(parts.stem(images)))
        weights = parts.weights(x).flatten(2).softmax(-1)
        sums = x.flatten(2) @ weights.transpose(1, 2)
        return parts.narrow(x * parts.gated(sums.view(1, 8, 1, 1)))

    graph = graph_of(context)
    flow = graph.flow

    assert flow.onward([place(graph, "depthwise")]).filters == (place(graph, "narrow"),)
    assert not flow.is_on_map(place(graph, "gate"))


def test_a_map_of_one_position_is_a_map_and_what_is_pooled_is_not() -> None:
    def block(parts: Parts, images: Tensor) -> Tensor:
        x = parts.wide(parts.stem(images))
        return x * parts.gated(x)

    graph = graph_of(block, size=1)

    assert graph.flow.is_filter(place(graph, "wide"))
    assert not graph.flow.is_filter(place(graph, "gate"))


def test_only_what_no_filter_came_before_reads_the_image() -> None:
    def early(parts: Parts, images: Tensor) -> Tensor:
        return parts.wide(parts.stem(images * 2))

    graph = graph_of(early)

    assert graph.flow.reads_image(place(graph, "stem"))
    assert not graph.flow.reads_image(place(graph, "wide"))
