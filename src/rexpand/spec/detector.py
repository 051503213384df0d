"""A detector as data: which one, on which maps of which network, fed how.

    SSDLite       default boxes on two maps and on extra ones (arXiv 1801.04381)
    Faster R-CNN  proposals and boxes on a feature pyramid (1506.01497, 1612.03144)
    Mask R-CNN    and a mask for each box (1703.06870)

What each of them is made of follows torchvision, and so do the defaults.
"""

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Annotated, Literal, get_args

from rexpand.allowed import check_fields
from rexpand.errors import SpecError
from rexpand.ranges import (
    ANCHOR,
    ASPECT_RATIO,
    BOXES,
    FINITE,
    PLACE,
    PROBABILITY,
    RESOLUTION,
    SCALE,
    SOME_CLASSES,
    WIDTH,
)
from rexpand.spec.feature_levels import FeatureLevel, all_levels
from rexpand.spec.image_contract import Padding
from rexpand.spec.network import NetworkSpec

DetectorKind = Literal["ssdlite", "faster_rcnn", "mask_rcnn"]
Feature = Literal["block", "expansion"]
BackboneNorm = Literal["batch", "frozen", "sync"]

# Per channel, where a byte of 255 is 1: torchvision's.
IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)


@dataclass(frozen=True, kw_only=True)
class SSDLite:
    """Images of one size; maps of half the side after the backbone's; separable heads.

    Anchors are sides of the image: those of the shallowest map have `smallest_anchor`,
    those of the deepest `largest_anchor`, and each of the `aspect_ratios` comes upright
    too. With `reduced_first` each place of the first map has three anchors, as in
    TensorFlow's SSDLite, whose costs the literature prints: a square of a tenth of the
    image and the ratio 2 in both directions. A head is a depthwise 3x3 and a 1x1; that
    of the deepest map has `last_kernel_size`, where 1 leaves the depthwise convolution
    out.
    """

    size: Annotated[int, RESOLUTION] = 320
    extra_channels: tuple[Annotated[int, WIDTH], ...] = (512, 256, 256, 128)
    smallest_anchor: Annotated[float, ANCHOR] = 0.2
    largest_anchor: Annotated[float, ANCHOR] = 0.95
    aspect_ratios: tuple[Annotated[float, ASPECT_RATIO], ...] = (2.0, 3.0)
    reduced_first: bool = False
    last_kernel_size: Literal[1, 3] = 3
    candidates: Annotated[int, BOXES] = 300
    score_threshold: Annotated[float, PROBABILITY] = 0.001
    nms_threshold: Annotated[float, PROBABILITY] = 0.55
    detections: Annotated[int, BOXES] = 300
    kind: Literal["ssdlite"] = "ssdlite"

    def __post_init__(self) -> None:
        check_fields(self, SpecError)

    @property
    def least_side(self) -> int:
        """The shorter side of an image as the backbone sees it, pixels."""
        return self.size


@dataclass(frozen=True, kw_only=True)
class _Regions:
    """Images of any size; a pyramid of equally wide maps, and one more by subsampling.

    The shorter side is resized to `shorter_side`, or less where the longer one would
    exceed `longest_side`. `anchor_sizes` are pixels, one for each map of the pyramid.
    The region proposal network gives at most `proposals` (in training
    `training_proposals`, of which `sampled_proposals` have a loss); of each, `box_width`
    features are computed twice.
    """

    anchor_sizes: tuple[Annotated[float, ANCHOR], ...]
    shorter_side: Annotated[int, RESOLUTION] = 800
    longest_side: Annotated[int, RESOLUTION] = 1333
    fpn_width: Annotated[int, WIDTH] = 256
    aspect_ratios: tuple[Annotated[float, ASPECT_RATIO], ...] = (0.5, 1.0, 2.0)
    proposals: Annotated[int, BOXES] = 1000
    training_proposals: Annotated[int, BOXES] = 2000
    sampled_proposals: Annotated[int, BOXES] = 512
    box_width: Annotated[int, WIDTH] = 1024
    score_threshold: Annotated[float, PROBABILITY] = 0.05
    nms_threshold: Annotated[float, PROBABILITY] = 0.5
    detections: Annotated[int, BOXES] = 100

    def __post_init__(self) -> None:
        check_fields(self, SpecError)
        if not self.aspect_ratios:
            raise SpecError("aspect_ratios are empty; give one or more, such as 1.0")
        if self.longest_side < self.shorter_side:
            raise SpecError(
                f"longest_side {self.longest_side} is less than shorter_side "
                f"{self.shorter_side}; give at least {self.shorter_side}"
            )

    @property
    def least_side(self) -> int:
        """The shorter side of an image as the backbone sees it, pixels."""
        return self.shorter_side


