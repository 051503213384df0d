"""A detector as a file for another runtime, with NMS inside or outside.

It is compared with the detector first.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import cast

import torch
from torch import Tensor
from torch.nn import functional

from rexpand.deploy.onnx import graph_of_outputs, onnx_operators
from rexpand.deploy.openvino import openvino_operators, write_openvino
from rexpand.errors import RunError, SpecError
from rexpand.records import write_atomic
from rexpand.spec import ExportFormat, check_installed, format_of
from rexpand.trace.evaluating import evaluating
from rexpand.transfer.detection.agreement import (
    Detect,
    DetectionAgreement,
    agreement_of,
)
from rexpand.transfer.detection.building import Detector
from rexpand.transfer.detection.exported import open_exported_detector
from rexpand.transfer.detection.graph import (
    DetectorProperties,
    graph_of,
    module_of,
    rule_of,
    to_texts,
)

# Of the detections of both runtimes. One that is tied may suppress others than its rival.
MOST_WITHOUT_PARTNER = 0.01
_SIDES = ((120, 160), (200, 120), (96, 96))  # pixels of the made-up images
_TRACED = 160  # pixels of the images that the graph is traced with
_RECTANGLES = 6  # of a made-up image


@dataclass(frozen=True, kw_only=True)
class DetectorExport:
    """The file of a detector, and how its detections agree with the detector's.

    OpenVINO's has its weights beside it, in a file that ends in .bin.
    """

    file: Path
    size_bytes: int
    properties: DetectorProperties
    agreement: DetectionAgreement
    operators: Mapping[str, int]

    @property
    def texts(self) -> Mapping[str, str]:
        """What the file says of itself."""
        return to_texts(self.properties)

    @property
    def outputs(self) -> tuple[str, ...]:
        """The names of what comes out, in their order."""
        form = self.properties
        return (*graph_of(form.detector, with_nms=form.has_suppression).outputs,)


def export_detector(
    detector: Detector,
    path: str | Path,
    *,
    class_names: Sequence[str] = (),
    with_nms: bool = True,
    images: Sequence[Tensor] = (),
) -> DetectorExport:
    """Write a detector with its weights as an ONNX graph, or as OpenVINO's of it (.xml).

        export_detector(ssdlite("rexnet_100"), "net.onnx")

    The file takes images as the detector does, float32 from 0 to 1 of any height and
    width, in a batch (`docs/detection.md` has what comes out). It is written only after
    it has run on made-up images and on `images`, real ones, and all but
    MOST_WITHOUT_PARTNER of its detections are the detector's. Raises RunError if they
    are not, SpecError for weights larger than a file holds and for an R-CNN as
    OpenVINO's, ForeignCodeError if the format cannot express it, CheckpointError for
    another suffix, MissingExtraError without what writes it and runs it.
    """
    form = format_of(path)
    _check(detector, form)
    properties = DetectorProperties(
        detector=detector.spec.detector,
        network=detector.spec.backbone.name,
        class_names=tuple(class_names),
        has_suppression=with_nms,
        suppression=rule_of(detector),
    )
    graph = graph_of(properties.detector, with_nms=with_nms)
    made_up = [*made_up_images(detector.spec.in_channels)]
    content = graph_of_outputs(
        module_of(detector, with_nms=with_nms),
        _example(made_up[0], graph.most_images),
        graph.inputs,
        graph.outputs,
        to_texts(properties),
    )
    with TemporaryDirectory() as folder:
        draft = Path(folder, "draft").with_suffix(Path(path).suffix)
        if form.name == "onnx":
            draft.write_bytes(content)
        else:
            write_openvino(content, draft, to_texts(properties))
        agreement = _agreement(detector, draft, [*made_up, *images])
        of_kind = onnx_operators if form.name == "onnx" else openvino_operators
        operators = dict(of_kind(draft).most_common())
        _check_agreement(agreement, properties)
        size = 0
        for suffix in reversed(form.suffixes):  # the one that is opened last
            written = draft.with_suffix(suffix).read_bytes()
            write_atomic(Path(path).with_suffix(suffix), written)
            size += len(written)
    return DetectorExport(
        file=Path(path),
        size_bytes=size,
        properties=properties,
        agreement=agreement,
        operators=operators,
    )


def made_up_images(channels: int, seed: int = 0) -> Iterator[Tensor]:
    """Images of several sizes, (channels, height, width) in 0 to 1: rectangles on noise."""
    draw = torch.Generator().manual_seed(seed)
    for height, width in _SIDES:
        noise = torch.rand(1, channels, 4, 4, generator=draw)
        image = functional.interpolate(noise, (height, width), mode="bilinear")[0]
        for _ in range(_RECTANGLES):
            top, left = (
                int(torch.randint(s // 2, (), generator=draw)) for s in _SIDES[0]
            )
            down, right = (int(torch.randint(8, 60, (), generator=draw)) for _ in "hw")
            colour = torch.rand(channels, 1, 1, generator=draw)
            image[:, top : top + down, left : left + right] = colour
        yield image


def _check(detector: Detector, form: ExportFormat) -> None:
    """Refuse what cannot be written, before the work."""
    if form.name not in ("onnx", "openvino"):
        raise SpecError(f"a detector is not written as {form.name}; give .onnx or .xml")
    check_installed(form)
    if form.name == "openvino" and detector.spec.detector != "ssdlite":
        raise SpecError(
            f"{detector.spec.detector} is not written as OpenVINO's, which computes the "
            "size of the resized image in float32 and finds others than torch; give .onnx"
        )
    tensors = (*detector.parameters(), *detector.buffers())
    size = sum(each.numel() * each.element_size() for each in tensors)
    if size > form.most_bytes:
        raise SpecError(
            f"the weights are {size / 1e9:.1f} GB, and a file of {form.name} holds "
            f"{form.most_bytes / 1e9:.1f} GB"
        )


def _example(image: Tensor, most_images: int | None) -> Tensor:
    """Images to trace with: of an image that has detections, in another size."""
    sides = (_TRACED, _TRACED * 5 // 4)
    example = functional.interpolate(image[None], sides)
    return example.repeat(most_images or 2, 1, 1, 1)


def _agreement(
    detector: Detector, path: Path, images: Sequence[Tensor]
) -> DetectionAgreement:
    exported = open_exported_detector(path, threads=torch.get_num_threads())
    device = next(detector.parameters()).device

    def ours(given: Sequence[Tensor]) -> Sequence[dict[str, Tensor]]:
        found = detector([each.to(device) for each in given])
        return [{k: v.cpu() for k, v in each.items()} for each in found]

    with torch.inference_mode(), evaluating(detector):
        return agreement_of(
            ours,
            cast(Detect, exported),
            images,
            most=detector.spec.architecture.detections,
        )


def _check_agreement(
    agreement: DetectionAgreement, properties: DetectorProperties
) -> None:
    if agreement.share_without_partner > MOST_WITHOUT_PARTNER:
        raise RunError(
            f"the graph of {properties.detector} on {properties.network} finds others "
            f"than the detector: "
            f"{agreement.without_partner} of {agreement.detections} detections have "
            f"no partner, more than {MOST_WITHOUT_PARTNER:.0%}; nothing was written"
        )
