"""One process is the special case of many: the norm is then torch's own."""

from collections.abc import Iterator

import pytest
import torch
from torch import Tensor, distributed, nn

from rexpand.blocks import synchronised


@pytest.fixture
def alone() -> Iterator[None]:
    """A group of one process."""
    distributed.init_process_group(
        "gloo", store=distributed.HashStore(), rank=0, world_size=1
    )
    try:
        yield
    finally:
        distributed.destroy_process_group()


def passed(norm: nn.Module, maps: Tensor) -> list[Tensor]:
    """The output, all gradients and the statistics after one step."""
    maps = maps.clone().requires_grad_()
    output = norm(maps)
    (output * torch.arange(output.numel()).view_as(output).cos()).sum().backward()
    gradients = [each.grad for each in norm.parameters()]
    found = [output, maps.grad, *gradients, *norm.buffers()]
    return [each.detach().double() for each in found if each is not None]


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize("shape", [(5, 3, 4, 2), (5, 3)], ids=["maps", "vectors"])
def test_a_group_of_one_normalises_as_torch_does(shape: tuple[int, ...]) -> None:
    kind = nn.BatchNorm2d if len(shape) == 4 else nn.BatchNorm1d
    own, theirs = (nn.Sequential(kind(3, eps=1e-3).double()) for _ in range(2))
    maps = 3 + 2 * torch.randn(shape, dtype=torch.float64)

    synchronised(own, torch.device("cpu"))

    # Sums in another order, at 2**-53 for each of a few dozen terms.
    assert type(own[0]) is not type(theirs[0])
    for found, expected in zip(passed(own, maps), passed(theirs, maps), strict=True):
        torch.testing.assert_close(found, expected, rtol=1e-12, atol=1e-12)


@pytest.mark.usefixtures("alone")
def test_it_takes_over_parameters_and_names() -> None:
    network = nn.Sequential(nn.Conv2d(1, 3, 1), nn.BatchNorm2d(3))
    before = dict(network.named_parameters())

    synchronised(network, torch.device("cpu"))

    # An optimiser and a checkpoint of before know it.
    after = dict(network.named_parameters())
    assert after.keys() == before.keys()
    assert all(after[name] is before[name] for name in before)
    assert "1.running_var" in network.state_dict()


def test_in_evaluation_it_needs_no_group() -> None:
    network = nn.Sequential(nn.BatchNorm2d(3)).eval()
    maps = torch.randn(2, 3, 4, 4)
    expected = network(maps)

    synchronised(network, torch.device("cpu"))

    assert torch.equal(network(maps), expected)
