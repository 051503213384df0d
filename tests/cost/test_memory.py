"""What is refused for its memory could not have worked: the bounds are lower bounds."""

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from rexpand.cost import (
    bytes_of_pass,
    bytes_to_build,
    bytes_to_run,
    bytes_to_train,
)
from rexpand.errors import MistakeError, SpecError
from rexpand.memory import check_addresses, check_memory, usable_memory
from rexpand.models import build, build_for_training, check_runs
from rexpand.spec import network
from rexpand.trace import trace

# One network of every way to combine maps: added, joined, gated, shuffled, grouped.
NAMES = [
    "search_18", "rexnet_100", "mobilenetv3_large_100", "resnet18", "squeezenet_1_1",
    "shufflenetv2_100", "shufflenetv1_g3_100", "condensenet_74_g4", "mixnet_s",
    "legacy_xception", "efficientnet_b0",
]  # fmt: skip


def kept_for_the_gradient(module: torch.nn.Module, images: torch.Tensor) -> int:
    """Bytes that the forward pass keeps, without the weights."""
    weights = {each.untyped_storage().data_ptr() for each in module.parameters()}
    kept: dict[int, torch.UntypedStorage] = {}

    def pack(tensor: torch.Tensor) -> torch.Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in weights:
            kept[storage.data_ptr()] = storage
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        module.train()(images)
    return sum(storage.nbytes() for storage in kept.values())


@pytest.mark.parametrize("name", NAMES)
def test_training_keeps_at_least_what_is_said(name):
    spec = network(name).for_images(resolution=64, in_channels=3).with_classes(10)
    images = torch.zeros(4, 3, 64, 64)

    said = bytes_to_train(spec, 4, per_weight=0)

    # Every convolution's output at least; dense blocks copy what they join besides.
    assert said <= kept_for_the_gradient(build_for_training(spec), images) <= 10 * said


@pytest.mark.parametrize("name", NAMES)
def test_weights_take_what_is_said(name):
    spec = network(name)
    with torch.device("meta"):
        weights = [*build(spec).parameters()]

    assert bytes_to_build(spec) == sum(w.numel() * w.element_size() for w in weights)
    # Weight, gradient, momentum and average.
    for copies in (1, 4):
        assert bytes_to_train(spec, 0, per_weight=copies) == copies * bytes_to_build(
            spec
        )


def test_running_holds_images_and_the_largest_map_besides_the_weights():
    spec = network("rexnet_100")

    # The stem gives 32 maps of 112 x 112, and no block a larger output.
    bytes_each = 4 * (3 * 224 * 224 + 32 * 112 * 112)
    assert bytes_to_run(spec, 8) == bytes_to_build(spec) + 8 * bytes_each


class Largest(TorchDispatchMode):
    """The most bytes that one operator reads and writes, learned tensors aside."""

    def __init__(self, module: torch.nn.Module) -> None:
        super().__init__()
        learned = (*module.parameters(), *module.buffers())
        self.learned = {each.untyped_storage().data_ptr() for each in learned}
        self.bytes = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        returned = func(*args, **(kwargs or {}))
        held = {
            each.untyped_storage().data_ptr(): each.untyped_storage().nbytes()
            for each in tree_leaves((args, returned))
            if isinstance(each, torch.Tensor)
        }
        found = sum(held[each] for each in held.keys() - self.learned)
        self.bytes = max(self.bytes, found)
        return returned


@pytest.mark.parametrize("name", NAMES)
def test_a_pass_holds_what_one_operator_reads_and_writes(name):
    module = build(network(name).for_images(resolution=64, in_channels=3)).eval()
    weights = bytes_to_build(module.spec)

    with torch.inference_mode(), Largest(module) as largest:
        module(torch.zeros(4, 3, 64, 64))
    said = bytes_of_pass(trace(module, (3, 64, 64)), 4)

    # Never more than torch holds; additions and activations may hold more.
    assert bytes_to_run(module.spec, 4) <= 2 * said
    assert said - weights <= largest.bytes <= 2 * (said - weights)


def test_too_much_is_refused_with_both_numbers():
    with pytest.raises(SpecError) as refused:
        check_memory("building x", 3 * 2**30, "give less", most=2**30)

    assert str(refused.value) == (
        "building x needs at least 3.0 GiB of memory, and there is 1.0; give less"
    )


def test_a_network_that_no_memory_holds_is_refused_before_it_is_built():
    with pytest.raises(SpecError, match=r"building rexnet_100 needs at least .* GiB"):
        build("rexnet_100:width_mult=1000")

    # Without memory it can be built, and costed.
    with torch.device("meta"):
        assert build("rexnet_100:width_mult=20").spec.name == "rexnet_100"


def test_a_batch_that_no_memory_holds_is_refused_before_it_runs():
    module = build("search_18")

    check_runs(module, images=1, resolution=32)
    with pytest.raises(SpecError, match=r"search_18 on 65536 images at 8192 px needs"):
        check_runs(module, images=65536, resolution=8192)
    # Of a module of another make nothing is known.
    check_runs(torch.nn.Identity(), images=65536, resolution=8192)


def test_memory_is_what_the_process_may_use(monkeypatch):
    import resource

    whole = usable_memory()
    limits = resource.RLIMIT_AS, (2**40, resource.RLIM_INFINITY)
    before = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(*limits)
    try:
        # A limit above the machine's memory changes nothing.
        assert 2**28 < usable_memory() == whole <= 2**40
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


def test_addresses_that_a_limit_forbids_are_refused_in_one_line():
    import resource

    check_addresses("drawing a figure", 2**50)
    before = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (2**43, before[1]))
    try:
        check_addresses("drawing a figure", 2**43)
        with pytest.raises(MistakeError, match=r"reserves 8,193 GiB .* may have 8,192"):
            check_addresses("drawing a figure", 2**43 + 2**30)
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)
