import pytest
import torch
from torch.nn import functional

from rexpand import spec
from rexpand.blocks import Fire
from rounding import agree, depth_of

pytestmark = pytest.mark.usefixtures("float64")


def fire(**changes) -> Fire:
    block = spec.Fire(
        out_channels=8,
        squeeze_ratio=0.25,
        wide_ratio=0.375,
        expand_activation="silu",
        **changes,
    )
    torch.manual_seed(0)
    return Fire(block, 4).eval()


@pytest.mark.kernels
def test_a_fire_module_is_its_formula():
    block = fire(stride=2)
    maps = torch.randn(2, 4, 8, 8)

    outputs = block(maps)

    # Pool, squeeze, then 1x1 and 3x3 side by side, in this order.
    pooled = functional.max_pool2d(maps, 3, 2, ceil_mode=True)
    squeezed = block.squeeze.conv(pooled).relu()
    narrow, wide = block.narrow.conv(squeezed), block.wide.conv(squeezed)
    expected = functional.silu(torch.cat((narrow, wide), 1))
    assert agree(outputs, expected, depth=depth_of(block))
    assert (narrow.shape[1], wide.shape[1]) == (5, 3)


@pytest.mark.parametrize(("size", "pooled"), [(2, 1), (3, 1), (4, 2), (13, 6), (14, 7)])
def test_its_pooling_takes_the_last_pixels(size, pooled):
    # Caffe's rule: ceil((size - 3) / 2) + 1.
    assert fire(stride=2)(torch.randn(1, 4, size, size)).shape == (1, 8, pooled, pooled)


@pytest.mark.parametrize("kernel_size", [3, 5])
@pytest.mark.parametrize("dilation", [1, 2])
def test_dilation_and_kernel_keep_the_size(kernel_size, dilation):
    block = fire(kernel_size=kernel_size, dilation=dilation)

    assert block(torch.randn(1, 4, 9, 9)).shape == (1, 8, 9, 9)


def test_there_is_no_norm_and_every_convolution_has_a_bias():
    names = {name.rpartition(".")[2] for name, _ in fire().named_parameters()}

    assert names == {"weight", "bias"}
    assert len(list(fire().parameters())) == 6
