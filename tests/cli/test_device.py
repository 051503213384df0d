"""A device that is asked for is used, in workers too, or refused in one line."""

import os
from collections.abc import Callable
from typing import Any

import pytest
import torch

from rexpand.cli.device import use_device

Say = Callable[..., Any]
VERBS = [
    "train search_18 --out run",
    "evaluate search_18",
    "search run --macs 500k --out study",
    "search resume study",
    "search export study",
    "predict search_18 image.png",
    "rank factors --out factors",
    "rank layers --out layers",
    "rank axes --out layers",
    "train factors --out factorial",
]


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers inherit the choice by the environment, and so would the next test."""
    for name in ("CUDA_VISIBLE_DEVICES", "ACCELERATE_USE_CPU"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)


@pytest.mark.parametrize("typed", VERBS)
@pytest.mark.parametrize("device", ["gpu", "cuda:x", "cuda:-1", "", "cpu,cuda"])
def test_a_device_of_no_known_name_is_one_line(typed, device, say: Say):
    said = say(*typed.split(), "--device", device)

    assert said.code == 2
    assert said.err == (
        f"rexpand: --device is '{device}'; give cpu, cuda, cuda:0, mps or auto\n"
    )


@pytest.mark.parametrize("typed", VERBS)
@pytest.mark.parametrize("device", ["cuda:999", "mps"])
def test_a_device_that_is_not_there_is_one_line(typed, device, say: Say, tmp_path):
    if device == "mps" and torch.backends.mps.is_available():
        pytest.skip("this machine has it")

    said = say(*typed.split(), "--device", device)

    assert said.code == 2
    assert said.err == (
        f"rexpand: no device '{device}' was found; give --device cpu, or no --device\n"
    )
    assert [*tmp_path.iterdir()] == []


@pytest.mark.parametrize("device", ["cpu", "auto"])
def test_a_training_runs_where_it_was_asked_to(device, say: Say, tmp_path):
    asked = f"train search_18 --epochs 1 --train-subset 40 --device {device} --out run"

    assert say(*asked.split()).code == 0

    record = (tmp_path / "run" / "seed-0" / "record.json").read_text()
    if device == "cpu" or not torch.cuda.is_available():
        assert '"device": "cpu"' in record


def test_the_cpu_is_alone_visible_where_it_is_asked_for():
    use_device("cpu")

    assert os.environ["CUDA_VISIBLE_DEVICES"] == ""
    assert os.environ["ACCELERATE_USE_CPU"] == "true"


def test_a_gpu_is_counted_among_the_visible_ones(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    for visible, asked, chosen in (
        (None, "cuda:1", "1"),
        ("4,7", "cuda:1", "7"),
        ("4,7", "cuda:2", ""),
    ):
        if visible is None:
            os.environ.pop("CUDA_VISIBLE_DEVICES", None)
        else:
            os.environ["CUDA_VISIBLE_DEVICES"] = visible

        use_device(asked)

        assert os.environ["CUDA_VISIBLE_DEVICES"] == chosen


def test_by_itself_nothing_is_chosen():
    use_device("auto")

    assert "CUDA_VISIBLE_DEVICES" not in os.environ
