"""`rexpand bench`: latencies, and the experiments of ShuffleNetV2, with their pages."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rexpand.latency.intervals import verdict_of
from rexpand.records import GuidelineStudy, LatencyStudy, MedianSpread, read_record

Run = Callable[..., "subprocess.CompletedProcess[str]"]
Say = Callable[..., Any]
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


NET = ("mobilenetv2_035", "--resolution", "32", "--threads", "1")


def test_a_network_is_compared_with_the_first_by_its_interval(
    say: Say, tmp_path: Path
) -> None:
    done = say(
        *("bench", "mobilenetv2_035", *NET, "--runtime", "onnxruntime"),
        *("--rounds", "10", "--json", "--out", "it"),
    )

    assert done.code == 0, done.err
    document = json.loads(done.out)
    (comparison,) = document["comparisons"]
    first, second = comparison["rows"]
    # The same network: "no difference", but for one time in twenty (latency.md).
    verdict = verdict_of(MedianSpread(**second["ratio"]))
    assert (first["verdict"], second["verdict"]) == (None, verdict)
    assert len(second["readings_ms"]) == second["ratio"]["count"] == 10
    assert {"is_throttled", "is_disturbed"} <= comparison["steadiness"].keys()
    study = read_record(LatencyStudy, tmp_path / "it/latency.json")
    assert study.comparisons[0].rows[1].verdict == verdict
    assert verdict in (tmp_path / "it/report.html").read_text()


def test_an_exported_file_is_timed_and_records_merge(say: Say, tmp_path: Path) -> None:
    assert (
        say("export", "mobilenetv2_035", "--resolution", "32", "--out", "a.onnx").code
        == 0
    )

    done = say(
        *("bench", *NET, "a.onnx", "--runtime", "torch", "--rounds", "6"),
        *("--out", "it"),
    )
    merged = say("report", "latency", *2 * ["it/latency.json"], "--out", "both")

    assert (done.code, merged.code) == (0, 0), done.err + merged.err
    assert "a.onnx           onnxruntime  fp32" in done.out
    assert merged.out.count("a.onnx") == 2
    assert (tmp_path / "both/figures/latency_threads_1_batch_1.svg").is_file()


def test_mistakes_of_a_timing_are_one_line(say: Say, tmp_path: Path) -> None:
    (tmp_path / "bad.onnx").write_bytes(b"no graph")
    for arguments, words in (
        (("mobilenetv2_035", "--runtime", "abacus"), "runtime 'abacus'"),
        (("mobilenetv2_035", "--precision", "fp7"), "precision 'fp7'"),
        (("mobilenetv2_035", "--threads", "1000"), "give at most"),
        (("mobilenetv2_035", "--rounds", "5"), "--rounds is 5; give 6 to"),
        (("bad.onnx",), "bad.onnx cannot be opened by onnxruntime"),
        ((), "NETWORK"),
    ):
        done = say("bench", *arguments)

        assert (done.code, words in done.err) == (2, True), done.err
