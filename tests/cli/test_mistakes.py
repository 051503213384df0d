"""A mistake gets one line that names it and the way out, exit code 2, nothing lost."""

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from warm.programs import Programs

Say = Callable[..., Any]
Run = Callable[..., "subprocess.CompletedProcess[str]"]

# What is typed, and what the line says: the value, then the way out.
MISTAKES = [
    ("cost rexnet_10", ("rexnet_10", "nearest are", "rexpand list")),
    ("cost nowhere.toml", ("no file nowhere.toml",)),
    ("cost timm:rexnet_99", ("rexnet_99", "nearest are")),
    ("cost nowhere:net", ("cannot import module 'nowhere'", "package.module:factory")),
    ("list xception*", ("xception*", "rexpand list")),
    ("solve rexnet_100", ("budget is empty", "give --macs and/or --params")),
    (
        "solve rexnet_100 --macs 5M",
        (
            "needs at least 16,881,168 macs at 224 px",
            "allowed 5,000,000; raise --macs, lower --resolution",
        ),
    ),
    (
        "solve rexnet_100 --macs 45M",
        ("45,000,000", "raise --macs, or give --intercept of at most"),
    ),
    (
        "solve rexnet_100 --macs 1G --parameterization piecewise --knots 0-0",
        ("0-0", "0:0,5:1,15:4"),
    ),
    ("train search_18 --data nothing", ("nothing", "digits")),
    ("train search_18 --data cifar100 --data-root .", ("cifar100", "REXPAND_DATA")),
    ("train search_18 --recipe fast", ("fast", "choose from cifar")),
    ("train search_18 --train-subset 99999", ("99999", "1437")),
    ("evaluate nowhere.safetensors", ("nowhere.safetensors",)),
    ("search resume nowhere", ("nowhere", "rexpand search run")),
    ("search report nowhere", ("nowhere", "rexpand search run")),
    ("search compare nowhere", ("1 of the two studies", "folders of two or more")),
    ("search compare nowhere elsewhere", ("nowhere", "rexpand search run")),
    ("search run --data digits --macs 1", ("needs at least", "allowed 1; raise")),
    (
        "search run --data digits --macs 1M --slack 7",
        ("--slack is 7", "more than 0 and less than 1"),
    ),
    (
        "search run --data digits --macs 1M --params 100M --trials 3",
        ("100,000,000 params", "rexpand solve"),
    ),
    ("report training .", ("record.json", "rexpand train")),
    ("data check nothing", ("nothing",)),
]


@pytest.mark.parametrize(
    ("typed", "said"), MISTAKES, ids=[typed for typed, _ in MISTAKES]
)
def test_a_mistake_is_one_line_and_exit_code_2(
    typed: str, said: tuple[str, ...], say: Say
) -> None:
    done = say(*typed.split())

    assert done.code == 2, done.err
    assert done.out == ""
    assert done.err.count("\n") == 1, done.err
    for words in said:
        assert words in done.err


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name = ", "not valid TOML"),
        ('name = "x"', "missing key"),
        ("colour = 1", "unknown key colour"),
    ],
)
def test_a_spec_file_that_describes_no_network(
    text: str, said: str, say: Say, tmp_path: Path
) -> None:
    (tmp_path / "net.toml").write_text(text)

    done = say("cost", "net.toml")

    assert (done.code, done.err.count("\n")) == (2, 1)
    assert said in done.err


def test_a_spec_file_with_a_negative_width_or_falling_channels(
    rexpand: Run, tmp_path: Path
) -> None:
    rexpand("solve", "rexnet_100", "--macs", "398370392", "--out", "net.toml")
    text = (tmp_path / "net.toml").read_text()

    (tmp_path / "negative.toml").write_text(text.replace("= 27", "= -27"))
    (tmp_path / "falling.toml").write_text(text.replace("= 27", "= 270"))

    assert "-27" in rexpand("cost", "negative.toml").stderr
    assert "decrease from 270 to 38" in rexpand("cost", "falling.toml").stderr


def test_a_corrupt_data_set_is_named(rexpand: Run, tmp_path: Path) -> None:
    images = np.zeros((20, 8, 8), np.uint8)
    labels = np.arange(20) % 2
    np.savez(
        tmp_path / "mine.npz",
        train_images=images, train_labels=labels, test_images=images, test_labels=labels,
    )  # fmt: skip
    path = tmp_path / "mine.npz"
    path.write_bytes(path.read_bytes()[:-200])

    done = rexpand("train", "search_18", "--data", "mine.npz")

    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "mine.npz" in done.stderr


def test_an_image_folder_with_one_class(rexpand: Run, tmp_path: Path) -> None:
    from PIL import Image

    for part in ("train", "test"):
        (tmp_path / "shop" / part / "shoe").mkdir(parents=True)
        Image.new("RGB", (16, 16)).save(tmp_path / "shop" / part / "shoe" / "a.png")

    done = rexpand("train", "search_18", "--data", "shop")

    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "shop" in done.stderr


def test_checkpoints_that_are_truncated_or_of_other_data(
    rexpand: Run, tmp_path: Path
) -> None:
    trained = ("train", "search_18", "--epochs", "1", "--train-subset", "64")
    assert rexpand(*trained, "--out", "run").returncode == 0
    weights = tmp_path / "run" / "seed-0" / "network.safetensors"
    torn = tmp_path / "torn.safetensors"
    torn.write_bytes(weights.read_bytes()[:-7])

    assert "truncated: 7 bytes" in rexpand("evaluate", str(torn)).stderr
    # The same folder with other settings is refused, and stays as it was.
    before = weights.read_bytes()
    again = rexpand("train", "search_30", *trained[2:], "--out", "run")
    assert again.returncode == 2
    assert "other settings" in again.stderr
    assert weights.read_bytes() == before


@pytest.mark.parametrize(
    "command",
    [
        "train search_18 --train-subset 9999",
        "train search_18 --recipe search",  # holds out more than there are
        "search run --macs 2M --train-subset 9999",
        "search run --macs 10",
        "rank factors --data digits --train-subset 9999",
        "upgrade mobilenetv2_100 --train digits --train-subset 9999",
    ],
)
def test_a_refused_command_leaves_no_half_made_folder(
    command: str, say: Say, tmp_path: Path
) -> None:
    done = say(*command.split(), "--out", "new/below")

    assert done.code == 2
    assert not (tmp_path / "new").exists()


def test_ctrl_c_keeps_what_is_done_and_prints_the_resume_line(
    programs: Programs, tmp_path: Path
) -> None:
    command = "search run --data digits --macs 500k --trials 50 --seeds 1 --epochs 2"
    process = programs.start(*command.split(), "--out", "study", folder=tmp_path)
    while not [*tmp_path.glob("study/trials/*/*/record.json")]:
        assert process.poll() is None
        time.sleep(0.01)

    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)

    assert process.returncode == 128 + signal.SIGINT
    assert errors.endswith("to continue: rexpand search resume study\n")
    assert [*tmp_path.glob("study/trials/*/*/record.json")]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small disk")
def test_a_full_disk_is_one_line(programs: Programs, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(disk)], check=False
    )
    if mounted.returncode:
        pytest.skip("this machine does not let root mount a tmpfs")
    try:
        command = "train search_18 --epochs 3 --train-subset 100 --out"
        done = programs.run(*command.split(), str(disk / "run"))
    finally:
        subprocess.run(["umount", str(disk)], check=True)

    assert done.returncode == 2, done.stderr
    assert "the disk is full" in done.stderr
