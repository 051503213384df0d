import pytest

from rexpand.errors import SpecError
from rexpand.spec import SeparableStack, network


def test_maps_have_the_sizes_and_channels_of_the_papers_figure():
    spec = network("xception")

    # Figure 5: entry flow to 19x19x728, eight times the middle flow, exit flow.
    assert spec.sizes() == (147, 74, 37, 19, *(19,) * 8, 10, 10, 10)
    assert spec.channels == (64, 128, 256, *(728,) * 9, 1024, 1536, 2048)


def test_the_first_stack_has_no_activation_in_front_and_the_last_two_no_shortcut():
    stacks = [b for b in network("xception").blocks if isinstance(b, SeparableStack)]

    assert [stack.input_activation for stack in stacks] == [
        "linear", *("relu",) * 11, "linear", "linear",
    ]  # fmt: skip
    assert [stack.shortcut for stack in stacks[-2:]] == ["none", "none"]
    assert [stack.output_activation for stack in stacks[-2:]] == ["relu", "relu"]


def test_a_stack_grows_in_its_first_repeat_or_in_its_last():
    first = SeparableStack(out_channels=9, repeats=3)
    last = SeparableStack(out_channels=9, repeats=3, growth="last")

    assert first.widths(4, 9) == (4, 9, 9, 9)
    assert last.widths(4, 9) == (4, 4, 4, 9)


def test_depth_multiplies_the_middle_flow():
    assert network("xception", depth_mult=0.5).depth == 11
    assert network("xception", depth_mult=2).depth == 23


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"repeats": 0}, "repeats is 0"),
        ({"growth": "middle"}, "growth 'middle' is unknown"),
        ({"shortcut": "dense"}, "shortcut 'dense' is unknown"),
        ({"between_activation": "tanh"}, "between_activation 'tanh' is unknown"),
    ],
)
def test_a_stack_that_cannot_be_is_refused(fields, message):
    with pytest.raises(SpecError, match=message):
        SeparableStack(out_channels=8, **fields)


def test_an_image_smaller_than_the_unpadded_kernels_is_refused():
    with pytest.raises(SpecError, match="resolution 6 leaves no pixel for block 1"):
        network("xception").sizes(6)
