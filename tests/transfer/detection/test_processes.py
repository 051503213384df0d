"""Two processes train a detector as one does, where its losses allow that."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from exact_detection import TRAININGS
from launching import free_port, of_launcher
from rexpand.records import DetectionRecord, read_record

TESTS = Path(__file__).parents[2]
# Those of a norm that sees one slice at a time are means here, and sums in turn there.
STATISTICS = ("running_mean", "running_var", "num_batches_tracked")

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def together(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What two processes leave of every training; the main one's folder."""
    folder, port = tmp_path_factory.mktemp("together"), free_port()
    paths = os.pathsep.join([*(each for each in sys.path if each)])
    started = [
        subprocess.Popen(
            [sys.executable, TESTS / "exact_detection.py", folder / str(number)],
            env={**os.environ, "PYTHONPATH": paths, **of_launcher(number, port)},
        )
        for number in (0, 1)
    ]
    assert [each.wait(300) for each in started] == [0, 0]
    return folder / "0"


@pytest.mark.parametrize("name", TRAININGS)
def test_two_processes_give_what_one_gives(
    name: str, together: Path, tmp_path: Path
) -> None:
    alone = TRAININGS[name](tmp_path, parts=1)

    record = read_record(DetectionRecord, together / name / "run" / "record.json")
    found = load_file(together / name / "run" / "detector.safetensors")

    # Float64 sums in another order over four steps; an image that is counted wrongly
    # moves weights by 1e-3 and more.
    expected = load_file(tmp_path / "run" / "detector.safetensors")
    assert found.keys() == expected.keys()
    for tensor in found:
        if name == "synchronised" or not tensor.endswith(STATISTICS):
            torch.testing.assert_close(
                found[tensor], expected[tensor], rtol=0, atol=1e-10
            )
    # Every held-out image was judged once. Losses are added up in float32.
    assert (record.provenance.processes, alone.provenance.processes) == (2, 1)
    assert record.scores.images == 3
    for theirs, ours in zip(record.epochs, alone.epochs, strict=True):
        assert theirs.parts == pytest.approx(ours.parts, rel=1e-6)
    if name == "synchronised":
        assert record.scores.predictions == alone.scores.predictions > 0
        assert record.scores.box_ap == pytest.approx(alone.scores.box_ap, rel=1e-6)
