"""The cell of DARTS, said again; what it looks at, at every size and stride."""

from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d, conv2d, max_pool2d

from rexpand.blocks import LookBack, TwoInputBlock, build_block
from rexpand.cost import cost_of
from rexpand.errors import SpecError
from rexpand.models import FeatureExtractor, build
from rexpand.spec import (
    Cell,
    CellEdge,
    Convolution,
    SqueezeExcite,
    network,
    with_output_stride,
)
from rexpand.trace import measure
from rounding import agree, depth_of

pytestmark = pytest.mark.usefixtures("float64")

OPERATIONS = (
    *("separable", "dilated", "factorized", "pointwise", "row_column"),
    *("max_pool", "avg_pool"),
)
SCALE = 1 / (1 + 1e-5) ** 0.5  # of a fresh batch norm


def edge(node: int, source: int, operation: str, kernel_size: int = 3) -> CellEdge:
    return CellEdge(
        node=node, source=source, operation=operation, kernel_size=kernel_size
    )


def cell(*edges: CellEdge, stride: int = 1, before: str = "pointwise") -> Cell:
    nodes = max(edge.node for edge in edges) - 1
    return Cell(out_channels=4 * nodes, edges=edges, stride=stride, before_layer=before)


def maps(channels: int, size: int) -> Tensor:
    return (
        torch.linspace(-3, 3, 2 * channels * size**2).sin().view(2, channels, size, -1)
    )


