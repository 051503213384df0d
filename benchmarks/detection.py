"""Our detectors against torchvision's own of the same: inference, training step, loading.

Claims: inference and a training step of `ssdlite(mobilenetv3_large_100)` and of
`faster_rcnn(resnet50)` take no longer than those of torchvision's builders with the same
weights, in the better of both memory formats; and one worker loads and augments images
of 320 pixels faster than the step takes them. Both find the same in the same image
before anything is timed. SSDLite takes 320 pixels, Faster R-CNN a shorter side of 800,
and of 320 in training. Images are noise; those that are loaded are COCO's below
REXPAND_DATA, or noise as JPEG files.
"""

import copy
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn
from torchvision.models import mobilenet_v3_large
from torchvision.models.detection import fasterrcnn_resnet50_fpn
from torchvision.models.detection.anchor_utils import DefaultBoxGenerator
from torchvision.models.detection.ssd import SSD
from torchvision.models.detection.ssdlite import (
    SSDLiteFeatureExtractorMobileNet,
    SSDLiteHead,
)

from interleave import Report, Stopwatch, interleave, parser, ratio, stopwatch
from rexpand.data.detection import (
    AnnotatedImage,
    DetectionSplit,
    Instance,
    load_detection,
)
from rexpand.models import as_released
from rexpand.recipe import DETECTION_AUGMENTATIONS
from rexpand.spec import network
from rexpand.transfer.detection import Detector, faster_rcnn, ssdlite
from rexpand.transfer.detection.agreement import agreement_of
from rexpand.transfer.detection.exporting import MOST_WITHOUT_PARTNER

CLASSES = 80
BACKGROUND = 6.0  # added to its score
HALF = (0.5, 0.5, 0.5)
ANCHORS = (32, 64, 128, 256, 512)
Watch = Callable[[Callable[[], object]], Stopwatch]
AUGMENTATIONS = ("ssdlite", "ssd")
FORMATS = {
    "torchvision": torch.contiguous_format,
    "torchvision, channels last": torch.channels_last,
}


@dataclass(frozen=True, kw_only=True, eq=False)
class Pair:
    """A detector of ours and torchvision's with the same weights, and what they take."""

    name: str
    ours: Detector
    theirs: nn.Module
    images: list[Tensor]
    targets: list[dict[str, Tensor]]

    def modules(self) -> dict[str, nn.Module]:
        """Copies, so that none has the better place in memory."""
        others = {
            name: copy.deepcopy(self.theirs).to(memory_format=form)
            for name, form in FORMATS.items()
        }
        return {"ours": copy.deepcopy(self.ours), **others}


def main() -> None:
    options = parser(__doc__, rounds=5)
    options.add_argument("--threads", type=int, default=2)
    options.add_argument(
        "--parts", default="inference,step,loading", help="of the three"
    )
    options.add_argument(
        "--processor-time", action="store_true", help="on a machine that others use"
    )
    chosen = options.parse_args()
    report = Report(__file__, chosen, ("torch", "torchvision", "numpy"))
    parts, smoke = chosen.parts.split(","), chosen.smoke
    torch.set_num_threads(1 if smoke else chosen.threads)
    watch = _processor_time if chosen.processor_time else stopwatch
    report.finding(
        "clock",
        "processor" if chosen.processor_time else "wall",
        f"threads: {chosen.threads}; time of the "
        f"{'processor' if chosen.processor_time else 'clock'}",
    )
    if "inference" in parts:
        _compare(report, "inference", _for_inference(smoke), _detecting, watch)
    if "step" in parts:
        _compare(report, "step", _for_steps(smoke), _training, watch)
    if "loading" in parts:
        _loading(report, smoke, watch)
    report.close()


def _processor_time(call: Callable[[], object]) -> Stopwatch:
    def run() -> float:
        started = time.process_time()
        call()
        return time.process_time() - started

    return run


