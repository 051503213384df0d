"""Exported files run by the runtime that fits them, and run nothing else."""

import io
import json
import shutil
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from torch import nn

from rexpand.deploy import export, export_onnx, open_exported
from rexpand.errors import CheckpointError, MissingExtraError, MistakeError
from rexpand.models import Opened
from rexpand.spec import EXPORT_FORMATS, ImageContract, Source
from small_networks import IMAGE, small

CONTRACT = ImageContract(
    channels=3, height=64, width=64, mean=(0.4,) * 3, std=(0.3,) * 3, crop=0.9,
    class_names=tuple("abcdefghij"), origin="data",
)  # fmt: skip
SUFFIXES = [each.suffixes[0] for each in EXPORT_FORMATS.values()]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with net.onnx, net.xml, net.bin, net.pt2 and net.pt of one network."""
    folder = tmp_path_factory.mktemp("files")
    opened = Opened(
        source=Source.parse("search_18"), module=small("search_18"), contract=CONTRACT
    )
    export(opened, EXPORT_FORMATS, folder, name="net")
    return folder


@pytest.fixture
def copied(files: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(files, tmp_path / "copied"))


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_file_gives_the_scores_of_the_network_and_says_what_it_is(
    files: Path, suffix: str
) -> None:
    images = torch.randn(3, *IMAGE, generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        ours = small("search_18").eval()(images).numpy()

    found = open_exported(files / f"net{suffix}")

    scores = found.scores(images.numpy())
    assert np.abs(scores - ours).max() <= 1e-4 * np.abs(ours).max()
    assert (found.precision, found.class_names) == ("fp32", CONTRACT.class_names)
    assert (found.contract.mean, found.contract.crop) == (CONTRACT.mean, 0.9)
    assert found.properties.network == "search_18"
    assert EXPORT_FORMATS[found.format].suffixes[0] == suffix


def test_a_file_of_another_tool_says_the_size_of_its_images(tmp_path: Path) -> None:
    export_onnx(small("search_18"), IMAGE, tmp_path / "net.onnx")

    found = open_exported(tmp_path / "net.onnx")

    assert found.contract.image == IMAGE
    assert (found.contract.origin, found.precision) == ("spec", None)


def test_a_graph_of_one_image_takes_them_one_by_one(
    files: Path, tmp_path: Path
) -> None:
    model = onnx.load(files / "net.onnx")
    model.graph.input[0].type.tensor_type.shape.dim[0].dim_value = 1
    onnx.save(model, tmp_path / "net.onnx")
    images = np.random.default_rng(0).normal(size=(3, *IMAGE)).astype(np.float32)

    found = open_exported(tmp_path / "net.onnx").scores(images)

    free = open_exported(files / "net.onnx").scores(images)
    assert np.abs(found - free).max() <= 1e-4 * np.abs(free).max()


@pytest.mark.parametrize("suffix", [*SUFFIXES, ".bin"])
@pytest.mark.parametrize("kept", [0.0, 0.5, 0.98])
def test_a_truncated_file_is_one_line(copied: Path, suffix: str, kept: float) -> None:
    damaged = copied / f"net{suffix}"
    content = damaged.read_bytes()
    damaged.write_bytes(content[: int(kept * len(content))])
    opened = damaged.with_suffix(".xml") if suffix == ".bin" else damaged

    with pytest.raises(
        MistakeError, match=r"net\.\w+ (cannot be opened|is )"
    ) as caught:
        open_exported(opened)

    assert "export it again" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_file_of_another_kind_is_one_line(copied: Path, suffix: str) -> None:
    (copied / f"net{suffix}").write_bytes(b"GIF89a" + bytes(range(256)))

    with pytest.raises(MistakeError, match="export it again"):
        open_exported(copied / f"net{suffix}")


def test_what_is_no_exported_file_names_the_suffixes(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"one of \.onnx, \.xml, \.pt2, \.pt"):
        open_exported(tmp_path / "net.tflite")


def test_a_model_without_its_weights_names_the_file(copied: Path) -> None:
    (copied / "net.bin").unlink()

    with pytest.raises(CheckpointError, match=r"there is no file .*net\.bin"):
        open_exported(copied / "net.xml")


def test_weights_are_no_script(tmp_path: Path) -> None:
    torch.save(nn.Linear(2, 2).state_dict(), tmp_path / "net.pt")

    with pytest.raises(CheckpointError, match="no TorchScript; weights are given as"):
        open_exported(tmp_path / "net.pt")


def test_a_graph_that_takes_no_images_is_refused(tmp_path: Path) -> None:
    value = onnx.helper.make_tensor_value_info("ids", onnx.TensorProto.FLOAT, [1, 8])
    node = onnx.helper.make_node("Relu", ["ids"], ["out"])
    out = onnx.helper.make_tensor_value_info("out", onnx.TensorProto.FLOAT, [1, 8])
    graph = onnx.helper.make_graph([node], "words", [value], [out])
    opset = [onnx.helper.make_opsetid("", 18)]
    model = onnx.helper.make_model(graph, opset_imports=opset, ir_version=9)
    onnx.save(model, tmp_path / "net.onnx")

    with pytest.raises(
        CheckpointError, match="takes ids of 2 dimensions, not one batch"
    ):
        open_exported(tmp_path / "net.onnx")


def test_images_that_do_not_fit_are_one_line(files: Path) -> None:
    with pytest.raises(
        MistakeError, match=r"running .*net.onnx on images of \(1, 3, 8, 8"
    ):
        open_exported(files / "net.onnx").scores(np.zeros((1, 3, 8, 8), np.float32))


@pytest.mark.parametrize(
    ("package", "suffix"), [("onnxruntime", ".onnx"), ("openvino", ".xml")]
)
def test_a_runtime_that_is_not_installed_is_one_line(
    files: Path, package: str, suffix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, package, None)

    with pytest.raises(MissingExtraError, match=rf"{package} .*rexpand\[deploy\]"):
        open_exported(files / f"net{suffix}")


class Mark:
    """A pickle that leaves a file where it is opened."""

    def __reduce__(self) -> object:
        return Path("was_here").touch, ()


def pickled_inputs(parts: dict[str, bytes]) -> None:
    content = io.BytesIO()
    torch.save(((Mark(),), {}), content)
    parts["data/sample_inputs/model.pt"] = content.getvalue()


def pickled_weights(parts: dict[str, bytes]) -> None:
    name = "data/weights/model_weights_config.json"
    config = json.loads(parts[name])
    next(iter(config["config"].values()))["use_pickle"] = True
    parts[name] = json.dumps(config).encode()


def in_program(old: str, new: str) -> Callable[[dict[str, bytes]], None]:
    def change(parts: dict[str, bytes]) -> None:
        text = parts["models/model.json"].decode()
        assert old in text
        parts["models/model.json"] = text.replace(old, new).encode()

    return change


def library(parts: dict[str, bytes]) -> None:
    parts["data/aotinductor/model/net.so"] = b"\x7fELF"


RUNS = "__import__('pathlib').Path('was_here').touch()"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (pickled_inputs, "cannot be opened"),
        (pickled_weights, "pickled weights"),
        (in_program("Symbol(", f"{RUNS} or Symbol("), "expr_str"),
        (in_program('"guards_code": []', f'"guards_code": ["{RUNS}"]'), "conditions"),
        (in_program("torch.ops.aten.relu_.default", "torch.hub.load"), "target"),
        (in_program("torch.ops.aten.relu_.default", "torch.ops.aten.from_file.default"),
         "target"),
        (in_program('"name": "images"', f'"name": "images={RUNS}"'), "holds name"),
        (library, "a part called 'data/aotinductor/model/net.so'"),
    ],
)  # fmt: skip
def test_a_program_that_would_run_code_is_refused(
    copied: Path,
    change: Callable[[dict[str, bytes]], None],
    told: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(copied)
    rewrite(copied / "net.pt2", change)

    with pytest.raises(MistakeError, match=told):
        open_exported(copied / "net.pt2")

    assert not (copied / "was_here").exists()


def test_an_archive_that_is_only_written_again_still_opens(copied: Path) -> None:
    rewrite(copied / "net.pt2", lambda parts: None)

    assert open_exported(copied / "net.pt2").precision == "fp32"


class Saving(nn.Module):
    """Writes a file when it runs."""

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        torch.save(images, "was_here")
        return images.flatten(1)


class Waking(nn.Module):
    """Runs when it is opened."""

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return images.flatten(1)

    @torch.jit.export
    def __getstate__(self) -> int:
        return 0

    @torch.jit.export
    def __setstate__(self, state: int) -> None:
        self.training = False


@pytest.mark.filterwarnings("ignore:.torch.jit:")
@pytest.mark.parametrize(("kind", "told"), [(Saving, "save"), (Waking, "__setstate__")])
def test_a_script_that_touches_files_or_runs_when_opened_is_refused(
    kind: type[nn.Module], told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    torch.jit.save(torch.jit.script(kind()), tmp_path / "net.pt")

    with pytest.raises(CheckpointError, match=rf"is not opened: it holds .*{told}"):
        open_exported(tmp_path / "net.pt")


def rewrite(path: Path, change: Callable[[dict[str, bytes]], None]) -> None:
    """Change the parts of an archive of torch, and write it again."""
    reader = torch._C.PyTorchFileReader(io.BytesIO(path.read_bytes()))
    parts = {name: reader.get_record(name) for name in reader.get_all_records()}
    change(parts)
    with zipfile.ZipFile(path, "w") as file:
        for name, content in parts.items():
            file.writestr(f"archive/{name}", content)
