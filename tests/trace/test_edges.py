"""Every operator says which operators it reads, through views and writes in place."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from rexpand.cost import Edge, Graph
from rexpand.trace import trace

Function = Callable[[Tensor], Tensor]


class Run(nn.Module):
    """Any function of images as a module."""

    def __init__(self, function: Function) -> None:
        super().__init__()
        self.function = function
        self.wide = nn.Conv2d(4, 8, 1)

    def forward(self, images: Tensor) -> Tensor:
        return self.function(self.wide(images))


def graph_of(function: Function) -> Graph:
    """Of a function of what layer 0 gives: a convolution, 8 channels of 6x5 pixels."""
    return trace(Run(function), (4, 6, 5))


def origins(graph: Graph) -> list[list[object]]:
    return [[edge.origin for edge in layer.edges] for layer in graph.layers]


def test_a_chain_of_operators_reads_one_another() -> None:
    graph = graph_of(lambda x: F.relu(x) + x)

    assert origins(graph) == [["image"], [0], [1, 0]]
    assert graph.ends == (Edge(origin=2),)


def test_a_write_in_place_is_what_is_read_from_then_on() -> None:
    graph = graph_of(lambda x: F.relu(x.mul_(2)) + x)

    # The addition reads the product, although the convolution's tensor stands there.
    assert origins(graph) == [["image"], [0], [1], [2, 1]]


def test_weights_and_what_is_made_of_them_are_constants() -> None:
    scale = torch.ones(8, 1, 1)
    graph = graph_of(lambda x: x * (scale + 1))

    # The sum reads no image; the product reads the map and the sum.
    assert origins(graph)[1:] == [["constant"], [0, 1]]


def test_a_new_tensor_of_the_same_shape_is_another() -> None:
    def padded(x: Tensor) -> Tensor:
        wide = torch.zeros_like(x)
        wide[:, :3] = x[:, 5:]
        return wide + x

    graph = graph_of(padded)

    # The write does not reach the map whose shape was taken.
    assert origins(graph)[1:] == [[0, "constant"], [1, 0]]


# How a function looks at the 8 channels: what the next operator reads of them.
VIEWS: dict[str, tuple[Function, Edge]] = {
    "flat": (lambda x: x.mean((2, 3), keepdim=True).flatten(1), Edge(origin=1)),
    "more sides": (lambda x: x[:, None], Edge(origin=0)),
    "first channels": (lambda x: x[:, :3], Edge(origin=0, view="channels")),
    "last channels": (lambda x: x[:, 5:], Edge(origin=0, view="channels", start=5)),
    "a chunk": (lambda x: x.chunk(2, 1)[1], Edge(origin=0, view="channels", start=4)),
    "of a part": (
        lambda x: x.chunk(2, 1)[1][:, 1:3],
        Edge(origin=0, view="channels", start=5),
    ),
    "every second": (lambda x: x[:, ::2], Edge(origin=0, view="other")),
    "rows": (lambda x: x[:, :, 1:], Edge(origin=0, view="other")),
    "transposed": (lambda x: x.transpose(2, 3), Edge(origin=0, view="other")),
    "shuffled": (
        lambda x: x.view(1, 2, 4, 6, 5).transpose(1, 2).reshape(1, 8, 6, 5),
        Edge(origin=0, view="other"),
    ),
    "in another order": (lambda x: x[:, [3, 1]], Edge(origin=0, view="other")),
    "other memory": (
        lambda x: x.contiguous(memory_format=torch.channels_last),
        Edge(origin=0),
    ),
}


@pytest.mark.parametrize("name", VIEWS)
def test_an_edge_says_how_much_is_read(name: str) -> None:
    function, edge = VIEWS[name]

    graph = graph_of(lambda x: F.relu(function(x)))

    assert graph.layers[-1].edges == (edge,)


def test_a_sum_into_some_channels_is_read_by_whoever_reads_the_map() -> None:
    def partial(x: Tensor) -> Tensor:
        x[:, :3] += F.relu(x[:, 3:6])
        return F.silu(x)

    graph = graph_of(partial)

    kinds = [layer.kind for layer in graph.layers]
    assert kinds == ["convolution", "activation", "add", "copy", "activation"]
    assert graph.layers[2].edges == (Edge(origin=0, view="channels"), Edge(origin=1))
    assert graph.layers[4].edges == (Edge(origin=2),)
    (write,) = graph.writes
    assert (write.share, write.adds) == (3 / 8, True)


def test_tensors_are_called_by_their_names_in_the_module() -> None:
    module = nn.Sequential(nn.Conv2d(4, 8, 1), nn.BatchNorm2d(8, eps=0.1))

    convolution, norm = trace(module, (4, 6, 5)).layers

    assert dict(convolution.tensors) == {"weight": "0.weight", "bias": "0.bias"}
    assert dict(norm.tensors) == {
        "weight": "1.weight",
        "bias": "1.bias",
        "running_mean": "1.running_mean",
        "running_var": "1.running_var",
    }
    assert norm.constants == (("eps", 0.1),)


def test_a_weight_that_is_computed_on_the_way_has_no_name() -> None:
    weight = torch.ones(2, 8, 1, 1)
    graph = graph_of(lambda x: F.conv2d(x, weight.to(x.device) * 2))

    assert graph.layers[-1].tensors == (("weight", ""),)


def test_a_module_that_is_called_again_counts_its_calls() -> None:
    again = nn.ReLU()
    module = nn.Sequential(again, nn.Conv2d(4, 4, 1), again)

    calls = [(layer.name, layer.call) for layer in trace(module, (4, 6, 5)).layers]

    assert calls == [("0", 1), ("1", 1), ("0", 2)]


def test_attention_reads_its_projections() -> None:
    attend = nn.MultiheadAttention(8, 2, batch_first=True)

    graph = trace(attend, inputs=[torch.zeros(1, 5, 8)] * 3)

    assert origins(graph)[-2:] == [[0, 1, 2], [3]]
    assert graph.ends[0].origin == 4
