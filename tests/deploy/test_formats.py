"""A network in every format at once: compared first, with what it is inside."""

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import onnx
import openvino
import pytest
import torch
from torch import nn

from rexpand.deploy import TOLERANCE, GraphForm, export, open_exported
from rexpand.errors import (
    MissingExtraError,
    MistakeError,
    RunError,
    SpecError,
    UnknownNameError,
)
from rexpand.models import Opened
from rexpand.spec import EXPORT_FORMATS, ImageContract, Size, Source
from small_networks import small

CONTRACT = ImageContract(
    channels=3, height=64, width=64, mean=(0.4,) * 3, std=(0.3,) * 3, crop=0.9,
    class_names=("cat", "dog"), origin="data",
)  # fmt: skip


BARE = ImageContract(channels=3, height=64, width=64)


def opened(module: nn.Module) -> Opened:
    source = Source.parse("search_18")
    return Opened(source=source, module=module, contract=CONTRACT)


def of_onnx(path: Path) -> dict[str, str]:
    return {each.key: each.value for each in onnx.load(path).metadata_props}


def of_openvino(path: Path) -> dict[str, str]:
    model = openvino.Core().read_model(path)
    keys = ("network", "contract", "class_names")
    return {key: model.get_rt_info(["rexpand", key]).astype(str) for key in keys}


def of_program(path: Path) -> dict[str, str]:
    found = {"network": "", "contract": "", "class_names": ""}
    torch.export.load(path, extra_files=found)
    return found


def of_script(path: Path) -> dict[str, str]:
    found = {"network": "", "contract": "", "class_names": ""}
    torch.jit.load(path, _extra_files=found)
    texts = (value.decode() for value in found.values())
    return dict(zip(found, texts, strict=True))


PROPERTIES: dict[str, Callable[[Path], dict[str, str]]] = {
    "onnx": of_onnx,
    "openvino": of_openvino,
    "torch_export": of_program,
    "torchscript": of_script,
}


@pytest.mark.filterwarnings("ignore:.torch.jit.load. is deprecated")
def test_every_format_agrees_and_says_what_it_is(tmp_path: Path) -> None:
    exported = export(opened(small("search_18")), EXPORT_FORMATS, tmp_path / "there")

    assert [each.format for each in exported] == [*EXPORT_FORMATS]
    written = {path for each in exported for path in each.files}
    assert written == {*(tmp_path / "there").iterdir()}
    assert {path.stem for path in written} == {"search_18"}
    for each in exported:
        assert each.difference <= TOLERANCE
        assert each.size_bytes == sum(path.stat().st_size for path in each.files)
        said = PROPERTIES[each.format](each.files[0])
        assert said["network"] == "search_18"
        assert json.loads(said["class_names"]) == ["cat", "dog"]
        assert json.loads(said["contract"])["crop"] == 0.9
    # 17 convolutions, by each format's own names.
    for each in exported:
        kinds = ("Conv", "Convolution", "GroupConvolution", "conv2d.default",
                 "_convolution")  # fmt: skip
        assert sum(each.operators.get(kind, 0) for kind in kinds) == 17


