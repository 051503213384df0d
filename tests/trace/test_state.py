"""A module is after the pass what it was before; a mistake is one line."""

import random

import pytest
import torch
from torch import Tensor, nn

from rexpand.errors import MistakeError
from rexpand.trace import layer_seconds, measured_roofline, trace


class Restless(nn.Module):
    """Writes to itself, draws, caches, and frees itself of no habit."""

    def __init__(self, computes: bool) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(3)
        self.register_buffer("calls", torch.zeros(()))
        self.cached: Tensor | None = None
        self.constant = torch.ones(3, 1, 1)
        self.computes = computes

    def forward(self, images: Tensor) -> Tensor:
        self.calls += 1
        self.cached = images * self.constant
        if self.computes and bool(images.sum() > 0):
            return images
        noise = torch.rand(3, 1, 1, device=images.device)
        return self.norm(images) + noise + torch.rand(1).item()


@pytest.mark.parametrize("computes", [False, True])
@pytest.mark.parametrize("training", [False, True])
def test_a_module_is_left_as_it_was(computes: bool, training: bool) -> None:
    module = Restless(computes).train(training)
    module.norm.eval()
    seen: list[str] = []
    module.norm.register_forward_hook(lambda *_: seen.append("hook"))
    state = {name: tensor.clone() for name, tensor in module.state_dict().items()}
    attributes = {name: dict(part.__dict__) for name, part in module.named_modules()}
    parameters = [(id(p), p.device, p.requires_grad) for p in module.parameters()]
    random_state = torch.get_rng_state()

    cost = trace(module, (3, 4, 4))

    assert cost.device == ("cpu" if computes else "meta")
    assert all(torch.equal(module.state_dict()[name], state[name]) for name in state)
    assert [
        (id(p), p.device, p.requires_grad) for p in module.parameters()
    ] == parameters
    assert torch.equal(torch.get_rng_state(), random_state)
    # Mode, caches, hooks and tensors that are no buffers: every attribute, the same one.
    for name, part in module.named_modules():
        assert part.__dict__.keys() == attributes[name].keys()
        assert all(
            part.__dict__[key] is value for key, value in attributes[name].items()
        )
    # The user's hook ran, once, and is still there.
    assert seen == ["hook"]
    assert len(module.norm._forward_hooks) == 1
    assert torch.is_grad_enabled()


def test_a_failure_leaves_a_module_as_it_was() -> None:
    module = nn.Sequential(nn.Conv2d(3, 4, 3), nn.Linear(7, 2)).train()
    before = [dict(part.__dict__) for part in module.modules()]

    with pytest.raises(MistakeError):
        trace(module, (3, 9, 8))

    assert [part.__dict__ for part in module.modules()] == before
    assert not any(parameter.is_meta for parameter in module.parameters())


class Two(nn.Module):
    def forward(self, images: Tensor, mask: Tensor) -> Tensor:
        return torch.nn.functional.conv2d(images * mask, torch.ones(2, 3, 1, 1))


def test_several_inputs_are_asked_for_by_name() -> None:
    with pytest.raises(MistakeError) as mistake:
        trace(Two(), (3, 5, 5))

    message = str(mistake.value)
    # What was seen, and how to give an example: one line.
    assert "Two does not run on a tensor of shape (1, 3, 5, 5)" in message
    assert "missing 1 required positional argument: 'mask'" in message
    assert "trace(module, inputs=(images, mask))" in message
    assert "\n" not in message


def test_an_example_of_several_inputs() -> None:
    cost = trace(Two(), inputs=(torch.zeros(1, 3, 5, 5), torch.ones(1, 1, 5, 5)))

    assert cost.total.macs == 25 * 6
    assert cost.inputs == ((1, 3, 5, 5), (1, 1, 5, 5))


def test_a_path_that_depends_on_values_needs_them() -> None:
    class Choosing(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.small, self.large = nn.Conv2d(3, 1, 1), nn.Conv2d(3, 9, 1)

        def forward(self, images: Tensor) -> Tensor:
            return self.large(images) if images.mean() > 0 else self.small(images)

    module = Choosing()

    # An image of zeros goes one way; the other needs an example.
    assert trace(module, (3, 4, 4)).total.macs == 16 * 3
    assert trace(module, inputs=(torch.ones(1, 3, 4, 4),)).total.macs == 16 * 27
    # What never ran still has its parameters.
    assert trace(module, (3, 4, 4)).total.params == 4 + 36
    with pytest.raises(MistakeError, match="build it on a device instead of meta"):
        trace(module.to("meta"), (3, 4, 4))


def test_a_wrong_number_of_channels_is_torchs_own_error() -> None:
    with pytest.raises(MistakeError, match="to have 3 channels, but got 4 channels"):
        trace(nn.Conv2d(3, 4, 1), (4, 8, 8))


def test_half_precision_gets_an_example_of_its_own() -> None:
    assert trace(nn.Conv2d(3, 4, 1).bfloat16(), (3, 8, 8)).total.macs == 64 * 12


def test_every_layer_is_timed() -> None:
    module = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU())

    seconds = layer_seconds(module, (3, 16, 16), runs=3)

    assert len(seconds) == len(trace(module, (3, 16, 16)).layers)
    assert all(0 < each < 1 for each in seconds)


def test_a_roofline_has_both_peaks_with_their_spread() -> None:
    module = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU())

    measured = measured_roofline(module, (3, 16, 16), name="mine", runs=2, seconds=0.05)

    for peak in (measured.peaks.macs, measured.peaks.memory):
        assert peak.n >= 3
        assert 0 < peak.low <= peak.median <= peak.high <= peak.rate
    assert [each.kind for each in measured.by_kind()].count("convolution") == 1
    assert sum(each.share for each in measured.by_kind()) == pytest.approx(1)


def test_random_state_of_python_is_not_ours_to_change() -> None:
    random.seed(0)
    before = random.getstate()

    trace(nn.Conv2d(3, 4, 1), (3, 8, 8))

    assert random.getstate() == before


@pytest.mark.filterwarnings("ignore:`torch.jit.script`")
def test_a_scripted_module_keeps_its_mode_and_its_statistics() -> None:
    plain = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4))
    scripted = torch.jit.script(plain).train()
    before = {name: tensor.clone() for name, tensor in scripted.state_dict().items()}

    cost = trace(scripted, (3, 8, 8))

    assert cost.total.macs == trace(plain, (3, 8, 8)).total.macs == 36 * 4 * 27
    assert scripted.training
    assert all(part.training for part in scripted.modules())
    after = scripted.state_dict()
    assert all(torch.equal(after[name], before[name]) for name in before)


def test_a_lazy_module_must_run_once_before() -> None:
    lazy = nn.Sequential(nn.LazyConv2d(4, 3))

    with pytest.raises(MistakeError, match=r"0\.weight has no shape yet"):
        trace(lazy, (3, 8, 8))
    lazy(torch.zeros(1, 3, 8, 8))

    assert trace(lazy, (3, 8, 8)).total.macs == 36 * 4 * 27
