"""A training from the command line: killed, its disk full, its states damaged."""

import json
import shlex
from pathlib import Path

import pytest

from disks import enlarge, mounted
from photos import write_photos
from warm.programs import Programs

DIGITS = shlex.split(
    "train search_18 --data digits --train-subset 64 --epochs 4 --checkpoint-every 1"
)
STATE, EARLIER = "state.safetensors", "state-earlier.safetensors"


def weights(run: Path) -> bytes:
    return (run / "seed-0/network.safetensors").read_bytes()


def kill_after(programs: Programs, state: Path, *command: str) -> None:
    """Start a program, and kill it as soon as a state is there."""
    process = programs.start(*command)
    while not state.exists():
        assert process.poll() is None, process.err
    process.kill()
    process.wait()


@pytest.mark.slow
def test_a_killed_training_goes_on_and_labels_images(
    programs: Programs, tmp_path: Path
) -> None:
    photos = write_photos(
        tmp_path / "photos", {"train": 64, "val": 3}, height=80, width=80
    )
    run = tmp_path / "run"
    command = shlex.split(
        f"train mobilenetv2_035 --data {photos} --resolution 64 --epochs 3 --lr 0.05 "
        f"--batch-size 64 --out {run}"
    )

    kill_after(programs, run / "seed-0" / STATE, *command)
    assert not (run / "seed-0/record.json").exists()
    programs.succeed(*command)
    images = sorted(map(str, photos.glob("val/*/*.png")))
    found = json.loads(
        programs.succeed(
            "predict", str(run / "seed-0/network.safetensors"), *images, "--json"
        )
    )

    assert [each["file"] for each in found["predictions"]] == images
    labels = {each["classes"][0]["class"] for each in found["predictions"]}
    assert labels <= {"cat", "dog"}


def test_a_disk_that_fills_up_keeps_the_last_states(
    programs: Programs, tmp_path: Path
) -> None:
    whole = tmp_path / "whole"
    programs.succeed(*DIGITS, "--out", str(whole))
    # Room for two states of search_18 and the beginning of a third.
    with mounted(tmp_path / "disk", "size=4500k") as disk:
        command = [*DIGITS, "--out", str(disk / "run")]

        full = programs.run(*command)
        left = {path.name for path in (disk / "run/seed-0").glob("*state*")}
        enlarge(disk, "64m")
        programs.succeed(*command)

        assert full.returncode == 2
        last = full.stderr.splitlines()[-1]
        assert (
            f"{disk / 'run/seed-0' / STATE} cannot be written: the disk is full" in last
        )
        assert "the file there is as it was" in last
        assert left == {STATE, EARLIER}
        assert weights(disk / "run") == weights(whole)


def test_damaged_states_are_one_line_each(programs: Programs, tmp_path: Path) -> None:
    run = tmp_path / "run"
    command = [*DIGITS, "--out", str(run)]
    state, earlier = run / "seed-0" / STATE, run / "seed-0" / EARLIER
    kill_after(programs, earlier, *command)

    state.write_bytes(state.read_bytes()[:-1])
    kept = earlier.read_bytes()
    earlier.write_bytes(kept[:-1])
    both = programs.run(*command)
    earlier.write_bytes(kept)
    one = programs.run(*command)

    assert both.returncode == 2
    assert both.stderr.splitlines()[-1] == (
        f"rexpand: no state is whole: {state} is truncated: 1 bytes are missing; "
        f"{earlier} is truncated: 1 bytes are missing; remove them to start anew"
    )
    assert one.returncode == 0
    said = [line for line in one.stderr.splitlines() if "truncated" in line]
    assert len(said) == 1
    assert said[0].endswith(f"going on from {EARLIER}")
