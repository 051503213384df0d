from dataclasses import FrozenInstanceError, fields, is_dataclass, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import rexpand.spec
from rexpand.errors import SpecError
from rexpand.spec import (
    DepthwiseSeparable,
    Fire,
    Head,
    InvertedBottleneck,
    MixedBottleneck,
    NetworkSpec,
    SqueezeExcite,
    Stem,
    network,
    relaxed,
    rexnet,
)

VALUES = [
    kind
    for kind in vars(rexpand.spec).values()
    if isinstance(kind, type) and is_dataclass(kind)
]


@pytest.mark.parametrize("kind", VALUES, ids=lambda kind: kind.__name__)
def test_values_are_frozen_and_named_field_by_field(kind):
    # A positional argument would hang on the order of the fields.
    assert kind.__dataclass_params__.frozen
    assert all(field.kw_only for field in fields(kind))


def test_a_spec_cannot_be_changed_in_place():
    with pytest.raises(FrozenInstanceError):
        network("rexnet_100").resolution = 32


def test_equal_fields_make_equal_specs():
    # A spec is a value: equal, and equal as a key.
    first, second = network("rexnet_100"), rexnet(name="rexnet_100")
    assert first == second
    assert hash(first) == hash(second)


@settings(deadline=None)
@given(spec=st.from_type(NetworkSpec), data=st.data())
def test_with_channels_changes_the_channels_and_nothing_else(spec, data):
    counts = st.integers(1, 99)
    channels = data.draw(st.lists(counts, min_size=spec.depth, max_size=spec.depth))

    other = spec.with_channels(channels)

    assert other.channels == tuple(channels)
    assert other.with_channels(spec.channels) == spec


@pytest.mark.parametrize("count", [0, 15, 17])
def test_channels_are_as_many_as_blocks(count):
    # The message counts both.
    with pytest.raises(
        SpecError, match=f"{count} channels for 16 blocks of rexnet_100"
    ):
        network("rexnet_100").with_channels([64] * count)


def test_decreasing_channels_are_refused_where_the_family_forbids_it():
    spec = network("search_18")

    # The message says where they decrease, and the ways out.
    with pytest.raises(SpecError, match="decrease from 34 to 33 at block 3") as raised:
        spec.with_channels([32, 33, 34, 33, 35])
    assert "non_decreasing = false" in str(raised.value)


def test_decreasing_channels_are_fine_where_the_family_allows_them():
    spec = replace(network("search_18"), non_decreasing=False)

    assert spec.with_channels([5, 4, 3, 2, 1]).channels == (5, 4, 3, 2, 1)


def test_equal_neighbours_do_not_decrease():
    assert network("search_18").with_channels([7] * 5).channels == (7,) * 5


def test_classes_and_images_are_replaced_by_name():
    spec = network("rexnet_100").with_classes(10)

    small = spec.for_images(resolution=8, in_channels=1)

    assert (small.num_classes, small.resolution, small.in_channels) == (10, 8, 1)
    assert small.channels == spec.channels


SPEC = network("search_18")
MISTAKES = [
    (lambda: Stem(out_channels=0), "out_channels is 0"),
    (lambda: Stem(out_channels=-3), "out_channels is -3"),
    (lambda: Stem(out_channels=4, stride=0), "stride is 0"),
    (lambda: Stem(out_channels=4, kernel_size=4), "kernel_size 4 is not odd"),
    (
        lambda: Stem(out_channels=4, activation="swish"),
        "'swish' is unknown; choose .*silu",
    ),
    (lambda: Head(channels=-1), "channels is -1"),
    (lambda: Head(hidden=-1), "hidden is -1"),
    (lambda: Head(dropout=1.0), r"dropout is 1.0; give at least 0 and less than 1"),
    (lambda: Head(dropout=float("nan")), "dropout is nan"),
    (lambda: InvertedBottleneck(out_channels=0), "out_channels is 0"),
    (lambda: InvertedBottleneck(out_channels=4, stride=0), "stride is 0"),
    (lambda: InvertedBottleneck(out_channels=4, kernel_size=2), "kernel_size 2 is not"),
    (
        lambda: InvertedBottleneck(out_channels=4, kernel_size=-1),
        "kernel_size is -1",
    ),
    (
        lambda: InvertedBottleneck(out_channels=4, expand_ratio=0.5),
        "expand_ratio is 0.5",
    ),
    (
        lambda: InvertedBottleneck(out_channels=4, expand_ratio=float("nan")),
        "expand_ratio is nan",
    ),
    (
        lambda: InvertedBottleneck(out_channels=4, expand_ratio=float("inf")),
        "expand_ratio is inf",
    ),
    (
        lambda: InvertedBottleneck(out_channels=4, expand_multiple=-1),
        "expand_multiple is -1",
    ),
    (
        lambda: InvertedBottleneck(out_channels=4, shortcut="full"),
        "shortcut 'full' is unknown; choose from partial, identity, none",
    ),
    (
        lambda: InvertedBottleneck(out_channels=4, project_activation="tanh"),
        "project_activation 'tanh' is unknown",
    ),
    (lambda: DepthwiseSeparable(out_channels=-4), "out_channels is -4"),
    (
        lambda: DepthwiseSeparable(out_channels=4, pointwise_activation="gelu"),
        "pointwise_activation 'gelu' is unknown",
    ),
    (lambda: SqueezeExcite(reduction=0), "reduction is 0"),
    (lambda: SqueezeExcite(reduction=4, gate="tanh"), "gate 'tanh' is unknown"),
    (
        lambda: SqueezeExcite(reduction=4, position="first"),
        "choose from before_activation, after_activation",
    ),
    (lambda: replace(SPEC, blocks=()), "number of blocks is 0"),
    (lambda: replace(SPEC, resolution=0), "resolution is 0"),
    (lambda: replace(SPEC, in_channels=0), "in_channels is 0"),
    (lambda: replace(SPEC, num_classes=-1), "num_classes is -1"),
]