@dataclass(frozen=True, kw_only=True)
class FasterRCNN(_Regions):
    __doc__ = _Regions.__doc__

    kind: Literal["faster_rcnn"] = "faster_rcnn"


@dataclass(frozen=True, kw_only=True)
class MaskRCNN(_Regions):
    """Faster R-CNN with a mask of 28x28 for each box, by four 3x3 convolutions."""

    mask_width: Annotated[int, WIDTH] = 256
    kind: Literal["mask_rcnn"] = "mask_rcnn"


@dataclass(frozen=True, kw_only=True)
class ForeignBackbone:
    """A network without a spec: `timm:NAME`, `torchvision:NAME`, or a module's class."""

    name: Annotated[str, PLACE]
    kind: Literal["foreign"] = "foreign"

    def __post_init__(self) -> None:
        check_fields(self, SpecError)


@dataclass(frozen=True, kw_only=True)
class DetectorSpec:
    """A detector as data, which rebuilds it.

    `levels` are the maps that it takes from the backbone, shallow to deep; `all_levels`
    has those that a network offers. `num_classes` does not count the background. `mean`
    and `std` are per channel of the image, on the scale where a byte of 255 is 1. The
    batch norms of the backbone learn (`batch`), stay as they are (`frozen`), or learn
    from the images of all processes where training has several (`sync`, which holds for
    the others of the detector too).
    """

    architecture: SSDLite | FasterRCNN | MaskRCNN
    backbone: NetworkSpec | ForeignBackbone
    levels: tuple[FeatureLevel, ...]
    num_classes: Annotated[int, SOME_CLASSES]
    norm: BackboneNorm = "batch"
    mean: tuple[Annotated[float, FINITE], ...] = IMAGENET_MEAN
    std: tuple[Annotated[float, SCALE], ...] = IMAGENET_STD
    padding: Padding = "plain"

    def __post_init__(self) -> None:
        check_fields(self, SpecError)
        self._check_levels()
        self._check_images()
        if not isinstance(self.architecture, SSDLite):
            self._check_anchors(self.architecture)

    @property
    def detector(self) -> DetectorKind:
        """Which detector it is."""
        return self.architecture.kind

    @property
    def in_channels(self) -> int:
        """Channels of the image."""
        return len(self.mean)

    @property
    def deepest_stride(self) -> int:
        """Pixels of the image for one of the backbone's deepest map."""
        return self.levels[-1].stride

    @property
    def name(self) -> str:
        """The detector and its backbone."""
        return f"{self.detector} on {self.backbone.name}"

    def on(self, network: NetworkSpec) -> "DetectorSpec":
        """The same detector on other channels of its network; levels keep their names."""
        named = {level.name: level for level in all_levels(network)}
        return replace(
            self,
            backbone=network.with_classes(0),
            levels=tuple(named[level.name] for level in self.levels),
        )

    def _check_levels(self) -> None:
        if not self.levels:
            raise SpecError("levels are empty; give one or more maps of the backbone")
        if isinstance(self.backbone, NetworkSpec):
            known = all_levels(self.backbone)
            for level in self.levels:
                if level not in known:
                    raise SpecError(
                        f"{self.backbone.name} has no map {level}; choose from "
                        f"{', '.join(map(str, known))}"
                    )
        for before, after in pairwise(self.levels):
            if before.stride >= after.stride:
                raise SpecError(
                    f"level {after} follows {before}; give one map of each stride, the "
                    "shallowest first"
                )

    def _check_images(self) -> None:
        """Raise SpecError for images that the backbone cannot take."""
        side, stride = self.architecture.least_side, self.deepest_stride
        if side < stride:
            raise SpecError(
                f"images of {side} pixels are smaller than the deepest stride, {stride}; "
                f"give {stride} or more, or shallower levels"
            )
        channels = self.in_channels
        if isinstance(self.backbone, NetworkSpec):
            channels = self.backbone.in_channels
        if not len(self.mean) == len(self.std) == channels:
            raise SpecError(
                f"mean has {len(self.mean)} values and std {len(self.std)} for images of "
                f"{channels} channels; give one per channel"
            )

    def _check_anchors(self, architecture: FasterRCNN | MaskRCNN) -> None:
        maps = len(self.levels) + 1
        if len(architecture.anchor_sizes) != maps:
            raise SpecError(
                f"{len(architecture.anchor_sizes)} anchor_sizes for a pyramid of {maps} "
                "maps; give one for each level and one more"
            )


DETECTORS: tuple[DetectorKind, ...] = get_args(DetectorKind)