class Forked(nn.Module):
    """Scores that are others for zeros, which tracing uses."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(3, 2)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        scores = self.layer(images.mean((2, 3)))
        return scores if bool(images.any()) else scores - 9


def test_nothing_is_written_where_a_format_gives_other_scores(tmp_path: Path) -> None:
    with pytest.raises(
        RunError, match=r"as torchscript differs .* nothing was written"
    ):
        export(opened(Forked()), ["torchscript"], tmp_path / "there")

    assert [*tmp_path.iterdir()] == []


def test_a_missing_package_is_told_before_the_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "openvino", None)

    # The network would not even run: no format is begun.
    with pytest.raises(MissingExtraError, match=r"openvino .*rexpand\[deploy\]"):
        export(opened(nn.Linear(1, 1)), ["torchscript", "openvino"], tmp_path)


def test_weights_that_a_format_cannot_hold_are_refused(tmp_path: Path) -> None:
    module = nn.Linear(2**15, 2**15, device="meta")

    with pytest.raises(SpecError, match=r"are 4\.3 GB, and a file of onnx holds 2\.1"):
        export(opened(module), ["onnx"], tmp_path)


@pytest.mark.parametrize("names", [["onxx"], [], [""]])
def test_an_unknown_format_names_those_that_there_are(
    names: list[str], tmp_path: Path
) -> None:
    with pytest.raises(UnknownNameError, match="choose from onnx, openvino, torch_exp"):
        export(opened(small("search_18")), names, tmp_path)


@pytest.mark.filterwarnings("ignore:.torch.jit.load. is deprecated")
def test_what_is_inside_takes_bytes_and_gives_probabilities(tmp_path: Path) -> None:
    form = GraphForm(has_preprocessing=True, has_softmax=True)
    images = torch.rand(2, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    given = (255 * images).to(torch.uint8)
    pixels = (given / 255 - 0.4) / 0.3
    with torch.inference_mode():
        ours = small("search_18").eval()(pixels)

    exported = export(opened(small("search_18")), EXPORT_FORMATS, tmp_path, form=form)

    for each in exported:
        found = open_exported(each.files[0])
        # As image libraries give them: bytes, the channels last.
        given_out = found.scores(given.permute(0, 2, 3, 1).contiguous().numpy())
        theirs = torch.from_numpy(given_out)
        assert (theirs - ours.softmax(1)).abs().max() < 1e-4
        # In the place of the network it takes what that takes.
        assert (found.as_module()(pixels).softmax(1) - theirs).abs().max() < 1e-5


def test_preprocessing_that_is_not_known_cannot_be_inside(tmp_path: Path) -> None:
    unknown = replace(opened(small("search_18")), contract=BARE)

    with pytest.raises(SpecError, match=r"mean and std .* are not known"):
        export(unknown, ["onnx"], tmp_path, form=GraphForm(has_preprocessing=True))


def test_a_free_size_is_compared_in_several(tmp_path: Path) -> None:
    form = GraphForm(has_free_size=True)

    formats = ["onnx", "openvino", "torch_export"]
    export(opened(small("rexnet_100")), formats, tmp_path, form=form)

    images = torch.randn(1, 3, 96, 77, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        ours = small("rexnet_100").eval()(images)
    for name in ("search_18.onnx", "search_18.xml", "search_18.pt2"):
        theirs = torch.from_numpy(open_exported(tmp_path / name).scores(images.numpy()))
        assert (theirs - ours).abs().max() <= 1e-4 * ours.abs().max()


def test_a_rectangle_is_written_as_tall_as_it_is(tmp_path: Path) -> None:
    tall = Size(height=48, width=32)

    (done,) = export(opened(small("rexnet_100")), ["onnx"], tmp_path, resolution=tall)

    found = open_exported(done.files[0])
    assert found.contract.image == (3, 48, 32)
    images = torch.randn(1, 3, 48, 32, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        ours = small("rexnet_100").eval()(images)
    theirs = torch.from_numpy(found.scores(images.numpy()))
    assert (theirs - ours).abs().max() <= 1e-4 * ours.abs().max()


@pytest.mark.parametrize("name", ["onnx", "torch_export"])
def test_a_network_of_one_size_is_not_written_for_others(
    name: str, tmp_path: Path
) -> None:
    flat = nn.Sequential(nn.Conv2d(3, 1, 16, 16), nn.Flatten(), nn.Linear(16, 2))

    with pytest.raises(MistakeError, match="Sequential"):
        export(opened(flat), [name], tmp_path, form=GraphForm(has_free_size=True))

    assert [*tmp_path.iterdir()] == []


@pytest.mark.slow
def test_the_newer_exporter_takes_over_where_the_other_fails(tmp_path: Path) -> None:
    # To 5 x 5 from 64 x 64, which the tracing exporter does not divide.
    pooled = nn.Sequential(nn.AdaptiveAvgPool2d(5), nn.Flatten(), nn.Linear(75, 2))

    (done,) = export(opened(pooled), ["onnx"], tmp_path)

    assert done.exporter == "dynamo"
    assert done.difference <= TOLERANCE


def test_real_images_are_compared_too(tmp_path: Path) -> None:
    class Dark(nn.Module):
        """Other scores for images that no random number is like."""

        def __init__(self) -> None:
            super().__init__()
            self.layer = nn.Linear(3, 2)

        def forward(self, images: torch.Tensor) -> torch.Tensor:
            scores = self.layer(images.mean((2, 3)))
            return scores - 9 if bool(images.max() > 50) else scores

    export(opened(Dark()), ["torchscript"], tmp_path / "random")

    images = torch.full((1, 3, 64, 64), 99.0)
    with pytest.raises(RunError, match="differs from the network"):
        export(opened(Dark()), ["torchscript"], tmp_path / "real", images=images)
