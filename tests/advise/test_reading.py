"""Foreign networks read back as specs: equal cost, equal scores, or a reason."""

from collections.abc import Callable

import pytest
import timm
import torch
from torch import Tensor, nn
from torch.nn import functional
from torchvision import models

from rexpand.advise.reading import read_module
from rexpand.cost import cost_of
from rexpand.errors import MistakeError, SpecError
from rexpand.models import build
from rexpand.spec import network
from rounding import agree, depth_of

Shaken = Callable[[nn.Module], nn.Module]
SIDE = 64

pytestmark = pytest.mark.usefixtures("float64")

TIMM = {
    "mobilenetv2_100": "mobilenetv2_100",
    "efficientnet_b0": "efficientnet_b0",
    "rexnet_100": "rexnet_100",
    "mobilenetv3_large_100": "mobilenetv3_large_100",
    "mnasnet_100": "mnasnet_100",
    "semnasnet_100": "semnasnet_100",
    "fbnetc_100": "fbnetc_100",
}
TORCHVISION = {
    "mobilenet_v2": "mobilenetv2_100",
    "mobilenet_v3_large": "mobilenetv3_large_100",
    "efficientnet_b0": "efficientnet_b0",
    "mnasnet1_0": "mnasnet_100",
}


def check(module: nn.Module, ours: str) -> None:
    read = read_module(module, name="theirs", resolution=SIDE)

    # What the catalogue has by the paper is what is read from the library's module.
    assert read.spec.channels == network(ours).channels
    assert cost_of(read.spec) == cost_of(network(ours), SIDE)
    generator = torch.Generator().manual_seed(1)
    images = torch.randn(2, 3, SIDE, SIDE, generator=generator)
    with torch.no_grad():
        theirs = module(images)
        assert agree(read(images), theirs, depth=depth_of(module))


@pytest.mark.parametrize(("theirs", "ours"), TIMM.items(), ids=[*TIMM])
def test_networks_of_timm_are_read(theirs: str, ours: str, shaken: Shaken) -> None:
    check(shaken(timm.create_model(theirs)), ours)


@pytest.mark.parametrize(("theirs", "ours"), TORCHVISION.items(), ids=[*TORCHVISION])
def test_networks_of_torchvision_are_read(
    theirs: str, ours: str, shaken: Shaken
) -> None:
    check(shaken(models.get_model(theirs)), ours)


def test_our_own_module_reads_as_its_spec(shaken: Shaken) -> None:
    spec = network("rexnet_100")

    read = read_module(shaken(build(spec)), name=spec.name, resolution=SIDE)

    assert read.spec.channels == spec.channels
    assert {block.shortcut for block in read.spec.blocks} == {"partial"}
    squeezes = {block.squeeze_excite for block in read.spec.blocks}
    assert squeezes == {block.squeeze_excite for block in spec.blocks}


class Handmade(nn.Module):
    """An inverted-residual network that nobody's classes make: functions alone.

    Swish is a product, the shortcut is written into a slice, the gate is linear.
    """

    def __init__(self) -> None:
        super().__init__()
        self.weights = nn.ParameterDict()
        for name, shape in {
            "first": (8, 3, 3, 3),
            "wide": (16, 8, 1, 1),
            "deep": (16, 1, 5, 5),
            "narrow": (12, 16, 1, 1),
            "last": (20, 12, 1, 1),
        }.items():
            self.weights[name] = nn.Parameter(torch.randn(shape) / 4)
        self.norms = nn.ModuleDict(
            {name: nn.BatchNorm2d(w.shape[0]) for name, w in self.weights.items()}
        )
        self.squeeze, self.excite = nn.Linear(16, 4), nn.Linear(4, 16)
        self.scores = nn.Linear(20, 7)

    def forward(self, images: Tensor) -> Tensor:
        first = self.swish(self.filtered("first", images, stride=2, padding=1))
        wide = functional.leaky_relu(self.filtered("wide", first))
        deep = self.filtered("deep", wide, padding=2, groups=16)
        pooled = functional.adaptive_avg_pool2d(deep, 1).flatten(1)
        gate = torch.sigmoid(self.excite(functional.relu(self.squeeze(pooled))))
        deep = functional.relu6(deep * gate[:, :, None, None])
        block = self.filtered("narrow", deep)
        block[:, :8] += first
        last = self.swish(self.filtered("last", block))
        return self.scores(last.mean((2, 3)))

    def swish(self, images: Tensor) -> Tensor:
        return images * torch.sigmoid(images)

    def filtered(
        self, name: str, images: Tensor, stride: int = 1, padding: int = 0, groups=1
    ) -> Tensor:
        weight = self.weights[name]
        images = functional.conv2d(images, weight, None, stride, padding, 1, groups)
        return self.norms[name](images)


def test_a_module_of_functions_is_read(shaken: Shaken) -> None:
    module = shaken(Handmade())

    read = read_module(module, name="handmade", resolution=SIDE)

    (block,) = read.spec.blocks
    assert (block.out_channels, block.kernel_size, block.expand_ratio) == (12, 5, 2)
    assert block.shortcut == "partial"
    assert (block.expand_activation, block.depthwise_activation) == (
        "leaky_relu",
        "relu6",
    )
    assert block.squeeze_excite is not None
    assert block.squeeze_excite.position == "before_activation"
    assert read.spec.stem.activation == "silu"
    assert (read.spec.head.channels, read.spec.num_classes) == (20, 7)


