"""Two processes that accelerate starts give what one gives: the same data, the same result."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from exact_training import RECIPES, train_exactly
from rexpand.records import Record, read_record

TESTS = Path(__file__).parent.parent
PAGE = TESTS.parent / "docs" / "devices.md"

pytestmark = pytest.mark.slow


def two_cpus() -> str:
    """The configuration of two CPU processes, as the documentation has it."""
    [found] = [
        block
        for block in re.findall(r"```yaml\n(.*?)```", PAGE.read_text("utf-8"), re.S)
        if "use_cpu" in block
    ]
    return found


@pytest.fixture(scope="module")
def together(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What two processes leave of every recipe."""
    folder = tmp_path_factory.mktemp("together")
    (folder / "two.yaml").write_text(two_cpus())
    launcher = [sys.executable, "-m", "accelerate.commands.launch"]
    asked = ["--config_file", str(folder / "two.yaml"), "--main_process_port", "0"]
    subprocess.run(
        [*launcher, *asked, str(TESTS / "exact_training.py"), str(folder)],
        env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": _path()},
        check=True,
        timeout=300,
    )
    return folder


def _path() -> str:
    return os.pathsep.join(each for each in sys.path if each)


@pytest.mark.parametrize("name", RECIPES)
def test_two_processes_give_what_one_gives(
    name: str, together: Path, tmp_path: Path
) -> None:
    alone = train_exactly(RECIPES[name], tmp_path)

    found = load_file(together / name / "network.safetensors")
    record = read_record(Record, together / name / "record.json")

    # Float64 sums of a few thousand terms in another order, at 2**-53 each, over a dozen
    # steps; one image counted wrongly moves a weight by 1e-4 and more.
    expected = load_file(tmp_path / "network.safetensors")
    assert found.keys() == expected.keys()
    for tensor in found:
        torch.testing.assert_close(found[tensor], expected[tensor], rtol=0, atol=1e-10)
    # Every held-out image was judged once; losses are taken of scores in float32.
    assert record.provenance is not None
    assert record.provenance.processes == 2
    assert record.evaluated_images == alone.evaluated_images == 22
    for theirs, ours in zip(record.epochs, alone.epochs, strict=True):
        assert theirs.accuracy == ours.accuracy
        assert theirs.loss == pytest.approx(ours.loss, rel=1e-10)
        assert theirs.held_out_loss == pytest.approx(ours.held_out_loss, rel=1e-6)
