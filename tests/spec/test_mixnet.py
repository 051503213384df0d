"""MixNet's layout against timm's, and its multipliers."""

import pytest
import torch

from rexpand.errors import SpecError
from rexpand.spec import network

timm = pytest.importorskip("timm")


@pytest.mark.parametrize("name", ["mixnet_s", "mixnet_m", "mixnet_l"])
def test_channels_strides_and_kernels_are_timms(name):
    spec = network(name)
    with torch.device("meta"):
        theirs = [block for stage in timm.create_model(name).blocks for block in stage]

    for block, their in zip(spec.blocks, theirs, strict=True):
        kernels = getattr(their.conv_dw, "values", lambda their=their: [their.conv_dw])
        layers = list(kernels())
        assert block.kernel_sizes == tuple(layer.kernel_size[0] for layer in layers)
        assert block.stride == layers[0].stride[0]
        norm = their.bn2 if block.expand_ratio == 1 else their.bn3
        assert block.out_channels == norm.num_features
    assert spec.head.dropout == {"mixnet_s": 0.2}.get(name, 0.25)


def test_wider_networks_keep_the_head_and_deeper_ones_repeat_the_last_row():
    wide = network("mixnet_s", width_mult=2.0)
    deep = network("mixnet_s", depth_mult=1.5)

    assert wide.channels == tuple(2 * width for width in network("mixnet_s").channels)
    assert wide.head.channels == 1536
    # Stages of 1, 2, 4, 3, 3, 3 blocks, rounded up.
    assert deep.depth == 2 + 3 + 6 + 5 + 5 + 5
    assert deep.blocks[-1] == deep.blocks[-3]


@pytest.mark.parametrize("multiplier", ["width_mult", "depth_mult"])
def test_a_multiplier_of_nothing_is_refused(multiplier):
    with pytest.raises(SpecError, match=f"{multiplier} is 0.0; give more than 0"):
        network("mixnet_s", **{multiplier: 0.0})
