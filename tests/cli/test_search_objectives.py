"""`rexpand search measure`, `fronts`, `report --objectives`, `export --which`, typed."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from made_up_study import make_study
from rexpand.budget import Budget
from rexpand.recipe import RECIPES
from rexpand.search.design import StudyDesign
from rexpand.spec import network

Say = Callable[..., Any]

DESIGN = StudyDesign(
    spec=network("search_18").for_images(resolution=8, in_channels=1),
    data="digits",
    budget=Budget(macs=500_000),
    trials=6,
    seeds=2,
    recipe=replace(RECIPES["digits"], validation=100),
)
ACCURACIES = [(60 + n, 60.5 + n * n / 6) for n in range(6)]


@pytest.fixture
def study(tmp_path: Path) -> str:
    make_study(DESIGN, tmp_path / "study", ACCURACIES)
    return "study"


def test_a_finished_study_is_measured_and_weighed_by_it(say: Say, study: str) -> None:
    done = say(
        "search", "measure", study, "--runtime", "torch", "--rounds", "2", "--json"
    )
    again = say("search", "measure", study, "--runtime", "torch")
    report = say("search", "report", study, "--objectives", "latency_ms", "--json")

    assert done.code == again.code == report.code == 0, done.err + report.err
    found = json.loads(done.out)
    assert (found["trials"], found["rounds"], found["over"]) == (6, 2, 0)
    assert [each["trial"] for each in found["latencies"]] == [*range(6)]
    # Nothing is measured twice.
    assert "configurations to measure" not in again.err
    summary = json.loads(report.out)
    assert summary["front"]["costs"] == ["latency_ms:torch"]
    # Its own readings: those of a trial that was measured as `latencies` says.
    assert summary["trials"][3]["latencies"][0]["runtime"] == "torch"


def test_a_study_is_measured_under_openvino_beside_another_runtime(
    say: Say, tmp_path: Path
) -> None:
    openvino = pytest.importorskip("openvino")
    few = replace(DESIGN, trials=3)
    study = str(make_study(few, tmp_path / "study", ACCURACIES[:3]))
    for runtime in ("openvino", "torch"):
        done = say(
            *("search", "measure", study, "--runtime", runtime),
            *("--rounds", "2", "--threads", "1", "--json"),
        )
        assert done.code == 0, done.err
        found = json.loads(done.out)
        assert (found["runtime"], found["trials"]) == (runtime, 3)
        assert all(each["latency_ms"]["median"] > 0 for each in found["latencies"])
    asked = ("search", "report", study, "--objectives")
    report = say(*asked, "latency_ms:openvino", "--json")

    assert report.code == 0, report.err
    summary = json.loads(report.out)
    assert summary["front"]["costs"] == ["latency_ms:openvino"]
    assert [each["runtime"] for each in summary["measured"]] == ["openvino", "torch"]
    # Each has its own readings, and the record says which OpenVINO gave them.
    (batch,) = Path(study, "latency", "openvino").glob("batch-*.json")
    versions = json.loads(batch.read_text())["provenance"]["versions"]
    assert versions["openvino"].startswith(openvino.__version__[:6])
    # Between two runtimes somebody has to choose.
    unclear = say(*asked, "latency_ms")
    assert unclear.code == 2
    assert "latency_ms:openvino" in unclear.err


def test_fronts_are_compared_and_the_knee_is_exported(say: Say, study: str) -> None:
    compared = say(
        *("search", "fronts", study, "--objectives", "params,activations"),
        *("--reference", "60,1M,1M", "--json"),
    )
    printed = say("search", "report", study, "--objectives", "params")
    knee = say("search", "export", study, "--which", "knee", "--objectives", "params")

    assert compared.code == printed.code == 0, compared.err + printed.err
    (front,) = (each["front"] for each in json.loads(compared.out)["studies"])
    assert front["hypervolume"]["reference_costs"] == [1e6, 1e6]
    assert "Hypervolume: " in printed.out
    assert "front" in printed.out
    # Either the knee's spec, or one line that says why there is none.
    assert knee.code in (0, 2)
    assert ("wrote net.toml" in knee.out) == ("Its knee is trial" in printed.out)
    assert knee.code == 0 or "has no knee" in knee.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ("report", "study", "--objectives", "mac"),
            "unknown objective 'mac'; the nearest",
        ),
        (
            ("report", "study", "--objectives", "latency_ms"),
            "was not measured; run `rex",
        ),
        (
            ("report", "study", "--reference", "60"),
            "give an accuracy and a cost, such as",
        ),
        (
            ("report", "study", "--reference", "600,1M"),
            "the reference point is '600,1M': ",
        ),
        (("measure", "study", "--runtime", "moon"), "unknown runtime 'moon'"),
        (("fronts", "study", "nowhere"), "nowhere holds no study"),
        (("export", "study", "--which", "last"), "'last' is not one of"),
    ],
)
def test_a_mistake_is_one_line(
    say: Say, study: str, arguments: tuple[str, ...], said: str
) -> None:
    refused = say("search", *arguments)

    assert refused.code == 2
    assert said in refused.err
    assert len(refused.err.strip().splitlines()) <= 3


def test_a_bound_is_measured_before_anything_is_trained(say: Say) -> None:
    done = say(
        *("search", "run", "--macs", "300k", "--trials", "2", "--seeds", "1"),
        *("--epochs", "1", "--train-subset", "64", "--measure", "torch"),
        *("--max-latency-ms", "0.000001", "--out", "study", "--json"),
    )

    assert done.code == 0, done.err
    summary = json.loads(done.out)
    assert [trial["state"] for trial in summary["trials"]] == ["pruned", "pruned"]
    assert summary["measured"][0]["over"] == 2
    assert summary["front"] is None
