"""CondenseNet's channels, its source's counts, and what cannot be a dense layer."""

from dataclasses import replace

import pytest

from rexpand.cost import cost_of
from rexpand.errors import SpecError
from rexpand.spec import (
    Dense,
    Head,
    Source,
    condensenet,
    network,
    with_learned_groups,
)


@pytest.mark.parametrize("name", ["condensenet_74_g4", "condensenet_74_g8"])
def test_it_has_74_layers_and_the_growths_of_the_command(name):
    spec = network(name)

    # Stem and classifier, and two convolutions a layer.
    assert 2 + 2 * spec.depth == 74
    ends = [spec.channels[i] for i in (3, 9, 17, 27, 35)]
    assert ends == [48, 144, 400, 1040, 2064]
    assert spec.sizes() == (112,) * 4 + (56,) * 6 + (28,) * 8 + (14,) * 10 + (7,) * 8


@pytest.mark.parametrize(
    ("name", "printed"), [("condensenet_74_g4", 529), ("condensenet_74_g8", 274)]
)
def test_the_source_counts_activations_pooling_and_biases(name, printed):
    spec = network(name)
    before, size = spec.stem.out_channels, spec.stem.out_size(224)
    extra = spec.num_classes  # biases of the classifier

    for block in spec.blocks:
        if block.stride > 1:
            size //= 2
            extra += before * size**2 * 4
        extra += (before + block.inner(block.out_channels - before)) * size**2
        before = block.out_channels
    extra += 2 * before * size**2  # the last activation, and the last pooling

    # To the last digit printed, for both; the macs alone are 517M and 262M.
    assert round((cost_of(spec).macs + extra) / 1e6) == printed


def test_the_classifier_sees_half_of_the_features():
    spec = network("condensenet_74_g4")
    whole = replace(spec, head=replace(spec.head, condense_factor=1))

    assert cost_of(whole).params - cost_of(spec).params == 1032 * 1000


def test_each_group_sees_one_input_in_condense_factor():
    block = Dense(out_channels=64, groups=4, condense_factor=8)

    assert block.chosen(32) == 16
    assert block.inner(32) == 128


@pytest.mark.parametrize(
    ("width_mult", "stem", "growth"), [(0.1, 8, 4), (0.5, 8, 4), (2.0, 32, 16)]
)
def test_growths_are_multiples_of_the_groups(width_mult, stem, growth):
    spec = condensenet(name="scaled", groups=4, width_mult=width_mult)

    assert (spec.stem.out_channels, spec.channels[0]) == (stem, stem + growth)


@pytest.mark.parametrize(
    ("channels", "message"),
    [
        ([16], "of 16 channels after 16 adds none"),
        ([22], "groups 4 do not divide the 6 channels that a dense layer adds"),
    ],
)
def test_a_layer_that_cannot_grow_is_refused(channels, message):
    spec = network("condensenet_74_g4")

    with pytest.raises(SpecError, match=message):
        spec.with_channels([*channels, *spec.channels[1:]])


def test_features_that_do_not_halve_are_refused():
    spec = replace(network("mobilenetv2_100"), num_classes=10)

    with pytest.raises(SpecError, match="3 do not divide the 1280 features"):
        replace(spec, head=Head(condense_factor=3))


def test_groups_that_take_their_inputs_in_order_cost_the_same():
    learned = network("condensenet_74_g4")

    plain = with_learned_groups(learned, False)

    assert Source.parse("condensenet_74_g4:learned_groups=false").spec == plain
    assert plain != learned
    assert cost_of(plain) == cost_of(learned)


def test_what_has_no_groups_that_learn_is_refused():
    with pytest.raises(SpecError, match="has no layers that choose their inputs"):
        with_learned_groups(network("rexnet_100"), False)


def test_a_classifier_that_is_pooled_last_sees_everything():
    with pytest.raises(SpecError, match="condense_factor = 1, or classifier"):
        Head(classifier="convolution", condense_factor=2)
