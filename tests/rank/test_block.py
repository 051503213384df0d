"""A user's block through the layer study."""

import pytest

from rexpand.errors import ForeignCodeError, RankError, UnknownNameError
from rexpand.rank.layers import LayerDesign, measure_points
from rexpand.rank.protocol import Protocol

BLOCKS = """
import torch
from torch import nn


def plain(d_in, d_out, activation):
    acts = {"linear": nn.Identity, "relu": nn.ReLU}
    return nn.Sequential(nn.Conv2d(d_in, d_out, 1, bias=False), acts[activation]())


def narrow(d_in, d_out, activation):
    return nn.Conv2d(d_in, d_out + 1, 1)


def strict(d_in, d_out, activation):
    return nn.Conv2d(d_in + 1, d_out, 1)


def strided(d_in, d_out, activation):
    return nn.Sequential(nn.Conv2d(d_in, d_out, 1), nn.AdaptiveAvgPool2d(1))


def listed(d_in, d_out, activation):
    class Listed(nn.Module):
        def forward(self, images):
            return [images]
    return Listed()


def broken(d_in, d_out, activation):
    class Broken(nn.Module):
        def forward(self, images):
            return torch.full((len(images), d_out), float("nan"))
    return Broken()
"""


@pytest.fixture
def here(tmp_path, monkeypatch):
    (tmp_path / "rank_blocks.py").write_text(BLOCKS)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path


def study(name, protocol=None, **changes):
    settings = {
        "preset": "own",
        "protocol": protocol or Protocol(sizes=(10, 30)),
        "activations": ("linear", "relu"),
        "dim_ratios": (0.3,),
        "networks": 12,
    }
    block = name if ":" in name else f"rank_blocks:{name}"
    return measure_points(LayerDesign(**{**settings, **changes}, block=block))


@pytest.mark.kernels
def test_a_block_is_measured_under_its_path(here):
    linear, relu = study("plain")

    assert linear.structure == "rank_blocks:plain"
    assert linear.rank_ratio == pytest.approx(0.3)
    assert relu.rank_ratio > 0.5
    assert (linear, relu) == tuple(study("plain"))


@pytest.mark.kernels
def test_a_block_that_is_a_1x1_is_like_the_built_in_one(here):
    protocol = Protocol(sizes=(40, 40))
    ours = measure_points(
        LayerDesign(
            preset="own",
            protocol=protocol,
            structures=("conv1x1",),
            activations=("relu",),
            dim_ratios=(0.3,),
            networks=60,
        )
    )

    theirs = study("plain", protocol, activations=("relu",), networks=60)

    # Other random networks of the same distribution.
    assert theirs[0].rank_ratio == pytest.approx(ours[0].rank_ratio, abs=0.02)


def test_a_block_may_keep_its_own_weights(here):
    own = study("plain", Protocol(sizes=(10, 30), weights="own"))

    # Small weights leave ReLU to fewer kinks: another number than standard normal.
    assert own[1].rank_ratio != study("plain")[1].rank_ratio


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("narrow", "gives .* channels where d_out is"),
        ("strict", "cannot map .* to .* channels with linear on 1x1 pixels"),
        ("listed", "gives a list; it must give a tensor"),
        ("broken", r"rank_blocks:broken has .* NaN or infinite"),
    ],
)
def test_a_block_that_cannot_be_measured_is_refused_by_name(here, name, words):
    with pytest.raises((RankError, ForeignCodeError), match=words):
        study(name)


def test_a_block_that_gives_too_few_positions_is_refused(here):
    with pytest.raises(RankError, match=r"positions for .* bound the rank"):
        study("strided", Protocol(sizes=(40, 40), spatial_size=4))


@pytest.mark.parametrize("path", ["rank_blocks", ":plain", "rank_blocks:"])
def test_a_path_that_names_no_factory_shows_the_form(here, path):
    with pytest.raises(UnknownNameError, match=r"give package\.module:factory"):
        LayerDesign(preset="own", protocol=Protocol(), block=path)


def test_unknown_modules_and_factories_are_named(here):
    with pytest.raises(UnknownNameError, match="cannot import module 'nowhere'"):
        study("nowhere:plain")
    with pytest.raises(UnknownNameError, match="nearest are rank_blocks:plain"):
        study("rank_blocks:plane")
