"""Exported detectors find in onnxruntime and in OpenVINO what they find in torch."""

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from torch import Tensor
from torchvision.models.detection.roi_heads import paste_masks_in_image

from rexpand.data.detection import load_annotated
from rexpand.deploy import export_onnx
from rexpand.errors import CheckpointError, ForeignCodeError, RunError, SpecError
from rexpand.transfer.detection import (
    Detector,
    DetectorExport,
    build_detector,
    export_detector,
    faster_rcnn,
    mask_rcnn,
    open_exported_detector,
    ssdlite,
)
from rexpand.transfer.detection.agreement import agreement_of
from rexpand.transfer.detection.pasting import pasted
from small_networks import IMAGE, small

CPU = torch.device("cpu")
NET = "mobilenetv2_050"
NAMES = ("square", "disc", "bar")
NARROW = {"shorter_side": 64, "fpn_width": 16, "box_width": 32}


def with_few_proposals(detector: Detector) -> Detector:
    few = replace(detector.spec.architecture, proposals=50, detections=40)
    return build_detector(replace(detector.spec, architecture=few))


BUILDERS: dict[str, Callable[[], Detector]] = {
    "ssdlite": lambda: ssdlite(NET, 3, size=64, extra_channels=(16, 8)),
    "faster_rcnn": lambda: with_few_proposals(faster_rcnn(NET, 3, **NARROW)),
    "mask_rcnn": lambda: with_few_proposals(mask_rcnn(NET, 3, mask_width=8, **NARROW)),
}
FORMS = [(kind, with_nms) for kind in BUILDERS for with_nms in (True, False)]
# Sides whose quotients of 64 round down in float32 alone, as torchvision's own graph
# computes them: the image would be a pixel narrower.
ODD = torch.rand(3, 73, 146, generator=torch.Generator().manual_seed(1))


@dataclass(frozen=True, kw_only=True)
class Written:
    detector: Detector
    done: DetectorExport

    @property
    def session(self) -> onnxruntime.InferenceSession:
        return onnxruntime.InferenceSession(self.done.file)


@pytest.fixture(scope="module")
def written(tmp_path_factory) -> Callable[..., Written]:
    """Each form of each detector, written once."""
    kept: dict[tuple[str, bool], Written] = {}

    def get(kind: str, with_nms: bool = True) -> Written:
        if (kind, with_nms) not in kept:
            torch.manual_seed(0)
            detector = BUILDERS[kind]().eval()
            path = tmp_path_factory.mktemp("exported") / f"{kind}.onnx"
            done = export_detector(
                detector, path, class_names=NAMES, with_nms=with_nms, images=[ODD]
            )
            kept[kind, with_nms] = Written(detector=detector, done=done)
        return kept[kind, with_nms]

    return get


@pytest.mark.parametrize(("kind", "with_nms"), FORMS)
def test_a_file_finds_what_the_detector_finds(written, kind, with_nms):
    agreement = written(kind, with_nms).done.agreement

    assert agreement.images == 4
    assert agreement.detections > 100
    assert agreement.share_without_partner <= 0.01
    assert agreement.score < 1e-4
    assert agreement.box < 1e-4
    assert (agreement.mask is not None) == (kind == "mask_rcnn")


@pytest.fixture(scope="module")
def photos() -> list[Tensor]:
    """Eight photos of COCO in their own sizes."""
    root = Path(os.environ.get("REXPAND_DATA", ""))
    if "REXPAND_DATA" not in os.environ or not (root / "coco_mini").exists():
        pytest.skip("no coco_mini under REXPAND_DATA, where real data sets lie")
    split = load_annotated("coco_mini", root=root, on_defect="skip").subset(range(8))
    return [images[0] for images, _ in split.batches(batch_size=1, device=CPU)]


@pytest.mark.slow  # and without the last form, which computes a mask for each pair
@pytest.mark.parametrize(("kind", "with_nms"), FORMS[:-1])
def test_a_file_finds_the_same_in_photos(photos, tmp_path, kind, with_nms):
    torch.manual_seed(0)
    detector = {
        "ssdlite": lambda: ssdlite(NET, 3),
        "faster_rcnn": lambda: faster_rcnn(NET, 3, shorter_side=256, fpn_width=64),
        "mask_rcnn": lambda: mask_rcnn(NET, 3, shorter_side=128, fpn_width=32),
    }[kind]()
    if kind == "mask_rcnn":  # else every proposal has a mask for each class
        detector.model.roi_heads.score_thresh = 0.3

    done = export_detector(
        detector, tmp_path / "net.onnx", with_nms=with_nms, images=photos
    )

    assert done.agreement.images == 3 + 8
    assert done.agreement.detections > 100
    assert done.agreement.score < 1e-3


