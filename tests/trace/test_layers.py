"""Every operator is seen, counted by its formula, and put where it belongs."""

from collections.abc import Callable

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.flop_counter import FlopCounterMode

from rexpand.cost import Cost, Graph, Layer
from rexpand.models import build, open_source, open_weightless
from rexpand.spec import Source, network
from rexpand.trace import trace


class Run(nn.Module):
    """Any function of images as a module."""

    def __init__(self, function: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.function = function

    def forward(self, images: Tensor) -> Tensor:
        return self.function(images)


def only(cost: Graph) -> Layer:
    (layer,) = cost.layers
    return layer


# Of 3 channels and 8x8 pixels: what is counted, and its macs by hand.
PRODUCTS: dict[str, tuple[nn.Module, int]] = {
    "convolution": (nn.Conv2d(3, 6, 3, padding=1), 64 * 6 * 27),
    "strided": (nn.Conv2d(3, 6, 3, stride=2), 9 * 6 * 27),
    "depthwise": (nn.Conv2d(3, 6, 3, padding="same", groups=3), 64 * 6 * 9),
    "dilated": (nn.Conv2d(3, 6, 3, dilation=2), 16 * 6 * 27),
    "transposed": (nn.ConvTranspose2d(3, 6, 2, stride=2), 64 * 3 * 6 * 4),
    "linear": (nn.Linear(8, 5), 3 * 8 * 8 * 5),
    "functional": (Run(lambda x: F.conv2d(x, torch.ones(4, 3, 1, 1))), 64 * 12),
    "matmul": (Run(lambda x: x @ x.mT), 3 * 8 * 8 * 8),
    "einsum": (Run(lambda x: torch.einsum("bchw,bdhw->bcd", x, x)), 3 * 3 * 64),
    "outer": (Run(lambda x: torch.einsum("bchw,bchv->bchwv", x, x)), 0),
    "contraction": (Run(lambda x: torch.einsum("bchw,bchv->bwv", x, x)), 8 * 8 * 24),
    "bmm": (Run(lambda x: torch.bmm(x[0], x[0])), 3 * 8 * 8 * 8),
    "baddbmm": (Run(lambda x: torch.baddbmm(x[0], x[0], x[0])), 3 * 8 * 8 * 8),
    "vector": (Run(lambda x: x @ torch.ones(8, device=x.device)), 3 * 8 * 8),
    "conv1d": (Run(lambda x: F.conv1d(x[0], torch.ones(2, 8, 3))), 3 * 6 * 2 * 24),
    "attention": (
        Run(lambda x: F.scaled_dot_product_attention(x, x[:, :, :5], x[:, :, :5])),
        3 * 8 * 5 * 16,
    ),
}


@pytest.mark.parametrize("name", PRODUCTS)
def test_what_multiplies_is_counted(name: str) -> None:
    module, macs = PRODUCTS[name]

    cost = trace(module, (3, 8, 8))

    assert cost.total.macs == macs
    # Whatever has macs has activations and memory access, and nothing is unnamed.
    assert (cost.total.activations > 0) == (macs > 0)
    assert cost.total.memory_access >= cost.total.activations
    assert cost.uncounted == ()


def test_the_device_counts_as_meta_does() -> None:
    for module, macs in PRODUCTS.values():
        # An example on meta is refused by what writes to it, so this one must compute.
        class Computing(nn.Module):
            inner = module

            def forward(self, images: Tensor) -> Tensor:
                assert images.sum() == 0
                return self.inner(images)

        cost = trace(Computing(), (3, 8, 8))

        assert cost.device == "cpu"
        assert cost.total.macs == macs


def test_heads_of_attention_project_attend_and_project() -> None:
    attend = nn.MultiheadAttention(8, 2, batch_first=True)

    cost = trace(attend, inputs=[torch.zeros(1, 5, 8)] * 3)

    assert [layer.kind for layer in cost.layers] == [
        *["linear"] * 3,
        "attention",
        "linear",
    ]
    # Four 8x8 projections of 5 tokens; 5x5 pairs, once for scores and once for sums.
    assert cost.total.macs == 4 * 5 * 64 + 2 * 25 * 8
    assert cost.total.params == sum(p.numel() for p in attend.parameters())


@pytest.mark.parametrize(
    ("recurrent", "gates"), [(nn.LSTM, 4), (nn.GRU, 3), (nn.RNN, 1)]
)
def test_recurrent_layers_use_every_weight_once_a_token(
    recurrent: type[nn.RNNBase], gates: int
) -> None:
    module = recurrent(8, 6, 2, bidirectional=True, batch_first=True)

    cost = trace(module, inputs=(torch.zeros(1, 5, 8),))

    # Two directions: the first layer reads 8 channels, the second both of 6.
    macs = 2 * 5 * gates * 6 * ((8 + 6) + (12 + 6))
    assert cost.total.macs == macs
    assert cost.device == "meta"
    assert cost.layers[-1].output == (1, 5, 6)
    assert cost.uncounted == ()


def test_a_layer_says_what_it_is() -> None:
    layer = only(trace(nn.Conv2d(8, 16, (1, 3), 2, groups=4), (8, 9, 9)))

    assert (layer.kind, layer.function) == ("convolution", "F.conv2d")
    assert (layer.name, layer.module) == ("", "torch.nn.modules.conv.Conv2d")
    assert (layer.in_channels, layer.out_channels, layer.groups) == (8, 16, 4)
    assert (layer.kernel_size, layer.stride) == ((1, 3), (2, 2))
    assert (layer.in_size, layer.out_size) == ((9, 9), (5, 4))
    assert layer.params == 16 * 2 * 3 + 16
    assert layer.memory_access == layer.params + 8 * 81 + 16 * 20


@pytest.mark.parametrize(("wide", "ratio"), [(16, 1.0), (64, None)])
def test_a_1x1_convolution_of_equal_widths_reaches_its_bound(
    wide: int, ratio: float | None
) -> None:
    layer = only(trace(nn.Conv2d(16, wide, 1, bias=False), (16, 7, 7)))

    # Guideline 1 of ShuffleNetV2: MAC >= 2 sqrt(hw B) + B / hw, equal for c1 = c2.
    bound = 2 * (49 * layer.macs) ** 0.5 + layer.macs / 49
    assert layer.memory_bound == pytest.approx(bound)
    if ratio:
        assert layer.memory_access == pytest.approx(bound)
    else:
        assert layer.memory_access > 1.1 * bound


def test_intensity_is_macs_per_byte() -> None:
    layer = only(trace(nn.Conv2d(4, 4, 1, bias=False), (4, 2, 2)))

    assert layer.intensity == 64 / (4 * (16 + 16 + 16))


def test_elementwise_operators_are_layers_without_macs() -> None:
    def mixed(x: Tensor) -> Tensor:
        x = F.relu(x) + x
        x *= torch.sigmoid(x)
        return torch.cat([F.max_pool2d(x, 2), F.avg_pool2d(x, 2) * 2], 1)

    cost = trace(Run(mixed), (3, 8, 8))

    seen = [(layer.kind, layer.function) for layer in cost.layers]
    assert seen == [
        ("activation", "F.relu"),
        ("add", "operator.add"),
        ("activation", "torch.sigmoid"),
        ("multiply", "operator.mul_"),
        ("pool", "F.max_pool2d"),
        ("pool", "F.avg_pool2d"),
        ("elementwise", "operator.mul"),
        ("copy", "torch.cat"),
    ]
    assert cost.total == Cost()
    assert cost.layers[-1].output == (1, 6, 4, 4)
    # Read once, or twice, and written once.
    assert [layer.memory_access for layer in cost.layers[:2]] == [384, 576]


def test_what_has_no_rule_is_named_with_how_often() -> None:
    cost = trace(Run(lambda x: torch.fft.fft(torch.fft.fft(x)).real), (3, 8, 8))

    assert [(each.operator, each.calls) for each in cost.uncounted] == [
        ("_fft_r2c", 1),
        ("_fft_c2c", 1),
    ]


@pytest.mark.filterwarnings("ignore:`torch.jit.script`")
def test_scripted_functions_hide_nothing() -> None:
    def hidden(x: Tensor) -> Tensor:
        return torch.matmul(x, x).sigmoid()

    cost = trace(Run(torch.jit.script(hidden)), (3, 8, 8))

    assert cost.total.macs == 3 * 8 * 8 * 8
    assert [layer.kind for layer in cost.layers] == ["product", "activation"]


def test_the_tree_adds_up() -> None:
    cost = trace(open_weightless(Source.parse("timm:mobilenetv3_small_050")).module)

    for node in cost.tree.walk():
        if node.children:
            macs = sum(child.cost.macs for child in node.children)
            own = sum(layer.macs for layer in cost.layers if layer.name == node.name)
            assert node.cost.macs == macs + own
    assert sum((part.cost for part in cost.parts), Cost()) == cost.total
    # Containers of blocks are opened: the blocks are what a table should show.
    assert {"InvertedResidual", "DepthwiseSeparableConv"} <= {
        block.node.module for block in cost.blocks
    }


def test_the_output_of_a_module_is_what_it_returned() -> None:
    class Flat(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.classifier = nn.Linear(4, 7)
            self.stem = nn.Conv2d(3, 4, 1)

        def forward(self, images: Tensor) -> Tensor:
            pooled = self.stem(images).relu().mean((2, 3))
            return self.classifier(pooled)

    found = trace(Flat(), (3, 8, 8)).tree

    # Neither its last own operator nor the last module of its list, but the scores.
    assert found.output == (1, 7)
    assert [child.output for child in found.children] == [(1, 7), (1, 4, 8, 8)]


def test_the_root_of_every_network_outputs_its_scores() -> None:
    graph = trace(open_weightless(Source.parse("rexnet_100")).module)

    assert graph.tree.output == (1, 1000)


def test_a_module_of_several_outputs_shows_what_its_last_layer_wrote() -> None:
    class Two(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.late = nn.Conv2d(3, 5, 1)
            self.early = nn.Conv2d(3, 4, 1)

        def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
            first = self.early(images).relu()
            return first, self.late(images)

    assert trace(Two(), (3, 8, 8)).tree.output == (1, 5, 8, 8)


def test_tied_weights_count_once() -> None:
    class Tied(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.there = nn.Linear(8, 8, bias=False)
            self.back = nn.Linear(8, 8, bias=False)
            self.back.weight = self.there.weight

        def forward(self, images: Tensor) -> Tensor:
            return self.back(self.there(self.there(images)))

    cost = trace(Tied(), (1, 2, 8))

    assert cost.total.params == 64
    assert cost.total.macs == 3 * 2 * 64
    assert [child.cost.params for child in cost.tree.children] == [64, 0]


def test_what_is_called_by_hand_belongs_to_its_module() -> None:
    class ByHand(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner = nn.Conv2d(3, 4, 1)

        def forward(self, images: Tensor) -> Tensor:
            return self.inner.forward(images)

    layer = only(trace(ByHand(), (3, 4, 4)))

    assert layer.name == "inner"
    assert layer.within.endswith("ByHand")


@settings(deadline=None, max_examples=60)
@given(
    size=st.integers(1, 17), kernel=st.integers(1, 4), stride=st.integers(1, 3),
    padding=st.integers(0, 2), ceils=st.booleans(),
)  # fmt: skip
def test_shapes_on_meta_are_those_that_torch_computes(
    size: int, kernel: int, stride: int, padding: int, ceils: bool
) -> None:
    padding = min(padding, kernel // 2)
    module = nn.Sequential(
        nn.Conv2d(2, 4, kernel, stride, padding),
        nn.MaxPool2d(kernel, stride, padding, ceil_mode=ceils),
        nn.AvgPool2d(kernel, stride, padding, ceil_mode=ceils),
        nn.Upsample(scale_factor=1.5),
        nn.ConstantPad2d((1, 2, 0, 1), 0.0),
        nn.ConvTranspose2d(4, 2, kernel, stride, padding, bias=False),
    )
    try:
        expected = [
            tuple(module[: end + 1](torch.zeros(1, 2, size, size)).shape)
            for end in range(6)
        ]
    except RuntimeError:
        return  # too small a map for this kernel: torch refuses it

    cost = trace(module, (2, size, size))

    assert cost.device == "meta"
    assert [layer.output for layer in cost.layers] == expected


@pytest.mark.parametrize(
    "name",
    ["timm:mixnet_s", "timm:swin_tiny_patch4_window7_224", "timm:nfnet_l0",
     "timm:hrnet_w18_small", "timm:coat_tiny", "timm:inception_v3"],
)  # fmt: skip
def test_macs_are_half_of_what_torch_counts(name: str) -> None:
    module = open_weightless(Source.parse(name)).module.eval()
    size = (3, 299, 299) if "inception" in name else (3, 224, 224)

    cost = trace(module, size)
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        module(torch.empty(1, *size, device="meta"))

    assert 2 * cost.total.macs == counter.get_total_flops()
    assert cost.device == "meta"
    assert cost.uncounted == ()
    assert cost.total.params == sum(p.numel() for p in module.parameters())


def test_the_device_pass_equals_the_meta_pass() -> None:
    module = build(network("search_18"))

    class Computing(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.network = module

        def forward(self, images: Tensor) -> Tensor:
            return self.network(images if bool(images.sum() == 0) else images * 2)

    computed = trace(Computing(), (3, 32, 32))
    shaped = trace(module, (3, 32, 32))

    assert computed.device == "cpu"
    assert computed.total == shaped.total
    assert [layer.output for layer in computed.layers if layer.has_macs] == [
        layer.output for layer in shaped.layers if layer.has_macs
    ]


def test_building_without_weights_gives_the_same_network() -> None:
    source = Source.parse("timm:rexnet_100")

    theirs, ours = open_source(source).module, open_weightless(source).module

    shapes = {name: tensor.shape for name, tensor in theirs.state_dict().items()}
    assert {name: tensor.shape for name, tensor in ours.state_dict().items()} == shapes
    assert all(parameter.is_meta for parameter in ours.parameters())
