from typing import get_args

import pytest

from rexpand.spec import ResidualShortcut
from rexpand.spec.blocks.shortcut import adds


@pytest.mark.parametrize("shortcut", get_args(ResidualShortcut))
@pytest.mark.parametrize("in_channels", [4, 5, 6])
@pytest.mark.parametrize("out_channels", [4, 5, 6])
@pytest.mark.parametrize("stride", [1, 2])
def test_a_shortcut_adds_where_its_name_says(
    shortcut, in_channels, out_channels, stride
):
    wanted = {
        "none": False,
        "identity": stride == 1 and in_channels == out_channels,
        "partial": stride == 1 and in_channels <= out_channels,
        "projection": True,
    }

    # Never across a stride, never into fewer channels, unless a convolution leads there.
    assert adds(shortcut, in_channels, out_channels, stride) == wanted[shortcut]
