"""`make bench`: every benchmark has a place in the list, with its minutes."""

import runpy
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parents[1] / "benchmarks"
# They are run by another benchmark, as the loop or the script that it compares with.
_INSIDE = {"every", "made_up_study", "plain_search"}

if not HERE.is_dir():
    pytest.skip("without the benchmarks", allow_module_level=True)


def test_every_benchmark_is_listed() -> None:
    listed = runpy.run_path(str(HERE / "every.py"))["BENCHES"]

    runnable = {
        path.stem for path in HERE.glob("*.py") if '"__main__"' in path.read_text()
    }
    # A new benchmark that nobody lists would never run again.
    assert {each.script for each in listed} == runnable - _INSIDE
    assert all(each.minutes > 0 for each in listed)


def test_the_list_says_what_is_missing() -> None:
    said = subprocess.run(
        [sys.executable, str(HERE / "every.py"), "--list"],
        capture_output=True,
        text=True,
        check=True,
        env={},
    )

    lines = {line.split()[0]: line for line in said.stdout.splitlines()}
    assert "REXPAND_DATA is not set; it needs flowers12" in lines["augmentation"]
    assert lines["solve"].split()[2] == "min"
    assert "about" in lines["samplers"]
