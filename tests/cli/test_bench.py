"""`rexpand bench guidelines`: the experiments, their record and their page."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

from rexpand.records import GuidelineStudy, read_record

Run = Callable[..., "subprocess.CompletedProcess[str]"]
QUICK = ("bench", "guidelines", "--quick", "--rounds", "2", "--runtime", "torch")


def test_the_experiments_leave_a_record_and_a_page(
    rexpand: Run, tmp_path: Path
) -> None:
    done = rexpand(
        *QUICK, "--guideline", "1", "--threads", "1", "--json", "--out", "it"
    )

    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["threads"] == 1
    assert [row["variant"] for row in document["rows"]] == ["1:1", "1:2", "1:6", "1:12"]
    assert [row["verdict"] is None for row in document["rows"]] == [True] + 3 * [False]
    (finding,) = document["findings"]
    assert finding["verdict"] in ("holds", "does not hold", "undecided")
    left = tmp_path / "it"
    study = read_record(GuidelineStudy, left / "guidelines.json")
    assert study.findings[0].sentence == finding["sentence"]
    page = (left / "report.html").read_text()
    assert finding["sentence"] in page
    # Table 1 on ARM at the first width: 76.2 / 57.6.
    assert ">1.32<" in page
    assert (left / "figures/guideline_1.svg").read_text().startswith("<svg")
    assert (left / "figures/guideline_1.png").stat().st_size > 1000


def test_a_table_and_sentences_for_people(rexpand: Run) -> None:
    done = rexpand(*QUICK, "--guideline", "4")

    assert done.returncode == 0, done.stderr
    assert (
        "Guideline 4, Element-wise operations are non-negligible: torch" in done.stdout
    )
    assert "ReLU and shortcut cost" in done.stdout
    assert "Medians of 2 interleaved rounds" in done.stdout


def test_mistakes_are_one_line(rexpand: Run) -> None:
    for arguments, words in (
        (("--guideline", "5"), "--guideline is 5; give 1 to 4"),
        (("--runtime", "abacus"), "choose from torch, onnxruntime"),
        (("--threads", "0"), "--threads is 0; give 1 to 1024"),
    ):
        done = rexpand("bench", "guidelines", *arguments)

        assert (done.returncode, words in done.stderr) == (2, True), done.stderr
        assert len(done.stderr.splitlines()) == 1
