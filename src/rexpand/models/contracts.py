"""The image contract of a module, as its library publishes it."""

from typing import Any, get_args

from torch import nn

from rexpand.models.network import Network
from rexpand.spec import ImageContract, Interpolation, NetworkSpec

_USUAL = 224  # pixels, where no other size is known
_IMAGENET_CLASSES = 1000


def spec_contract(spec: NetworkSpec, known: ImageContract | None) -> ImageContract:
    """That of a network of ours: the size from the spec, the rest from its weights.

    Weights for another number of image channels say nothing about these images.
    """
    size = ImageContract(
        channels=spec.in_channels,
        height=spec.size.height,
        width=spec.size.width,
        origin="spec",
    )
    if known is None or known.channels != spec.in_channels:
        return size
    return known.at(spec.resolution)


def module_contract(module: nn.Module) -> ImageContract:
    """That of any module: timm's `pretrained_cfg`, or a size alone."""
    said = getattr(module, "pretrained_cfg", None)
    if isinstance(said, dict) and said.get("input_size"):
        return _timms(said)
    first = (part for part in module.modules() if isinstance(part, nn.Conv2d))
    convolution = next(first, None)
    channels = convolution.in_channels if convolution else 3
    return ImageContract(channels=channels, height=_USUAL, width=_USUAL)


def image_of(module: nn.Module) -> tuple[int, int, int]:
    """The image of a module by itself: of its spec, or as `module_contract` says."""
    if isinstance(module, Network):
        return spec_contract(module.spec, None).image
    return module_contract(module).image


def torchvision_contract(name: str, module: nn.Module) -> ImageContract:
    """That of a network of torchvision: how its default weights are evaluated.

    A vision transformer takes one size: that of `module`, which was built without
    weights (224 for vit_h_14, whose default weights are of 518).
    """
    from torchvision import models

    weights = models.get_model_weights(name).DEFAULT
    said = weights.transforms()
    (side,), (resized,) = said.crop_size, said.resize_size
    contract = ImageContract(
        channels=3,
        height=side,
        width=side,
        mean=tuple(said.mean),
        std=tuple(said.std),
        interpolation=_interpolation(said.interpolation.value),
        crop=min(side / resized, 1.0),
        class_names=tuple(weights.meta["categories"]),
        origin="torchvision",
    )
    if isinstance(module, models.VisionTransformer):
        return contract.at(int(module.image_size))
    return contract


def _timms(said: dict[str, Any]) -> ImageContract:
    """The size is that of training; `test_input_size`, where given, is another."""
    channels, height, width = said["input_size"]
    mean, std = said.get("mean"), said.get("std")
    fits = mean is not None and std is not None and len(mean) == len(std) == channels
    return ImageContract(
        channels=channels,
        height=height,
        width=width,
        mean=tuple(mean) if mean is not None and fits else None,
        std=tuple(std) if std is not None and fits else None,
        interpolation=_interpolation(said.get("interpolation", "bilinear")),
        crop=said.get("crop_pct") or 1.0,
        class_names=_class_names(said),
        origin="timm",
    )


def _class_names(said: dict[str, Any]) -> tuple[str, ...]:
    """timm's own names of the outputs: for ImageNet, WordNet's numbers."""
    if names := said.get("label_names"):
        return tuple(names)
    if said.get("num_classes") != _IMAGENET_CLASSES:
        return ()
    from timm.data.imagenet_info import ImageNetInfo

    return tuple(ImageNetInfo().label_names())  # type: ignore[no-untyped-call]


def _interpolation(name: str) -> Interpolation:
    known: tuple[Interpolation, ...] = get_args(Interpolation)
    return next((each for each in known if each == name), "bicubic")