@pytest.mark.parametrize(("make", "message"), MISTAKES, ids=[m for _, m in MISTAKES])
def test_a_value_that_makes_no_network_is_refused_where_it_enters(make, message):
    # The message quotes the value.
    with pytest.raises(SpecError, match=message):
        make()


def test_an_expansion_of_one_is_no_expansion():
    assert InvertedBottleneck(out_channels=8, expand_ratio=1).expanded(27) == 27


@pytest.mark.parametrize(
    ("ratio", "multiple_of", "expanded"), [(6.0, 1, 162), (1.5, 1, 41), (6.0, 8, 160)]
)
def test_expanded_channels_are_rounded_to_the_multiple(ratio, multiple_of, expanded):
    block = InvertedBottleneck(
        out_channels=8, expand_ratio=ratio, expand_multiple=multiple_of
    )

    # 27 x 1.5 = 40.5: half up, the rule of TensorFlow's rounding.
    assert block.expanded(27) == expanded


@pytest.mark.parametrize(
    ("channels", "multiple_of", "squeezed"),
    [(228, 1, 19), (227, 1, 18), (5, 1, 1), (288, 8, 24), (192, 16, 16)],
)
def test_the_squeezed_width_is_the_floor_of_the_quotient(
    channels, multiple_of, squeezed
):
    squeeze = SqueezeExcite(reduction=12, multiple_of=multiple_of)

    # `channels // 12`, at least one, then the nearest multiple.
    assert squeeze.squeezed(channels) == squeezed


def test_a_relaxed_spec_rounds_nothing():
    spec = relaxed(network("rexnetr_100"))

    assert {block.expand_multiple for block in spec.blocks} == {0}
    assert {b.squeeze_excite.multiple_of for b in spec.blocks if b.squeeze_excite} == {
        0
    }
    # Channels, strides and everything else stay.
    assert spec.channels == network("rexnetr_100").channels
    assert spec.blocks[5].squeeze_excite.squeezed(30) == 2.5


SPEC = network("search_18")
BEYOND = [
    (lambda: Stem(out_channels=10**12), "out_channels is 1000000000000; give 1 to"),
    (lambda: Stem(out_channels=8, kernel_size=10_001), "kernel_size is 10001; give 1"),
    (lambda: Stem(out_channels=8.0), r"out_channels is 8\.0; give a whole number"),
    (lambda: Stem(out_channels=True), "out_channels is True; give a whole number"),
    (lambda: Stem(out_channels="8"), "out_channels is '8'; give a whole number"),
    (lambda: Stem(out_channels=None), "out_channels is None; give a whole number"),
    (lambda: Head(channels=10**400), "channels is a number of 401 digits; give 0 to"),
    (lambda: Head(dropout=float("-inf")), "dropout is -inf; give at least 0"),
    (lambda: SqueezeExcite(reduction=10**30), "reduction is 10+; give 1 to 65536"),
    (lambda: Fire(out_channels=8, stride=10**9), "stride is 1000000000; give 1 to 64"),
    (
        lambda: MixedBottleneck(out_channels=8, kernel_sizes=(3, 10_001)),
        "kernel_sizes is 10001; give 1 to 101",
    ),
    (
        lambda: MixedBottleneck(out_channels=8, kernel_sizes=[3]),
        r"kernel_sizes is \[3\]; give a tuple",
    ),
    (lambda: replace(SPEC, resolution=10**9), "resolution is 1000000000; give 1 to"),
    (lambda: replace(SPEC, num_classes=10**12), "num_classes is 1000000000000; give"),
    (lambda: replace(SPEC, norm_eps=float("nan")), "norm_eps is nan; give 0 to 1"),
    (
        lambda: replace(SPEC, blocks=SPEC.blocks[:1] * 10_001),
        "number of blocks is 10001",
    ),
    (
        lambda: replace(SPEC, name="a\nb"),
        r"name is 'a\\nb'; give a short printable line",
    ),
    (lambda: replace(SPEC, name="a\x1b[31m"), "give a short printable line"),
    (lambda: replace(SPEC, name="a\x00b"), "give a short printable line"),
    (lambda: replace(SPEC, name="../../a"), "give a short printable line without / or"),
    (lambda: replace(SPEC, name="x" * 10_000), "of 10000 characters; give at most 100"),
    (lambda: replace(SPEC, name=""), "name is ''; give a short printable line"),
    (lambda: replace(SPEC, name=3), "name is 3; give a short printable line"),
]


@pytest.mark.parametrize(("make", "message"), BEYOND, ids=[m for _, m in BEYOND])
def test_a_value_beyond_its_range_is_refused_from_python_too(make, message):
    with pytest.raises(SpecError, match=message) as refused:
        make()

    assert str(refused.value).isprintable()