@pytest.mark.parametrize(("kind", "with_nms"), FORMS)
def test_a_file_has_nms_only_where_it_says_so(written, kind, with_nms):
    done = written(kind, with_nms).done
    said = onnx.load(done.file).metadata_props

    # The proposals of an R-CNN are chosen by one that belongs to the detector.
    own = 0 if kind == "ssdlite" else 1
    assert done.operators.get("NonMaxSuppression", 0) == own + with_nms
    assert {each.key: each.value for each in said}["nms"] == (
        "inside" if with_nms else "outside"
    )
    # What no loop and no branch needs runs in every runtime.
    assert not done.operators.keys() & {"If", "Loop", "BatchNormalization"}


@pytest.mark.parametrize(("kind", "with_nms"), FORMS)
def test_the_outputs_are_those_that_the_file_says(written, kind, with_nms):
    done = written(kind, with_nms).done
    session = onnxruntime.InferenceSession(done.file)
    outputs = {each.name: each.shape for each in session.get_outputs()}
    said = session.get_modelmeta().custom_metadata_map

    assert {name for name in said if name.startswith("output_")} == {
        f"output_{name}" for name in outputs
    }
    for name, shape in outputs.items():
        said_axes = said[f"output_{name}"].partition(")")[0].strip("(").split(", ")
        for said_axis, size in zip(said_axes, shape, strict=True):
            known = said_axis.isdecimal() and isinstance(size, int)
            assert not known or int(said_axis) == size
    assert open_exported_detector(done.file).properties == done.properties


@pytest.mark.parametrize("with_nms", [True, False])
def test_ssdlite_takes_several_images_at_once(written, with_nms):
    session = written("ssdlite", with_nms).session
    images = np.random.default_rng(0).random((3, 3, 70, 90), np.float32)

    together = session.run(None, {"images": images})

    for place in range(3):
        alone = session.run(None, {"images": images[place : place + 1]})
        for one, all_three in zip(alone, together, strict=True):
            np.testing.assert_allclose(one[0], all_three[place], atol=1e-4)


@pytest.mark.parametrize("with_nms", [True, False])
def test_ssdlite_finds_the_same_in_openvino(tmp_path: Path, with_nms: bool):
    torch.manual_seed(0)
    path = tmp_path / "net.xml"

    done = export_detector(
        BUILDERS["ssdlite"](), path, class_names=NAMES, with_nms=with_nms, images=[ODD]
    )

    assert done.agreement.detections > 100
    assert done.agreement.share_without_partner <= 0.01
    assert done.agreement.score < 1e-4
    assert done.agreement.box < 1e-4
    assert done.operators.get("NonMaxSuppression", 0) == with_nms
    sizes = [each.stat().st_size for each in tmp_path.iterdir()]
    assert (len(sizes), sum(sizes)) == (2, done.size_bytes)
    assert open_exported_detector(path).properties == done.properties


def test_what_openvino_does_not_take_is_refused(tmp_path: Path):
    torch.manual_seed(0)

    with pytest.raises(SpecError, match=r"faster_rcnn is not written as OpenVINO's"):
        export_detector(BUILDERS["faster_rcnn"](), tmp_path / "net.xml")
    with pytest.raises(SpecError, match=r"not written as torch_export; give \.onnx"):
        export_detector(BUILDERS["ssdlite"](), tmp_path / "net.pt2")

    assert not [*tmp_path.iterdir()]


def test_rows_that_are_no_detection_say_so(written):
    session = written("ssdlite").session

    _, labels, scores = session.run(None, {"images": np.zeros((1, 3, 9, 9), "f")})

    assert ((labels == -1) == (scores == 0)).all()
    assert (scores == 0).any()


@pytest.mark.parametrize("kind", ["faster_rcnn", "mask_rcnn"])
def test_an_rcnn_says_that_it_takes_one_image(written, kind):
    session = written(kind).session

    (images,) = session.get_inputs()

    assert images.shape == [1, 3, "height", "width"]
    assert ", one:" in session.get_modelmeta().custom_metadata_map["input"]