def _for_inference(smoke: bool) -> Iterator[Pair]:
    side = 96 if smoke else 800
    yield _ssdlite(_noise(1, 320, 320))
    yield _faster_rcnn(side, _noise(1, side, side * 4 // 3), smoke)


def _for_steps(smoke: bool) -> Iterator[Pair]:
    side = 96 if smoke else 320
    yield _ssdlite(_noise(2 if smoke else 8, 320, 320))
    yield _faster_rcnn(side, _noise(2, side, side * 4 // 3), smoke)


def _ssdlite(images: list[Tensor]) -> Pair:
    spec = as_released(network("mobilenetv3_large_100"), "torchvision")
    theirs, ours = _built(), ssdlite(spec, CLASSES, mean=HALF, std=HALF)
    return _pair("ssdlite(mobilenetv3_large_100)", ours, theirs, images)


def _built() -> SSD:
    """torchvision's SSDLite as its builder makes it for a backbone with weights.

    Without weights to fetch the builder itself makes another network, of half a tail.
    """

    def norm(channels: int) -> nn.Module:
        return nn.BatchNorm2d(channels, eps=0.001, momentum=0.03)

    features = mobilenet_v3_large(norm_layer=norm).features
    body = SSDLiteFeatureExtractorMobileNet(features, 13, norm)
    anchors = DefaultBoxGenerator([[2, 3]] * 6, min_ratio=0.2, max_ratio=0.95)
    head = SSDLiteHead([672, 960, 512, 256, 256, 128], [6] * 6, CLASSES + 1, norm)
    return SSD(
        body, anchors, (320, 320), CLASSES + 1, image_mean=[*HALF], image_std=[*HALF],
        head=head, score_thresh=0.001, nms_thresh=0.55, detections_per_img=300,
        topk_candidates=300,
    )  # fmt: skip


def _faster_rcnn(side: int, images: list[Tensor], smoke: bool) -> Pair:
    longest = side * 5 // 3
    theirs = fasterrcnn_resnet50_fpn(
        weights=None, weights_backbone=None, num_classes=CLASSES + 1,
        min_size=side, max_size=longest,
    )  # fmt: skip
    ours = faster_rcnn(
        "resnet50", CLASSES, shorter_side=side, longest_side=longest,
        anchor_sizes=ANCHORS,
    )  # fmt: skip
    for each in (ours.model, theirs) if smoke else ():
        each.rpn._post_nms_top_n = {"training": 20, "testing": 20}
        each.roi_heads.fg_bg_sampler.batch_size_per_image = 16
    return _pair("faster_rcnn(resnet50)", ours, theirs, images)


def _pair(name: str, ours: Detector, theirs: nn.Module, images: list[Tensor]) -> Pair:
    """Both with the same weights; what they find in the first image is the same.

    But for rounding: the tests hold them to equality in float64.
    """
    torch.manual_seed(0)
    for layer in theirs.modules():  # else scores are so even that rounding decides
        if isinstance(layer, nn.Conv2d | nn.Linear):
            nn.init.kaiming_normal_(layer.weight, nonlinearity="linear")
    if isinstance(theirs, SSD):
        _make_background_likely(theirs)
    values = theirs.state_dict().values()
    ours.load_state_dict(dict(zip(ours.state_dict(), values, strict=True)))
    with torch.inference_mode():
        most = ours.spec.architecture.detections
        found = agreement_of(ours.eval(), theirs.eval(), images[:1], most=most)
    if found.share_without_partner > MOST_WITHOUT_PARTNER or not found.detections:
        raise SystemExit(f"{name}: not the same detections: {found}")
    return Pair(
        name=name,
        ours=ours,
        theirs=theirs,
        images=images,
        targets=[_target(*each.shape[1:]) for each in images],
    )


def _make_background_likely(ssd: SSD) -> None:
    """As in a trained detector: else every anchor is a detection of every class."""
    for head in ssd.head.classification_head.module_list:
        with torch.no_grad():
            head[-1].weight *= 0.5
            head[-1].bias.view(-1, CLASSES + 1)[:, 0] += BACKGROUND


def _noise(count: int, height: int, width: int) -> list[Tensor]:
    generator = torch.Generator().manual_seed(0)
    return [*torch.rand(count, 3, height, width, generator=generator)]


def _target(height: int, width: int) -> dict[str, Tensor]:
    """Seven boxes, as COCO's images have on average."""
    rng = np.random.default_rng(0)
    corners = np.sort(rng.random((7, 2, 2)), 1) * (width, height)
    boxes = torch.from_numpy(corners.reshape(7, 4)).float()
    boxes[:, 2:] = torch.maximum(boxes[:, 2:], boxes[:, :2] + 4)
    labels = torch.from_numpy(rng.integers(1, CLASSES + 1, 7))
    return {"boxes": boxes, "labels": labels}


def _detecting(module: nn.Module, pair: Pair) -> Callable[[], object]:
    module.eval()

    @torch.inference_mode()
    def call() -> object:
        return module(pair.images)

    return call


def _training(module: nn.Module, pair: Pair) -> Callable[[], object]:
    """Forward and backward; the optimizer's step is the same for both."""
    module.train()

    def call() -> None:
        module.zero_grad()
        torch.manual_seed(0)  # proposals are drawn
        sum(module(pair.images, pair.targets).values()).backward()

    return call


def _compare(
    report: Report,
    what: str,
    pairs: Iterator[Pair],
    call_of: Callable[[nn.Module, Pair], Callable[[], object]],
    watch: Watch,
) -> None:
    for pair in pairs:
        rivals = {
            f"{name}, {what} of {pair.name}": watch(call_of(module, pair))
            for name, module in pair.modules().items()
        }
        timings = interleave(rivals, report.rounds)
        ours, *theirs = timings.values()
        report.timings(timings.values())
        report.ratios([ratio(each, ours) for each in theirs])
    print("target: each ratio 1 or more\n")


def _loading(report: Report, smoke: bool, watch: Watch) -> None:
    """Seconds an image of one worker over an epoch, and of SSDLite's training step."""
    pair = next(_for_steps(smoke))
    batch = len(pair.images)
    with TemporaryDirectory() as folder:
        split = replace(_split(Path(folder), smoke), threads=1)
        print(f"{len(split)} images, batches of {batch}, one worker")
        timings = interleave(
            {
                "step": watch(_training(pair.ours, pair)),
                **{
                    name: watch(partial(_load, split, name, batch))
                    for name in AUGMENTATIONS
                },
            },
            report.rounds,
        )
    step = timings.pop("step").per(batch, "step, an image")
    loaded = [
        each.per(len(split), f"loading, augmented as {each.name}, an image")
        for each in timings.values()
    ]
    report.timings([step, *loaded])
    report.ratios([ratio(step, each) for each in loaded])
    print("target: each ratio 1 or more")


def _load(split: DetectionSplit, augmentation: str, batch: int) -> None:
    """An epoch of images, which are read ahead while others are taken."""
    batches = split.batches(
        batch_size=batch,
        device=torch.device("cpu"),
        seed=0,
        augmentation=DETECTION_AUGMENTATIONS[augmentation],
    )
    for _ in batches:
        pass


def _split(folder: Path, smoke: bool) -> DetectionSplit:
    """COCO's images, or noise as JPEG files with the boxes of `_target`."""
    place = os.environ.get("REXPAND_DATA")
    if place and (Path(place) / "coco_mini").is_dir() and not smoke:
        print("images of COCO")
        return load_detection("coco_mini", root=Path(place), on_defect="skip").train
    print("images of noise")
    height, width = 427, 640
    target = _target(height, width)
    instances = tuple(
        Instance(category=int(label) - 1, box=tuple(box.tolist()), area=float("nan"))
        for box, label in zip(target["boxes"], target["labels"], strict=True)
    )
    images = []
    for number in range(4 if smoke else 64):
        pixels = np.random.default_rng(number).integers(0, 256, (27, 40, 3), np.uint8)
        path = folder / f"{number}.jpg"
        Image.fromarray(pixels).resize((width, height)).save(path)
        images.append(
            AnnotatedImage(
                file=str(path), image_id=number, height=height, width=width,
                instances=instances,
            )
        )  # fmt: skip
    return DetectionSplit(
        class_names=tuple(map(str, range(CLASSES))),
        category_ids=tuple(range(CLASSES)),
        images=tuple(images),
    )


if __name__ == "__main__":
    main()
