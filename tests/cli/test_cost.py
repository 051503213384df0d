"""`rexpand cost` of any module: tables that add up, and numbers for programs."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Say = Callable[..., Any]
Run = Callable[..., "subprocess.CompletedProcess[str]"]

OWN = """
import torch
from torch import nn
from torch.nn import functional as F


def net():
    body = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU())
    return nn.Sequential(body, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 5))


class Two(nn.Module):
    def forward(self, images, mask):
        return images * mask


class Spectral(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Conv2d(3, 4, 1)

    def forward(self, images):
        return torch.fft.rfft2(self.layer(images)).abs()


class Choosing(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Conv2d(3, 4, 1)

    def forward(self, images):
        return self.layer(images) if self.layer.weight.abs().sum() > 0 else images
"""


@pytest.fixture
def own(rexpand: Run, tmp_path: Path) -> Run:
    """The program, beside a file of the user's own modules."""
    (tmp_path / "mine.py").write_text(OWN)
    return rexpand


def document(done: "subprocess.CompletedProcess[str]") -> Any:
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_blocks_layers_and_tree_of_a_module_add_up(own: Run) -> None:
    cost = document(
        own(
            *("cost", "mine:net", "--resolution", "16", "--json"),
            *("--blocks", "--layers", "--tree"),
        )
    )

    macs = 27 * 8 * 256 + 40
    assert cost["macs"] == macs
    assert cost["device"] == "meta"
    assert cost["uncounted"] == []
    for parts in (cost["parts"], cost["layers"], cost["tree"]["children"]):
        assert sum(part["macs"] for part in parts) == macs
    kinds = [layer["kind"] for layer in cost["layers"]]
    assert kinds == ["convolution", "norm", "activation", "pool", "linear"]
    first = cost["layers"][0]
    assert first["memory_access"] >= first["memory_bound"] > 0
    assert first["intensity"] == pytest.approx(
        first["macs"] / (4 * first["memory_access"])
    )


def test_conventions_of_rexnet_by_name(rexpand: Run) -> None:
    cost = document(rexpand("cost", "rexnet_100", "--conventions", "--json"))

    # The papers' 398M; the others as the tools print them for timm's module.
    assert cost["conventions"]["papers"] == cost["macs"] == 398370392
    assert cost["conventions"]["torch"] == 2 * 398370392
    assert set(cost["conventions"]) == {
        *("papers", "macs", "with_norm", "with_norm_and_activations"),
        *("torch", "fvcore", "ptflops", "thop"),
    }
    for name, gaps in cost["gaps"].items():
        total = sum(gap["count"] for gap in gaps)
        assert cost["conventions"][name] == 398370392 + total


def test_conventions_are_told_with_their_reasons(own: Run) -> None:
    done = own("cost", "mine:net", "--resolution", "16", "--conventions")

    assert done.returncode == 0, done.stderr
    # 8 channels of 256 pixels, and every one of them once more into the pool.
    assert "61,480  + 2 per element of batch norm: 4.096k" in done.stdout
    assert "+ 1 per element into adaptive average pooling: 2.048k" in done.stdout


def test_what_was_not_counted_is_said(own: Run) -> None:
    done = own("cost", "mine:Spectral", "--resolution", "8")

    assert done.returncode == 0, done.stderr
    assert "not counted    _fft_r2c, once" in done.stdout


def test_a_module_that_needs_values_is_counted_with_them(own: Run) -> None:
    cost = document(own("cost", "mine:Choosing", "--resolution", "8", "--json"))

    assert (cost["device"], cost["macs"]) == ("cpu", 64 * 12)


def test_a_module_of_two_inputs_is_one_line(own: Run) -> None:
    done = own("cost", "mine:Two")

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    for words in ("Two", "(1, 3, 224, 224)", "'mask'", "inputs=(images, mask)"):
        assert words in done.stderr


def test_a_network_of_one_size_is_counted_at_it(rexpand: Run) -> None:
    cost = document(rexpand("cost", "timm:vit_tiny_patch16_384", "--json"))
    refused = rexpand("cost", "timm:vit_tiny_patch16_384", "--resolution", "100")

    assert cost["resolution"] == 384
    assert (refused.returncode, refused.stderr.count("\n")) == (2, 1)
    assert "doesn't match model (384)" in refused.stderr


def test_the_size_of_the_image_is_printed_with_the_counts(rexpand: Run) -> None:
    first, *_ = rexpand("cost", "timm:efficientnet_b3").stdout.splitlines()

    # Trained at 288 pixels.
    assert first.split() == ["resolution", "288", "pixels"]


def test_a_roofline_leaves_its_page_and_figures(own: Run, tmp_path: Path) -> None:
    cost = document(
        own(
            *("cost", "mine:net", "--resolution", "32", "--json"),
            *("--roofline", "--out", "roof"),
        )
    )

    roofline = cost["roofline"]
    for peak in (roofline["macs_per_second"], roofline["bytes_per_second"]):
        assert peak["n"] >= 3
        assert 0 < peak["low"] <= peak["median"] <= peak["high"] <= peak["rate"]
    assert sum(each["share"] for each in roofline["kinds"]) == pytest.approx(1)
    assert "Roofline" in (tmp_path / roofline["report"]).read_text(encoding="utf-8")
    for ending in ("svg", "png"):
        assert (tmp_path / "roof" / "figures" / f"roofline.{ending}").stat().st_size


@pytest.mark.parametrize(
    ("typed", "image", "parts"),
    [
        ("ssdlite --resolution 64", (64, 64), ["backbone", "extra", "heads"]),
        (
            "mask_rcnn --resolution 60",
            (60, 100),
            ["backbone", "pyramid", "proposals", "boxes", "masks"],
        ),
    ],
)
def test_a_detector_costs_what_its_parts_do(own, typed, image, parts) -> None:
    command = ["cost", "mobilenetv2_035", "--detector", *typed.split()]

    found = document(own(*command, "--tree", "--json"))
    shown = own(*command)

    assert (found["height"], found["width"]) == image
    assert [part["name"] for part in found["detector_parts"]] == parts
    for name in ("params", "macs"):
        assert found[name] == sum(part[name] for part in found["detector_parts"])
        assert found[name] == found["tree"][name]
    assert f"{image[0]}x{image[1]}  pixels" in shown.stdout


def test_a_detector_is_not_timed(own: Run) -> None:
    done = own("cost", "mobilenetv2_035", "--detector", "ssdlite", "--roofline")

    assert done.returncode == 2
    assert "a roofline times a network, not a detector" in done.stderr


def test_images_need_not_be_square(say: Say) -> None:
    tall = json.loads(
        say("cost", "rexnet_100", "--resolution", "224x160", "--json").out
    )
    controlled = say("cost", "rexnet_100:resolution=224x160", "--json")
    square = say("cost", "rexnet_100", "--resolution", "224x224", "--json")

    # A rectangle is written as it is typed, a square by its side.
    assert tall["resolution"] == "224x160"
    assert json.loads(controlled.out)["macs"] == tall["macs"]
    assert json.loads(square.out)["resolution"] == 224


@pytest.mark.parametrize("typed", ["224x", "axb", "-224x160", "224x160x3"])
def test_what_is_no_size_is_refused_with_the_way_to_say_one(say: Say, typed) -> None:
    said = say("cost", "rexnet_100", f"--resolution={typed}")

    assert said.code == 2
    assert f"is '{typed}'; give pixels, 1 to 8192, or height x width" in said.err


def test_a_detector_takes_one_side(say: Say) -> None:
    said = say("cost", "search_18", "--detector", "ssdlite", "--resolution", "64x32")

    assert said.code == 2
    assert "64x32 pixels are not square" in said.err
