"""Files of torch give the scores of the network, and run without it."""

from pathlib import Path

import pytest
import torch
from torch import nn

from rexpand.deploy import (
    export_program,
    export_script,
    program_difference,
    program_operators,
    script_difference,
    script_operators,
)
from rexpand.errors import ForeignCodeError
from rexpand.models import build
from small_networks import IMAGE, small

NAMES = ("rexnet_100", "shufflenetv2_100")


@pytest.mark.parametrize("name", NAMES)
def test_a_program_gives_the_same_scores(name: str, tmp_path: Path) -> None:
    module = small(name)

    export_program(module, IMAGE, tmp_path / "net.pt2")

    # Of one image and of three, though two were traced.
    assert program_difference(module, IMAGE, tmp_path / "net.pt2") < 1e-4
    assert program_operators(tmp_path / "net.pt2")["batch_norm.default"] == 0
    assert module.training


@pytest.mark.parametrize("name", NAMES)
def test_a_script_gives_the_same_scores(name: str, tmp_path: Path) -> None:
    module = small(name)

    export_script(module, IMAGE, tmp_path / "net.pt")

    assert script_difference(module, IMAGE, tmp_path / "net.pt") < 1e-4
    assert script_operators(tmp_path / "net.pt")["batch_norm"] == 0
    assert module.training


def test_a_file_of_other_weights_is_told_apart(tmp_path: Path) -> None:
    export_script(small("search_18"), IMAGE, tmp_path / "net.pt")
    torch.manual_seed(1)
    other = build(small("search_18").spec)

    assert script_difference(other, IMAGE, tmp_path / "net.pt") > 0.1


class Choosing(nn.Module):
    """Another path for other numbers, which no program holds."""

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return images.sum(1) if bool((images > 0).any()) else images.mean(1)


def test_what_torch_cannot_write_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(ForeignCodeError, match="Choosing cannot be written as a prog"):
        export_program(Choosing(), IMAGE, tmp_path / "net.pt2")

    assert [*tmp_path.iterdir()] == []
