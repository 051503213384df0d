"""`rexpand export`: a file that gives the network's scores, and says what it takes."""

import json
import resource
from pathlib import Path

import onnx
import pytest
import torch
from onnxruntime import InferenceSession
from typer.testing import CliRunner, Result

from rexpand.cli.main import app
from rexpand.errors import MistakeError, OutputError, RunError, SpecError
from rexpand.models import build, load_network, save_network
from rexpand.spec import ImageContract, network
from rexpand.spec.image_contract import contract_from_json

CONTRACT = ImageContract(
    channels=3, height=32, width=32, mean=(0.4,) * 3, std=(0.3,) * 3, crop=0.9,
    class_names=("cat", "dog"), origin="data",
)  # fmt: skip


@pytest.fixture(autouse=True)
def in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)


def run(*words: object) -> Result:
    return CliRunner().invoke(app, ["export", *map(str, words)])


def saved() -> Path:
    spec = network("mobilenetv1_025").with_classes(2)
    path = Path("net.safetensors")
    save_network(build(spec.for_images(resolution=32, in_channels=3)), path, CONTRACT)
    return path


@pytest.mark.kernels
def test_a_file_gives_the_scores_of_the_weights() -> None:
    path = saved()

    done = run(path, "--to", "onnx", "--out", "there/net.onnx", "--json")

    assert done.exit_code == 0, done.output
    document = json.loads(done.stdout)
    (only,) = document["exports"]
    assert only["files"] == ["there/net.onnx"]
    assert only["size_bytes"] == Path("there/net.onnx").stat().st_size
    assert only["difference"] <= document["tolerance"] == 1e-4
    images = torch.randn(3, 3, 32, 32, generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        ours = load_network(path).eval()(images)
    theirs = InferenceSession("there/net.onnx").run(None, {"images": images.numpy()})[0]
    gap = (ours - torch.from_numpy(theirs)).abs().max()
    assert gap <= 1e-4 * ours.abs().max()


def test_several_formats_go_into_a_folder() -> None:
    done = run(saved(), "--to", "onnx, openvino", "--out", "there", "--json")

    assert done.exit_code == 0, done.output
    document = json.loads(done.stdout)
    files = [each["files"] for each in document["exports"]]
    assert files == [["there/net.onnx"], ["there/net.xml", "there/net.bin"]]
    assert {str(path) for path in Path("there").iterdir()} == {*files[0], *files[1]}
    for each in document["exports"]:
        assert each["difference"] <= document["tolerance"]
        assert each["operators"]["Reshape"] == 1
    assert document["class_names"] == ["cat", "dog"]


@pytest.mark.parametrize("to", ["onnx,openvino", "openvino"])
def test_a_name_of_one_format_is_none_for_others(to: str) -> None:
    done = run("search_18", "--to", to, "--out", "net.onnx")

    assert isinstance(done.exception, OutputError)
    assert "net.onnx is the name of a file of onnx alone; give a folder" in str(
        done.exception
    )


def test_every_file_is_checked_before_the_work() -> None:
    Path("search_18.bin").mkdir()

    done = run("search_18", "--to", "onnx,openvino")

    assert isinstance(done.exception, OutputError)
    assert "search_18.bin cannot be written" in str(done.exception)
    assert not Path("search_18.onnx").exists()


def test_the_file_says_which_images_it_takes_and_what_its_classes_are() -> None:
    run(saved(), "--out", "net.onnx")

    said = {each.key: each.value for each in onnx.load("net.onnx").metadata_props}
    found = contract_from_json(said["contract"], "net.onnx")
    assert found.class_names == CONTRACT.class_names
    assert (found.image, found.mean, found.crop) == ((3, 32, 32), CONTRACT.mean, 0.9)
    assert json.loads(said["class_names"]) == ["cat", "dog"]


def test_the_default_file_is_called_like_the_network() -> None:
    done = run("mobilenetv1_025:width_mult=0.5", "--resolution", 32)

    assert done.exit_code == 0, done.output
    assert Path("mobilenetv1_025.onnx").is_file()
    assert "largest difference" in done.stdout
    assert "has random weights" in done.stderr


def test_what_is_inside_is_in_the_file_and_in_the_document() -> None:
    words = ("--with-preprocessing", "--with-softmax", "--free-size", "--json")

    done = run(saved(), "--out", "net.onnx", *words)

    assert done.exit_code == 0, done.output
    document = json.loads(done.stdout)
    asked = ("free_size", "has_preprocessing", "has_softmax")
    assert all(document[name] for name in asked)
    assert document["exports"][0]["exporter"] == "tracing"
    said = {each.key: each.value for each in onnx.load("net.onnx").metadata_props}
    assert (said["preprocessing"], said["softmax"]) == ("inside", "inside")


@pytest.mark.parametrize("name", ["coreml", "litert", "executorch", "tensorrt"])
def test_what_timmx_writes_is_handed_over_in_one_line(name: str) -> None:
    done = run("rexnet_100", "--to", name)

    assert isinstance(done.exception, MistakeError)
    line = f"timmx export {name} rexnet_100 --checkpoint WEIGHTS"
    assert line in str(done.exception)


def test_a_graph_that_gives_other_scores_is_not_written() -> None:
    Path("forked.py").write_text(
        "import torch\n\n"
        "class Forked(torch.nn.Module):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.layer = torch.nn.Linear(12, 2)\n\n"
        "    def forward(self, x):\n"
        "        scores = self.layer(x.flatten(1))\n"
        "        return scores if bool(x.any()) else scores - 9\n\n"
        "def net():\n"
        "    return Forked()\n"
    )

    done = run("forked:net", "--resolution", 2)

    # The graph is traced on zeros, where the path is another.
    assert isinstance(done.exception, RunError)
    assert "nothing was written" in str(done.exception)
    assert not Path("net.onnx").exists()


def test_images_that_no_memory_holds_are_refused_before_the_export() -> None:
    before = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (8 * 2**30, before[1]))
    try:
        done = run("search_18", "--resolution", 8192)
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)

    # Three images in torch and in the runtime, with their maps: more than 8 GiB.
    assert isinstance(done.exception, SpecError)
    assert "search_18 on 9 images at 8192 px needs at least" in str(done.exception)
    assert not Path("search_18.onnx").exists()
