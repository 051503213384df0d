"""`rexpand detect export`, as typed."""

import json
from pathlib import Path

import pytest

from cli.conftest import Say
from rexpand.transfer.detection import open_exported_detector, ssdlite
from rexpand.transfer.detection.checkpoint import save_detector
from shapes import SPEC

NAMES = ("square", "disc")


@pytest.fixture
def detector(tmp_path: Path) -> str:
    """A detector with new weights, as a training leaves it."""
    save_detector(
        ssdlite(SPEC, len(NAMES), size=64), tmp_path / "net.safetensors", NAMES
    )
    return "net.safetensors"


def test_a_detector_becomes_a_file_that_says_what_comes_out(
    detector: str, say: Say, tmp_path: Path
) -> None:
    done = say("detect", "export", detector, "--out", "there", "--json")

    assert done.code == 0, done.err
    told = json.loads(done.out)
    assert told["file"] == "there/ssdlite.onnx"
    assert told["class_names"] == [*NAMES]
    assert [*told["outputs"]] == ["boxes", "labels", "scores"]
    assert told["agreement"]["without_partner"] <= told["agreement"]["detections"] / 100
    assert open_exported_detector(tmp_path / told["file"]).properties.has_suppression


def test_nms_can_be_left_outside(detector: str, say: Say) -> None:
    done = say("detect", "export", detector, "--out", "there", "--without-nms")

    assert done.code == 0, done.err
    assert "wrote there/ssdlite.without-nms.onnx: " in done.out
    assert "gives labels" not in done.out


def test_a_detector_is_written_for_openvino(
    detector: str, say: Say, tmp_path: Path
) -> None:
    done = say("detect", "export", detector, "--out", "there", "--to", "openvino")

    assert done.code == 0, done.err
    assert sorted(each.name for each in (tmp_path / "there").iterdir()) == [
        *("ssdlite.bin", "ssdlite.xml"),
    ]
    assert "wrote there/ssdlite.xml: " in done.out


def test_what_is_no_detector_is_told(say: Say, tmp_path: Path) -> None:
    (tmp_path / "net.safetensors").write_bytes(b"none")

    done = say("detect", "export", "net.safetensors", "--out", "there")

    assert done.code == 2
    assert done.err.startswith("rexpand: net.safetensors")
    assert not (tmp_path / "there").exists()