def test_an_image_without_detections_gives_none(tmp_path: Path):
    torch.manual_seed(0)
    detector = BUILDERS["mask_rcnn"]()
    detector.model.roi_heads.score_thresh = 0.999

    done = export_detector(detector, tmp_path / "net.onnx")
    (found,) = open_exported_detector(tmp_path / "net.onnx")([ODD])

    assert done.agreement.detections == 0
    assert found["boxes"].shape == (0, 4)
    assert found["masks"].shape == (0, 1, *ODD.shape[1:])


def test_a_graph_that_finds_others_is_not_written(tmp_path: Path):
    class Moved(Detector):
        def forward(self, images, targets=None):
            found = super().forward(images, targets)
            return [each | {"boxes": each["boxes"] + 9} for each in found]

    torch.manual_seed(0)
    detector = BUILDERS["ssdlite"]()
    moved = Moved(detector.spec, detector.model)

    with pytest.raises(RunError, match="detections have no partner, more than 1%"):
        export_detector(moved, tmp_path / "net.onnx")

    assert not [*tmp_path.iterdir()]


def test_a_detector_is_in_training_afterwards_if_it_was(tmp_path: Path):
    detector = BUILDERS["ssdlite"]().train()

    export_detector(detector, tmp_path / "net.onnx")

    assert all(module.training for module in detector.modules())


def test_a_file_of_another_kind_is_refused(tmp_path: Path):
    export_onnx(small(NET), IMAGE, tmp_path / "classifier.onnx")
    (tmp_path / "text.onnx").write_text("text")
    (tmp_path / "alone.xml").write_text("text")

    with pytest.raises(CheckpointError, match="does not say that it is a detector"):
        open_exported_detector(tmp_path / "classifier.onnx")
    with pytest.raises(ForeignCodeError, match="export it again"):
        open_exported_detector(tmp_path / "text.onnx")
    with pytest.raises(CheckpointError, match=r"alone\.bin"):
        open_exported_detector(tmp_path / "alone.xml")
    with pytest.raises(CheckpointError, match="nowhere"):
        open_exported_detector(tmp_path / "nowhere.onnx")


def test_masks_are_placed_as_torchvision_places_them():
    draw = torch.Generator().manual_seed(0)
    masks = torch.rand(40, 28, 28, generator=draw)
    corners = torch.rand(40, 2, 2, generator=draw) * torch.tensor([90.0, 70]) - 8
    boxes = torch.cat((corners.amin(1), corners.amax(1)), 1)

    ours = pasted(masks, boxes, 60, 80)

    # Two products of at most two weights in float32 each.
    theirs = paste_masks_in_image(masks[:, None], boxes, (60, 80))[:, 0]
    torch.testing.assert_close(ours, theirs, atol=1e-5, rtol=0)


def found(scores: list[float], moved: float = 0.0) -> dict[str, Tensor]:
    corners = torch.arange(len(scores)) * 20.0 + moved
    boxes = torch.stack((corners, corners, corners + 10, corners + 10), 1)
    labels = torch.ones(len(scores), dtype=torch.int64)
    return {"boxes": boxes, "labels": labels, "scores": torch.tensor(scores)}


def test_detections_are_matched_whatever_their_order():
    image = torch.zeros(3, 100, 200)
    turned = {name: each.flip(0) for name, each in found([0.9, 0.5]).items()}

    agreement = agreement_of(
        lambda _: [found([0.9, 0.5])], lambda _: [turned], [image, image], most=9
    )

    assert (agreement.images, agreement.detections) == (2, 8)
    assert agreement.without_partner == 0
    assert agreement.score == agreement.box == 0.0


def test_detections_of_one_side_alone_are_counted():
    image = torch.zeros(3, 100, 200)

    fewer = agreement_of(
        lambda _: [found([0.9, 0.5])], lambda _: [found([0.9])], [image], most=9
    )
    moved = agreement_of(
        lambda _: [found([0.9])], lambda _: [found([0.9], 3)], [image], most=9
    )

    assert fewer.without_partner == 1
    assert fewer.share_without_partner == 1 / 3
    assert moved.without_partner == 2


def test_detections_that_rounding_chooses_are_counted_apart():
    image = torch.zeros(3, 100, 200)

    even = agreement_of(
        lambda _: [found([0.9, 0.5, 0.5])],
        lambda _: [found([0.9])],
        [image],
        most=9,
    )
    cut = agreement_of(
        lambda _: [found([0.9, 0.5])], lambda _: [found([0.9, 0.5], 3)], [image], most=2
    )

    assert (even.tied, even.without_partner) == (2, 0)
    # The last places of full lists; the first ones have none to be tied with.
    assert (cut.tied, cut.without_partner) == (2, 2)