def separable(layer: nn.Module, images: Tensor, stride: int, dilation: int) -> Tensor:
    """Activation, depthwise, 1x1, norm: the order in DARTS."""
    depthwise = layer.depthwise.weight
    padding = dilation * (depthwise.shape[-1] // 2)
    images = conv2d(
        images.relu(), depthwise, None, stride, padding, dilation, len(depthwise)
    )
    return conv2d(images, layer.pointwise.weight) * SCALE


def reduced(layer: nn.Module, images: Tensor) -> Tensor:
    """The halves see the even pixels and the odd ones: two plain strided slices."""
    images = images.relu()
    even, odd = images[:, :, ::2, ::2], images[:, :, 1::2, 1::2]
    halves = [conv2d(even, layer.first.weight), conv2d(odd, layer.second.weight)]
    return torch.cat(halves, 1) * SCALE


@pytest.mark.kernels
def test_a_cell_with_stride_is_that_of_darts():
    block = cell(
        edge(2, 0, "factorized"),
        edge(2, 1, "dilated", 5),
        edge(3, 0, "max_pool"),
        edge(3, 2, "separable"),
        edge(4, 1, "avg_pool"),
        edge(4, 3, "skip"),
        stride=2,
        before="factorized",
    )
    module = build_block(block, 6, LookBack(5, stride=2)).eval()
    before, last = maps(5, 16), maps(6, 8)

    outputs = module(before, last)

    (skip, dilated), (_, twice), _ = (node.layers for node in module.nodes)
    first = reduced(module.before, before)
    second = conv2d(last.relu(), module.last.conv.weight) * SCALE
    node2 = reduced(skip, first) + separable(dilated, second, 2, 2)
    node3 = max_pool2d(first, 3, 2, 1) + separable(
        twice[2], separable(twice[0], node2, 1, 1), 1, 1
    )
    node4 = avg_pool2d(second, 3, 2, 1, count_include_pad=False) + node3
    assert agree(outputs, torch.cat([node2, node3, node4], 1), depth=depth_of(module))


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("size", [1, 2, 7, 8])
@pytest.mark.parametrize("strides", [(1, 1), (2, 1), (1, 2), (2, 2), (3, 2)])
def test_every_operation_fits_every_size(operation, size, strides):
    before_stride, stride = strides
    block = cell(
        edge(2, 0, operation),
        edge(2, 1, operation),
        edge(3, 2, operation),
        stride=stride,
    )
    module = build_block(block, 3, LookBack(5, before_stride)).eval()
    last = maps(3, -(-size // before_stride))

    outputs = module(maps(5, size), last)

    out_size = block.out_size(last.shape[-1])
    assert outputs.shape == (2, 8, out_size, out_size)


def test_activations_leave_what_other_edges_read():
    block = cell(edge(2, 0, "separable"), edge(2, 1, "skip"), edge(3, 0, "max_pool"))
    module = build_block(block, 3, LookBack(3, stride=1)).train()
    before, last = maps(3, 4), maps(3, 4)
    copies = before.clone(), last.clone()

    module(before, last).sum().backward()

    # Nothing in place: the caller's maps and the identity's are as they were.
    assert torch.equal(before, copies[0])
    assert torch.equal(last, copies[1])


def test_an_input_that_no_edge_leaves_has_no_parameters():
    module = build_block(cell(edge(2, 1, "dilated")), 3)

    assert not list(module.before.parameters())


def test_dropping_paths_spares_the_identity():
    block = cell(edge(2, 0, "separable"), edge(2, 1, "skip"))
    module = build_block(block, 3, LookBack(3, stride=1)).train()
    module.nodes[0].drop_path.rate = 1 - 1e-9

    outputs = module(maps(3, 4), maps(3, 4))

    assert torch.equal(outputs, module.last(maps(3, 4).relu()))


def test_a_network_gives_each_cell_the_two_maps_before_it():
    spec = network("fairdarts_b", width_mult=0.1)
    module = build(spec).eval()
    images = maps(3, 64)

    seen = [module.pool(module.stem(images))] * 2
    for block in module.blocks:
        looks_back = isinstance(block, TwoInputBlock)
        seen.append(block(*seen[-2:]) if looks_back else block(seen[-1]))

    assert torch.equal(module.blocks(seen[0]), seen[-1])
    # Features are cut from the same chain.
    *_, deepest = FeatureExtractor(module)(images)
    assert torch.equal(deepest, seen[-1])


def test_another_output_stride_keeps_the_weights():
    spec = network("fairdarts_b", width_mult=0.1)
    state = build(spec).state_dict()

    dilated = build(with_output_stride(spec, 8))

    # Every tensor has the same shape: what was strided is dilated, not replaced.
    dilated.load_state_dict(state)
    assert dilated.forward_features(maps(3, 64)).shape[2:] == (8, 8)


@pytest.mark.kernels
def test_a_factorized_layer_reads_the_same_pixels_without_its_stride():
    block = cell(edge(2, 0, "factorized"), edge(2, 1, "factorized"), stride=2)
    strided = build_block(block, 3, LookBack(3)).eval()
    dense = build_block(replace(block, stride=1), 3, LookBack(3)).eval()
    dense.load_state_dict(strided.state_dict())

    images = maps(3, 9), maps(3, 9)

    every_second = dense(*images)[:, :, ::2, ::2]
    assert agree(strided(*images), every_second, depth=depth_of(strided))


def test_a_cell_may_be_the_first_block():
    spec = replace(
        network("fairdarts_b"),
        blocks=(cell(edge(2, 0, "skip"), edge(3, 1, "dilated")),),
    )
    module = build(spec)

    # Both of its inputs are the stem, as in DARTS on CIFAR.
    assert module(maps(3, 8)).shape == (2, 1000)


def test_a_cell_costs_what_is_counted_after_any_block():
    squeeze = SqueezeExcite(reduction=2)
    edges = tuple(edge(2 + n, n % 2, name) for n, name in enumerate(OPERATIONS))
    for before_stride, stride, dilation in ((1, 1, 4), (2, 1, 2), (1, 2, 1), (3, 2, 1)):
        first = replace(cell(*edges, stride=stride), dilation=dilation)
        blocks = (
            Convolution(out_channels=5, stride=before_stride),
            replace(first, squeeze_excite=squeeze),
            cell(*edges, edge(8, 3, "skip"), before="factorized"),
        )
        spec = replace(network("fairdarts_b"), blocks=blocks, resolution=37)
        with torch.device("meta"):
            module = build(spec)
        assert cost_of(spec) == measure(module, (3, 37, 37))


def test_a_cell_that_reads_its_input_costs_what_is_counted():
    edges = tuple(edge(2 + n, 0, name) for n, name in enumerate(OPERATIONS))
    for stride in (1, 2):
        first = cell(*edges, edge(4, 1, "max_pool"), stride=stride, before="input")
        blocks = (Convolution(out_channels=5, stride=2), first)
        spec = replace(network("fairdarts_b"), blocks=blocks, resolution=37)
        with torch.device("meta"):
            module = build(spec)
        assert cost_of(spec) == measure(module, (3, 37, 37))


def test_outputs_name_the_nodes_that_are_joined():
    edges = (edge(2, 0, "skip"), edge(3, 1, "skip"), edge(4, 2, "skip"))
    block = Cell(out_channels=8, edges=edges, outputs=(0, 4))
    module = build_block(block, 3, LookBack(5)).eval()
    before, last = maps(5, 4), maps(3, 4)

    joined = module(before, last)

    # Node 4 is node 0 by two skips, and node 3 is left out.
    first = module.before(before.relu())
    assert torch.equal(joined, torch.cat([first, first], 1))


@pytest.mark.parametrize(
    ("node", "source", "operation", "message"),
    [
        (1, 0, "skip", "from node 0 to node 1"),
        (3, 3, "skip", "from node 3 to node 3"),
        (2, -1, "skip", "source is -1"),
        (2, 0, "conv", "operation 'conv' is unknown; choose from separable"),
    ],
)
def test_an_edge_that_cannot_be_is_refused(node, source, operation, message):
    with pytest.raises(SpecError, match=message):
        edge(node, source, operation)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"out_channels": 9}, "9 channels cannot be shared by the 2 nodes.*8 or 10"),
        ({"out_channels": 2}, "2 channels cannot be shared by the 2 nodes.*give 4"),
        (
            {"stride": 2},
            "skip from node 0 of a cell cannot have its stride 2.*factorized",
        ),
        ({"outputs": (2, 4)}, r"outputs \(2, 4\) of a cell name node 4"),
        ({"outputs": (2, 2)}, r"outputs \(2, 2\) of a cell name node 2"),
        (
            {"outputs": (0, 2), "before_layer": "input"},
            "node 0 of a cell cannot be among its outputs",
        ),
        ({"before_layer": "input"}, "skip from node 0 of a cell cannot change its"),
        ({"edges": ()}, "a cell has no edges"),
        ({"edges": (edge(3, 0, "skip"),)}, "no edge leads to node 2"),
    ],
)
def test_a_cell_that_cannot_be_is_refused(changes, message):
    good = cell(edge(2, 0, "skip"), edge(3, 1, "skip"))

    with pytest.raises(SpecError, match=message):
        replace(good, **changes)
