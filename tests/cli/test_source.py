"""NETWORK[@WEIGHTS] as every verb takes it: one network, one image size, one line for a
mistake."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from photos import write_photos
from rexpand.cost import cost_of
from rexpand.models import build, save_network
from rexpand.spec import ImageContract, network

Run = Callable[..., "subprocess.CompletedProcess[str]"]


def document(done: "subprocess.CompletedProcess[str]") -> Any:
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Two classes of two images, in val/ alone."""
    classes = ("n01440764", "n01443537")
    return write_photos(
        tmp_path / "photos", {"val": 2}, height=64, width=80, classes=classes
    )


@pytest.mark.slow
def test_a_network_of_timm_has_one_image_size(rexpand: Run, photos: Path) -> None:
    pytest.importorskip("timm")
    name = "timm:efficientnet_b3"

    cost = document(rexpand("cost", name, "--json"))
    lint = document(rexpand("lint", name, "--json"))
    rounded = document(
        rexpand("round", name, "--multiple-of", "8", "--runtime", "none", "--json")
    )
    upgraded = document(rexpand("upgrade", name, "--json", "--out", "up"))
    ranked = document(
        rexpand(
            *("rank", "network", name, "--data", str(photos), "--images", "2"),
            *("--layers", "conv_stem", "--json"),
        )
    )

    # 288 pixels, what it was trained at; macs at any other size are others.
    assert cost["resolution"] == 288
    assert ranked["networks"][0]["resolution"] == 288
    macs = {
        cost["macs"], lint["macs"], rounded["macs"], upgraded["before"]["macs"],
    }  # fmt: skip
    assert len(macs) == 1


def test_resolution_is_another_size_for_one_verb(rexpand: Run) -> None:
    pytest.importorskip("timm")

    cost = document(
        rexpand("cost", "timm:mobilenetv2_050", "--resolution", "96", "--json")
    )

    assert cost["resolution"] == 96
    ours = network("mobilenetv2_050")
    assert cost["macs"] == cost_of(ours, 96).macs


def test_controls_cost_what_the_builder_costs(rexpand: Run, tmp_path: Path) -> None:
    text = "rexnet_100:width_mult=0.75,input=cifar"
    spec = network("rexnet_100", width_mult=0.75, input="cifar")
    (tmp_path / "net.toml").write_text(
        'network = "rexnet_100"\n[controls]\nwidth_mult = 0.75\ninput = "cifar"\n'
    )

    typed = document(rexpand("cost", text, "--json"))
    filed = document(rexpand("cost", "net.toml", "--json"))

    assert typed == filed
    assert typed["channels"] == list(spec.channels)
    assert (typed["macs"], typed["resolution"]) == (cost_of(spec).macs, 32)


def test_weights_are_judged_on_the_images_that_they_want(
    rexpand: Run, photos: Path, tmp_path: Path
) -> None:
    contract = ImageContract(
        channels=3, height=32, width=32, mean=(0.5,) * 3, std=(0.25,) * 3, crop=0.5,
        class_names=("n01443537", "n01440764"), origin="checkpoint",
    )  # fmt: skip
    spec = network("search_18").with_classes(2)
    save_network(build(spec), tmp_path / "net.safetensors", contract)

    found = document(
        rexpand("evaluate", "net.safetensors", "--data", str(photos), "--json")
    )
    said = rexpand("evaluate", "net.safetensors", "--data", str(photos))

    assert found["images"] == 4
    assert found["classes_by"] == "names"
    assert found["contract"]["std"] == [0.25] * 3
    assert "crop 0.5, bilinear, mean 0.5 0.5 0.5, std 0.25 0.25 0.25" in said.stdout


def test_images_that_nobody_describes_are_noted(
    rexpand: Run, photos: Path, tmp_path: Path
) -> None:
    spec = network("search_18").with_classes(2)
    save_network(build(spec), tmp_path / "net.safetensors")

    done = rexpand("evaluate", "net.safetensors", "--data", str(photos))

    assert done.returncode == 0, done.stderr
    assert "the images that net.safetensors expects are not known" in done.stderr
    assert "(from: data); classes matched by order" in done.stdout


def test_the_ranks_of_trained_weights_stand_beside_their_top_1(
    rexpand: Run, photos: Path, tmp_path: Path
) -> None:
    spec = network("search_18").with_classes(2)
    save_network(build(spec), tmp_path / "net.safetensors")
    arguments = ("net.safetensors", "--data", str(photos), "--json")

    judged = document(rexpand("evaluate", *arguments))
    ranked = document(rexpand("rank", "network", *arguments, "--layers", "stem.conv"))

    (found,) = ranked["networks"]
    assert found["accuracy"] == judged["accuracy"]
    assert found["contract"]["height"] == 32


MISTAKES = [
    ("cost rexnet_100:widthmult=2", ("control 'widthmult'", "width_mult")),
    ("cost rexnet_100:width_mult=wide", ("width_mult is 'wide'",)),
    ("report channels timm:rexnet_100", ("timm:rexnet_100 is a module without",)),
    ("evaluate search_18@absent.npz", ("no file absent.npz",)),
    ("evaluate timm:rexnet_99@w.npz", ("rexnet_99", "nearest are")),
    ("train nowhere:net@w.npz", ("nowhere:net", "package.module:factory")),
    ("train search_18@absent.npz", ("no file absent.npz",)),
    ("upgrade torchvision:resnet19", ("resnet19", "nearest are")),
    ("round rexnet_10", ("rexnet_10", "rexpand list")),
    ("lint timm:rexnet_100:input=cifar", ("no control can change it",)),
    ("list rexnet_100:output_stride=7", ("output_stride 7", "choose from")),
    ("rank network search_18:num_classes=0@w.bin", ("w.bin is not a file of weights",)),
    ("search run --network rexnet_10 --macs 1M", ("rexnet_10", "rexpand list")),
    ("search run --network search_18@w.npz --macs 1M", ("fresh weights", "w.npz")),
    ("cost rexnet_100@", ("rexnet_100@ names no file",)),
    ("cost rexnet_100@absent.npz", ("no file absent.npz",)),
    ("lint rexnet_100@absent.npz", ("no file absent.npz",)),
    ("report channels rexnet_10", ("rexnet_10", "rexpand list")),
]


@pytest.mark.parametrize(
    ("typed", "said"), MISTAKES, ids=[typed for typed, _ in MISTAKES]
)
def test_a_mistake_is_one_line_and_exit_code_2(
    typed: str, said: tuple[str, ...], rexpand: Run
) -> None:
    done = rexpand(*typed.split())

    assert done.returncode == 2, done.stderr
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1, done.stderr
    for words in said:
        assert words in done.stderr


def test_weights_of_another_network_are_one_line(rexpand: Run, tmp_path: Path) -> None:
    save_network(build(network("search_30")), tmp_path / "net.safetensors")

    done = rexpand("evaluate", "search_18@net.safetensors", "--data", "digits")

    assert done.returncode == 2
    assert done.stderr.count("\n") == 1, done.stderr
    assert "net.safetensors holds others" in done.stderr
