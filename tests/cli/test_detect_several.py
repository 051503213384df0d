"""`rexpand detect train` in several processes: one training, whoever of them is lost."""

import json
import signal
import time
from dataclasses import replace
from pathlib import Path

import pytest

from annotated import write_coco
from cli.conftest import Start
from detector_runs import is_inside_an_epoch, timeless
from launching import besides_progress, ended
from rexpand.spec import network_to_toml
from shapes import SPEC
from warm.programs import Programs

pytestmark = pytest.mark.slow


@pytest.fixture
def training(tmp_path: Path) -> list[str]:
    """A training of a few steps, each of which leaves a state; the folder is missing."""
    data = write_coco(tmp_path / "data", {"train": 8, "val": 3}, height=64, width=64)
    (tmp_path / "small.toml").write_text(network_to_toml(SPEC))
    typed = f"detect train {tmp_path}/small.toml --data {data} --resolution 64"
    return f"{typed} --epochs 4 --batch-size 4 --checkpoint-every 1 --out".split()


def killed_inside_an_epoch(
    start: Start, training: list[str], folder: Path
) -> tuple[list[int], str]:
    """Kill the second process; the exit codes, and what the main one said."""
    processes = start(*training, str(folder))
    while not is_inside_an_epoch(folder / "state.safetensors"):
        time.sleep(0.002)
        assert processes[0].poll() is None, processes[0].err
    processes[1].send_signal(signal.SIGKILL)
    codes, _, err = ended(processes)
    return codes, err


def test_a_killed_process_ends_the_other_and_the_same_command_goes_on(
    start: Start, programs: Programs, training: list[str], tmp_path: Path
) -> None:
    codes, out, err = ended(start(*training, str(tmp_path / "whole"), "--json"))
    assert codes == [0, 0], err

    # One document, one page, one record that says how many they were.
    whole = timeless(tmp_path / "whole")
    assert whole.provenance.processes == 2
    assert json.loads(out)["box_ap"] == whole.scores.box_ap
    assert (tmp_path / "whole" / "report.html").exists()
    assert besides_progress(err) == []

    codes, err = killed_inside_an_epoch(start, training, tmp_path / "killed")

    assert codes == [1, -signal.SIGKILL]
    [line] = besides_progress(err)
    assert line == (
        "rexpand: another of the 2 processes has ended; the same command continues where "
        "the training stands"
    )

    codes, _, err = ended(start(*training, str(tmp_path / "killed")))

    assert codes == [0, 0], err
    weights, expected = (
        (tmp_path / name / "detector.safetensors").read_bytes()
        for name in ("killed", "whole")
    )
    # Sums of two are the same in both orders: not a bit differs.
    assert weights == expected
    assert timeless(tmp_path / "killed") == whole


def test_what_two_processes_began_one_goes_on_with(
    start: Start, programs: Programs, training: list[str], tmp_path: Path
) -> None:
    folder = tmp_path / "run"
    killed_inside_an_epoch(start, training, folder)

    programs.succeed(*training, str(folder))

    record = timeless(folder)
    assert len(record.epochs) == 4
    assert record.provenance == replace(record.provenance, processes=1)
