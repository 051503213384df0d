"""A command in several processes says one line, and none of them waits for a dead one."""

import json
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cli.conftest import Say, Start
from disturbing import is_inside_an_epoch
from launching import besides_progress, ended, launch
from photos import write_photos
from rexpand.data.epoch import plan_epoch
from warm.programs import Programs

TRAINING = "train search_18 --data digits --train-subset 300 --set sync_norm=true"


@pytest.mark.slow
def test_two_processes_train_and_evaluate_as_one_command(
    start: Start, rexpand: Callable[..., Any], tmp_path: Path
) -> None:
    typed = f"{TRAINING} --epochs 1 --json --out {tmp_path}/run".split()
    codes, out, err = ended(start(*typed))

    # One document, one line of progress, one record that says how many they were.
    assert codes == [0, 0], err
    document = json.loads(out)
    assert besides_progress(err) == []
    folder = tmp_path / "run" / "seed-0"
    record = json.loads((folder / "record.json").read_text())
    assert record["provenance"]["processes"] == 2

    network = str(folder / "network.safetensors")
    codes, out, err = ended(start("evaluate", network, "--data", "digits", "--json"))
    alone = json.loads(
        rexpand("evaluate", network, "--data", "digits", "--json").stdout
    )

    # 360 images in batches of 256 are counted once each; the loss is a sum in another
    # order.
    assert codes == [0, 0], err
    found = json.loads(out)
    assert found["images"] == alone["images"] == 360
    assert found["accuracy"] == alone["accuracy"]
    assert found["top5"] == alone["top5"]
    assert found["loss"] == pytest.approx(alone["loss"], rel=1e-5)
    assert document["folder"] == f"{tmp_path}/run"


@pytest.mark.slow
def test_a_killed_process_ends_the_others_and_the_same_command_goes_on(
    start: Start, tmp_path: Path
) -> None:
    typed = f"{TRAINING} --epochs 4 --checkpoint-every 1 --out".split()
    codes, _, err = ended(start(*typed, str(tmp_path / "whole")))
    assert codes == [0, 0], err

    codes, err = killed_inside_an_epoch(start, typed, tmp_path / "killed")

    # One line besides those of the epochs; the lost process has no code of its own.
    lines = besides_progress(err)
    assert "\n".join(lines) == (
        "rexpand: another of the 2 processes has ended; the same command continues "
        "where the training stands"
    )
    assert codes == [1, -signal.SIGKILL]
    assert not (tmp_path / "killed" / "seed-0" / "record.json").exists()

    codes, _, err = ended(start(*typed, str(tmp_path / "killed")))

    assert codes == [0, 0], err
    whole, killed = (
        (tmp_path / name / "seed-0" / "network.safetensors").read_bytes()
        for name in ("whole", "killed")
    )
    # Sums of two are the same in both orders: not a bit differs.
    assert _tensors(killed) == _tensors(whole)


@pytest.mark.slow
def test_what_two_processes_began_one_goes_on_with(
    start: Start, programs: Programs, tmp_path: Path
) -> None:
    typed = f"{TRAINING} --epochs 4 --checkpoint-every 1 --out".split()
    killed_inside_an_epoch(start, typed, tmp_path / "run")

    programs.succeed(*typed, str(tmp_path / "run"))

    record = json.loads((tmp_path / "run/seed-0/record.json").read_text())
    assert len(record["epochs"]) == 4
    assert record["provenance"]["processes"] == 1


def killed_inside_an_epoch(
    start: Start, typed: list[str], folder: Path
) -> tuple[list[int], str]:
    """Kill one of two processes that train; the exit codes, and what the main one said."""
    processes = start(*typed, str(folder))
    state = folder / "seed-0" / "state.safetensors"
    while not is_inside_an_epoch(state):
        time.sleep(0.01)
        assert processes[0].poll() is None
    processes[1].send_signal(signal.SIGKILL)
    codes, _, err = ended(processes)
    return codes, err


def _tensors(checkpoint: bytes) -> bytes:
    """A checkpoint without its header, which has times."""
    return checkpoint[8 + int.from_bytes(checkpoint[:8], "little") :]


@pytest.mark.slow
def test_a_mistake_that_one_process_meets_is_told_by_the_main_one(
    start: Start, tmp_path: Path
) -> None:
    photos = write_photos(
        tmp_path / "photos", {"train": 4, "test": 2}, height=32, width=32
    )
    files = sorted((photos / "train").glob("*/*.png"))
    # The first epoch of seed 0 draws from 1; the second process has the last four.
    order = plan_epoch(8, seed=1, augmentation=None, resolution=32, channels=3).order
    bad = files[int(order[-1])]
    content = bad.read_bytes()
    bad.write_bytes(content[: len(content) // 2])

    typed = f"train search_18 --data {photos} --resolution 32 --epochs 1 --out"
    codes, _, err = ended(
        start(*typed.split(), str(tmp_path / "run"), "--batch-size", "8")
    )

    # It names the file and the way out, and is a mistake in both.
    assert err.startswith("rexpand: ")
    assert f"{bad.parent.name}/{bad.name}" in err
    assert len(err.splitlines()) == 1
    assert codes == [2, 2]


@pytest.mark.slow
@pytest.mark.parametrize(("how", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_stop_of_all_is_one_line(
    start: Start, how: signal.Signals, code: int, tmp_path: Path
) -> None:
    processes = start(*f"{TRAINING} --epochs 50 --out {tmp_path}/run".split())
    state = tmp_path / "run" / "seed-0" / "state.safetensors"
    while not state.exists():
        time.sleep(0.01)
        assert processes[0].poll() is None

    for each in processes:  # as a terminal does, and a launcher
        each.send_signal(how)
    codes, _, err = ended(processes)

    lines = besides_progress(err)
    assert len(lines) == 1
    assert lines[0].startswith("rexpand: ")
    assert "the same command continues" in lines[0]
    # Whichever hears first ends the exchange of the other.
    assert codes[0] in (code, 1)


@pytest.mark.parametrize(
    "typed",
    [
        *("cost search_18", "search run --macs 500k", "train factors", "list"),
        *("detect evaluate run", "detect"),
    ],
)
def test_a_verb_that_cannot_be_shared_is_refused(
    typed: str, say: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    launch(monkeypatch, 0)

    said = say(*typed.split())

    # Two processes would both write the same study.
    assert said.code == 2
    assert said.err == (
        "rexpand: a launcher has started 2 processes, and only train, evaluate and "
        "detect train share their work; start this verb without the launcher\n"
    )


@pytest.mark.parametrize("device", ["cuda:1", "mps"])
def test_one_device_for_several_processes_is_refused(
    device: str, say: Say, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    launch(monkeypatch, 0)

    said = say("train", "search_18", "--device", device, "--out", str(tmp_path / "run"))

    assert said.code == 2
    assert said.err == (
        f"rexpand: --device {device} is one device, and a launcher has started 2 "
        "processes; give --device cuda or cpu, or no --device (accelerate launch "
        "--gpu_ids chooses GPUs)\n"
    )
    assert [*tmp_path.iterdir()] == []