class Run(nn.Module):
    """A function as a module."""

    def __init__(self, function: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.function = function

    def forward(self, images: Tensor) -> Tensor:
        return self.function(images)


SPELLED: dict[str, tuple[Callable[[Tensor], Tensor], str]] = {
    "hardtanh": (lambda x: functional.hardtanh(x, 0, 6), "relu6"),
    "clamped in place": (lambda x: x.clamp_(min=0, max=6), "relu6"),
    "threshold": (lambda x: functional.threshold(x, 0, 0), "relu"),
    "two in a row": (lambda x: torch.relu(functional.relu6(x, inplace=True)), "relu6"),
    "slope": (lambda x: functional.leaky_relu(x, 0.01), "leaky_relu"),
    "gate first": (lambda x: x.sigmoid().mul_(x), "silu"),
    "hard swish": (lambda x: x * functional.relu6(x + 3) / 6, "hard_swish"),
    "hard swish by name": (functional.hardswish, "hard_swish"),
    "in place": (lambda x: x.mul((x + 3).clamp_(0, 6)).div_(6), "hard_swish"),
    "scaled": (lambda x: torch.add(x, 1.5, alpha=2).clamp(0, 6) * x / 6, "hard_swish"),
    "nothing": (lambda x: 1 - (1 - x), "linear"),
}


@pytest.mark.parametrize(("function", "name"), SPELLED.values(), ids=[*SPELLED])
def test_a_nonlinearity_is_known_by_its_curve(
    function: Callable[[Tensor], Tensor], name: str
) -> None:
    module = timm.create_model("mobilenetv2_035", num_classes=10)
    module.blocks[2][0].bn2.act = Run(function)

    read = read_module(module, name="spelled", resolution=SIDE)

    assert read.spec.blocks[3].depthwise_activation == name


def test_a_module_is_left_as_it_was(shaken: Shaken) -> None:
    module = timm.create_model("mobilenetv2_035").train()
    module.blocks[0].eval()
    before = {name: value.clone() for name, value in module.state_dict().items()}

    read_module(module, name="mobilenetv2_035", resolution=SIDE)

    assert module.training
    assert not module.blocks[0].training
    after = module.state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before)


REFUSED = {
    "resnet18": r"block 0: bn1 is followed by max_pool2d",
    "tf_efficientnet_b0": r"the stem: .* is followed by pad",
    "efficientnetv2_rw_t": r"1x1; blocks.0.0.conv is a full 3x3 convolution$",
    "mixnet_s": r"block 1: add is followed by split",
}


@pytest.mark.parametrize(("name", "reason"), REFUSED.items(), ids=[*REFUSED])
def test_other_networks_are_refused_with_the_block_and_the_reason(
    name: str, reason: str
) -> None:
    with pytest.raises(SpecError, match=reason) as refused:
        read_module(timm.create_model(name), name=name, resolution=SIDE)

    assert "\n" not in str(refused.value)
    assert "needs blocks 1x1, depthwise, 1x1; " in str(refused.value)


def changed(change: Callable[[nn.Module], object]) -> nn.Module:
    module = timm.create_model("mobilenetv2_035", num_classes=10)
    change(module)
    return module


def test_a_layer_that_does_not_fit_is_named() -> None:
    def other_nonlinearity(module: nn.Module) -> None:
        module.blocks[2][0].bn2.act = nn.GELU()

    def learned_slopes(module: nn.Module) -> None:
        module.blocks[2][0].bn2.act = nn.PReLU()

    def a_second_pool(module: nn.Module) -> None:
        module.blocks[1][0] = nn.Sequential(module.blocks[1][0], nn.AvgPool2d(2))

    def unused_weights(module: nn.Module) -> None:
        module.spare = nn.Linear(3, 4)

    def another_eps(module: nn.Module) -> None:
        module.bn2.eps = 0.1

    no_such_nonlinearity = "a spec has no nonlinearity like that after blocks.2.0.bn2"
    for change, reason in (
        (other_nonlinearity, rf"block 3: {no_such_nonlinearity}"),
        (learned_slopes, rf"block 3: {no_such_nonlinearity}"),
        (a_second_pool, r"block 2: blocks.1.0.0.bn3 is followed by avg_pool2d"),
        (unused_weights, r"not read whole: the module has .* params"),
        (another_eps, r"batch norms have eps 1e-05, 0.1"),
    ):
        with pytest.raises(SpecError, match=reason):
            read_module(changed(change), name="changed", resolution=SIDE)


def test_an_operator_over_channels_is_no_nonlinearity() -> None:
    module = timm.create_model("mobilenetv2_035", num_classes=10)
    module.blocks[2][0].bn2.act = Run(lambda x: functional.normalize(x, dim=1))

    # The grid on which curves are drawn has no channels; SwiftFormer does this.
    with pytest.raises(SpecError, match="needs blocks 1x1, depthwise, 1x1"):
        read_module(module, name="normalised", resolution=SIDE)


def test_a_module_that_does_not_run_says_how_to_mend_it() -> None:
    with pytest.raises(MistakeError, match=r"does not run on .* give an image of"):
        read_module(nn.Conv2d(5, 8, 1), name="other", resolution=8)
    for made, kind in ((lambda x: (x, x), "2 tensors"), (lambda x: [x], "a list")):
        module = timm.create_model("mobilenetv2_035")
        with pytest.raises(SpecError, match=f"gives {kind}, not one"):
            read_module(nn.Sequential(module, Run(made)), name="several", resolution=32)
    with pytest.raises(SpecError, match="holds no weights"):
        read_module(nn.ReLU(), name="empty", resolution=8)
