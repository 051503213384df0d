"""What timm calls pretrained configs: image, normalisation, names of layers, weights."""

from collections import deque
from dataclasses import replace
from typing import Any

from timm.data import IMAGENET_DEFAULT_MEAN, IMAGENET_DEFAULT_STD
from timm.models import DefaultCfg, PretrainedCfg, get_arch_pretrained_cfgs

from rexpand.models import Library, name_in
from rexpand.spec import ImageContract, NetworkSpec, network

_CROP = 0.875  # of the shorter side: 224 of 256 pixels
_USUAL = ImageContract(
    channels=3,
    height=224,
    width=224,
    mean=IMAGENET_DEFAULT_MEAN,
    std=IMAGENET_DEFAULT_STD,
    crop=_CROP,
    interpolation="bicubic",
)
_LIBRARIES: tuple[Library, ...] = ("timm", "torchvision")


def library_of(name: str) -> Library | None:
    """The library that has weights for a network of the catalogue; timm comes first."""
    return next((library for library in _LIBRARIES if name_in(library, name)), None)


def configs_of(name: str) -> DefaultCfg:
    """The configs of a network: one per set of weights, or one without weights."""
    spec = network(name)
    match library_of(name):
        case "timm":
            published = _timms(name)
        case "torchvision":
            published = {"tv_in1k": _torchvisions(name)}
        case None:
            published = {}
    if not published:
        bare = PretrainedCfg(**image_of(spec), **layers_of(spec))
        return DefaultCfg(tags=deque([""]), cfgs={"": bare})
    configs = {
        tag: replace(config, **layers_of(spec), pool_size=_pool_size(spec, config))
        for tag, config in published.items()
    }
    return DefaultCfg(tags=deque(configs), cfgs=configs, is_pretrained=True)


def image_of(spec: NetworkSpec, known: ImageContract | None = None) -> dict[str, Any]:
    """The images that a spec is for, under timm's names; none of them is learned.

    `known` is the contract of its weights, ImageNet's usual one without it.
    """
    last = spec.map_sizes()[-1]
    image = known if known is not None and known.is_known else _USUAL
    return {
        "input_size": spec.image,
        "pool_size": (last.height, last.width),
        "test_input_size": None,
        "num_classes": spec.num_classes,
        "mean": image.mean,
        "std": image.std,
        "crop_pct": image.crop,
        "test_crop_pct": None,
        "interpolation": image.interpolation,
    }


def layers_of(spec: NetworkSpec) -> dict[str, Any]:
    """Names of the layers that timm fits to other channels and classes."""
    classifier = "head.classifier"
    if spec.head.classifier == "convolution":
        classifier += ".0"
    elif spec.head.condense_factor > 1:
        classifier += ".linear"
    return {"first_conv": "stem.conv", "classifier": classifier}


def _pool_size(spec: NetworkSpec, config: PretrainedCfg) -> tuple[int, int]:
    height, width = config.input_size[1:]
    return spec.sizes(height)[-1], spec.sizes(width)[-1]


def _timms(name: str) -> dict[str, PretrainedCfg]:
    """timm's own configs by tag, its default first, those in its own format."""
    return {
        config.tag or "": config
        for config in get_arch_pretrained_cfgs(name).values()
        if config.has_weights and not config.custom_load
    }


def _torchvisions(name: str) -> PretrainedCfg:
    from torchvision import models

    weights = models.get_model_weights(name_in("torchvision", name)).DEFAULT
    preset = weights.transforms()
    (side,), (resized,) = preset.crop_size, preset.resize_size
    return PretrainedCfg(
        url=weights.url,
        input_size=(3, side, side),
        crop_pct=side / resized,
        interpolation=preset.interpolation.value,
        mean=tuple(preset.mean),
        std=tuple(preset.std),
        origin_url="https://github.com/pytorch/vision",
    )
