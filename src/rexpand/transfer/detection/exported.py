"""An exported detector in another runtime, with the interface of a detector."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torchvision.ops import batched_nms

from rexpand.deploy import compiled_openvino, onnxruntime_session, openvino_core
from rexpand.documents import opened
from rexpand.errors import CheckpointError, ForeignCodeError
from rexpand.spec import format_of
from rexpand.trace.foreign import foreign_code
from rexpand.transfer.detection.graph import (
    DETECTOR_TEXT,
    DetectorProperties,
    from_texts,
)
from rexpand.transfer.detection.pasting import pasted
from rexpand.transfer.detection.ssd_graph import ssd_detections

Outputs = dict[str, Tensor]
Run = Callable[[npt.NDArray[Any]], Mapping[str, npt.NDArray[Any]]]


class ExportedDetector(nn.Module):
    """A file of `detect export` where a detector is expected.

        detections = open_exported_detector("net.onnx")([image])

    Takes a list of images (channels, height, width) in 0 to 1, of any size, and gives a
    dict for each with `boxes` (n, 4), `labels` from 1, `scores` and, of a Mask R-CNN,
    `masks` (n, 1, height, width). What the graph leaves outside, NMS, is done here, as
    the detector does it. It runs on the CPU.
    """

    def __init__(self, properties: DetectorProperties, run: Run) -> None:
        super().__init__()
        self.properties = properties
        self.run = run

    def forward(self, images: Sequence[Tensor]) -> list[Outputs]:
        return [self._detected(image.cpu()[None]) for image in images]

    def _detected(self, images: Tensor) -> Outputs:
        outputs = self.run(images.contiguous().numpy())
        found = {name: torch.from_numpy(each) for name, each in outputs.items()}
        if not self.properties.has_suppression:
            found = _suppressed(found, self.properties, images.shape[2:])
        is_one = found["scores"][0] > 0
        found = {name: each[0][is_one] for name, each in found.items()}
        found["labels"] = found["labels"] + 1
        if "masks" in found:
            found["masks"] = found["masks"][:, None]
        return found


def open_exported_detector(
    path: str | Path, *, threads: int | None = None
) -> ExportedDetector:
    """A detector from a file of `detect export`, ready to run on the CPU.

    .onnx runs in onnxruntime, .xml (with its .bin) in OpenVINO; `threads` are by default
    torch's. Raises CheckpointError for a file that is no detector, ForeignCodeError for
    one that the runtime cannot open, MissingExtraError without the runtime.
    """
    path = Path(path)
    form = format_of(path)
    for suffix in form.suffixes:
        with opened(path.with_suffix(suffix), CheckpointError):
            pass
    what = f"{path} cannot be opened by {form.runtime}"
    try:
        with foreign_code(what):
            is_onnx = form.name == "onnx"
            texts, run = (_onnx if is_onnx else _openvino)(path, threads)
    except ForeignCodeError as error:
        raise ForeignCodeError(what, error.said, "export it again") from error

    def checked(images: npt.NDArray[Any]) -> Mapping[str, npt.NDArray[Any]]:
        with foreign_code(f"running {path} on images of {images.shape}"):
            return run(images)

    return ExportedDetector(from_texts(texts, str(path)), checked)


def _onnx(path: Path, threads: int | None) -> tuple[Mapping[str, str], Run]:
    """What a file says of itself, and how it runs."""
    session = onnxruntime_session(path, threads=threads)
    names = [each.name for each in session.get_outputs()]

    def run(images: npt.NDArray[Any]) -> Mapping[str, npt.NDArray[Any]]:
        return dict(zip(names, session.run(names, {"images": images}), strict=True))

    return session.get_modelmeta().custom_metadata_map, run


def _openvino(path: Path, threads: int | None) -> tuple[Mapping[str, str], Run]:
    model = openvino_core().read_model(str(path))
    names = [each.any_name for each in model.outputs]
    place = ["rexpand", DETECTOR_TEXT]
    has_text = model.has_rt_info(place)
    texts = {DETECTOR_TEXT: model.get_rt_info(place).astype(str)} if has_text else {}
    compiled = compiled_openvino(model, threads=threads)

    def run(images: npt.NDArray[Any]) -> Mapping[str, npt.NDArray[Any]]:
        found = compiled(images)
        return {name: np.array(found[at]) for at, name in enumerate(names)}

    return texts, run


def _suppressed(
    found: Outputs, properties: DetectorProperties, sides: Sequence[int]
) -> Outputs:
    """What the graph would give with NMS inside, of one image."""
    rule = properties.suppression
    if properties.detector == "ssdlite":
        boxes, labels, scores = ssd_detections(found["boxes"], found["scores"], rule)
        return {"boxes": boxes, "labels": labels, "scores": scores}
    boxes, labels, scores = (found[name][0] for name in ("boxes", "labels", "scores"))
    kept = batched_nms(boxes, scores, labels, rule.most_overlap)[: rule.detections]
    best = {name: each[:, kept] for name, each in found.items()}
    if "masks" in best:
        height, width = sides
        best["masks"] = pasted(best["masks"][0], boxes[kept], height, width)[None]
    return best
