"""The mixed bottleneck, said again with a branch a kernel."""

from dataclasses import replace

import pytest
import torch
from torch.nn.functional import conv2d

from rexpand.blocks import build_block
from rexpand.errors import SpecError
from rexpand.models import build
from rexpand.spec import MixedBottleneck, Stem, network
from rounding import agree, depth_of

pytestmark = pytest.mark.usefixtures("float64")

IMAGES = torch.linspace(-2, 2, 2 * 6 * 9 * 9).sin().view(2, 6, 9, 9).double()


@pytest.mark.kernels
def test_each_kernel_is_a_network_of_its_own():
    block = MixedBottleneck(
        out_channels=6,
        kernel_sizes=(3, 5),
        kernel_shares=(7, 2),
        expand_ratio=1.5,
        stride=2,
    )
    module = build_block(block, 6).eval()

    # AtomNAS searches branches that are summed up: expand, kernel, project each.
    expand, project = module.expand.conv.weight, module.project.conv.weight
    scale = 1 / (1 + module.expand.norm.eps) ** 0.5  # of a fresh norm
    total, start = 0, 0
    for kernel in module.depthwise.conv.parts:
        own = slice(start, start + kernel.out_channels)
        hidden = (conv2d(IMAGES, expand[own]) * scale).relu()
        hidden = conv2d(
            hidden,
            kernel.weight,
            stride=2,
            padding=kernel.kernel_size[0] // 2,
            groups=kernel.out_channels,
        )
        total = total + conv2d((hidden * scale).relu(), project[:, own])
        start = own.stop

    assert [k.out_channels for k in module.depthwise.conv.parts] == [7, 2]
    assert agree(module(IMAGES), total * scale, depth=depth_of(module))


def test_groups_see_their_own_channels_only():
    block = MixedBottleneck(out_channels=8, expand_groups=2, project_groups=2)
    module = build_block(block, 6).eval()

    changed = IMAGES.clone()
    changed[:, 3:] += 1
    differs = (module(IMAGES) != module(changed)).any(dim=(0, 2, 3))

    # Inputs 3 to 5 reach the second half alone, through both 1x1 convolutions.
    assert differs.tolist() == [False] * 4 + [True] * 4


@pytest.mark.parametrize("stride", [1, 2, 3])
def test_every_kernel_keeps_the_size_but_for_the_stride(stride):
    block = MixedBottleneck(out_channels=4, kernel_sizes=(1, 3, 11), stride=stride)

    outputs = build_block(block, 6)(IMAGES)

    assert outputs.shape == (2, 4, -(-9 // stride), -(-9 // stride))


def test_a_dilated_block_keeps_the_size():
    block = MixedBottleneck(out_channels=4, kernel_sizes=(3, 7), dilation=2)

    assert build_block(block, 6)(IMAGES).shape == (2, 4, 9, 9)


def test_dropping_paths_leaves_the_shortcut():
    module = build_block(MixedBottleneck(out_channels=6), 6).train()

    module.drop_path.rate = 1 - 1e-9

    assert torch.equal(module(IMAGES), IMAGES)


def test_what_does_not_divide_goes_to_the_first_kernel():
    block = MixedBottleneck(out_channels=8, kernel_sizes=(3, 5, 7), expand_ratio=1)

    # As in TensorFlow's release: 11 = 5 + 3 + 3.
    assert block.kernel_parts(11) == (5, 3, 3)


def test_an_inner_width_may_follow_from_the_inputs():
    base = network("atomnas_c_plus").blocks[5]

    # 24 inputs become 199 atoms: half of the inputs, or half of the atoms.
    assert base.squeezed(24) == 12
    assert replace(base, squeeze_reference="expanded").squeezed(24) == 99


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"kernel_sizes": ()}, "kernel_sizes is empty"),
        ({"kernel_sizes": (3, 4)}, "kernel_size 4 is not odd"),
        ({"kernel_shares": (1, 2)}, "2 kernel_shares for 1 kernel_sizes"),
        ({"kernel_shares": (0,)}, "kernel_shares is 0"),
        ({"expand_ratio": 0.0}, "expand_ratio is 0.0; give more than 0"),
        ({"expand_groups": 0}, "expand_groups is 0"),
        ({"project_groups": 9}, "8 channels are too few for 9 project_groups"),
        ({"squeeze_reference": "outputs"}, "choose from expanded, inputs"),
    ],
)
def test_a_block_that_cannot_be_is_refused(changes, message):
    with pytest.raises(SpecError, match=message):
        MixedBottleneck(out_channels=8, **changes)


@pytest.mark.parametrize(
    ("block", "message"),
    [
        (
            MixedBottleneck(out_channels=8, kernel_sizes=(3, 5, 7), expand_ratio=1),
            "2 channels are too few for 3 kernel_sizes",
        ),
        (
            MixedBottleneck(out_channels=8, expand_groups=3),
            "2 channels are too few for 3 expand_groups",
        ),
    ],
)
def test_too_few_inputs_are_refused_by_the_network(block, message):
    spec = network("mixnet_s")

    with pytest.raises(SpecError, match=message):
        replace(spec, stem=Stem(out_channels=2), blocks=(block,))


def test_a_thin_network_still_builds():
    # The narrowest: 8 channels everywhere, in groups and several kernels.
    spec = network("mixnet_m", width_mult=0.01)

    assert set(spec.channels) == {8}
    assert build(spec)(torch.zeros(2, 3, 32, 32)).shape == (2, 1000)
