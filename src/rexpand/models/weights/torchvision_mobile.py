"""The mobile networks in torchvision: four layouts, whose layers are numbered."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import count

from rexpand.errors import CheckpointError
from rexpand.models.weights.places import places
from rexpand.models.weights.release import Release, with_torch_eps
from rexpand.spec import InvertedBottleneck, NetworkSpec

Pair = tuple[str, str]  # their convolution and their batch norm

_DEEP = 39  # blocks of EfficientNet-B5


def mobilenet_v2_names(spec: NetworkSpec) -> dict[str, str]:
    """All in `features`; the last convolution of a block is next to its norm."""
    table = _layer("stem", ("features.0.0", "features.0.1"))
    for index, block in enumerate(_bottlenecks(spec)):
        theirs = f"features.{index + 1}.conv"
        *inner, project = _part_names(block)
        for place, part in enumerate(inner):
            pair = (f"{theirs}.{place}.0", f"{theirs}.{place}.1")
            table |= _layer(f"blocks.{index}.{part}", pair)
        last = len(inner)
        pair = (f"{theirs}.{last}", f"{theirs}.{last + 1}")
        table |= _layer(f"blocks.{index}.{project}", pair)
    return table | _ends(f"features.{spec.depth + 1}")


def mobilenet_v3_names(spec: NetworkSpec) -> dict[str, str]:
    table = _layer("stem", ("features.0.0", "features.0.1"))
    for index, block in enumerate(_bottlenecks(spec)):
        table |= _numbered(f"blocks.{index}", f"features.{index + 1}.block", block)
    last = f"features.{spec.depth + 1}"
    head = {"head.hidden.0": "classifier.0", "head.classifier": "classifier.3"}
    return table | _ends(last) | head


def efficientnet_names(spec: NetworkSpec) -> dict[str, str]:
    """One module per stage."""
    table = _layer("stem", ("features.0.0", "features.0.1"))
    stage = 0
    for index, (block, (stage, place)) in enumerate(
        zip(_bottlenecks(spec), places(spec), strict=True)
    ):
        theirs = f"features.{stage + 1}.{place}.block"
        table |= _numbered(f"blocks.{index}", theirs, block)
    return table | _ends(f"features.{stage + 2}")


def mnasnet_names(spec: NetworkSpec) -> dict[str, str]:
    """Stem and first block are plain layers in `layers`, the stages one module each."""
    table = _layer("stem", ("layers.0", "layers.1"))
    stage = 0
    for index, (block, (stage, place)) in enumerate(
        zip(_bottlenecks(spec), places(spec), strict=True)
    ):
        if block.squeeze_excite:
            raise CheckpointError(
                f"torchvision has only MnasNet B1, and block {index} of {spec.name} "
                "has a squeeze-excite; give weights of timm"
            )
        numbers: Sequence[int] = (0, 3, 6) if stage else (3, 6)
        theirs = f"layers.{stage + 7}.{place}.layers" if stage else "layers"
        for part, number in zip(_part_names(block), numbers, strict=True):
            pair = (f"{theirs}.{number}", f"{theirs}.{number + 1}")
            table |= _layer(f"blocks.{index}.{part}", pair)
    last = stage + 8
    table |= _layer("penultimate", (f"layers.{last}", f"layers.{last + 1}"))
    return table | {"head.classifier": "classifier.1"}


def _numbered(ours: str, theirs: str, block: InvertedBottleneck) -> dict[str, str]:
    """The layers of a block in a row, the squeeze-excite before the last."""
    table: dict[str, str] = {}
    places = count()
    *inner, project = _part_names(block)
    for part in inner:
        place = next(places)
        table |= _layer(
            f"{ours}.{part}", (f"{theirs}.{place}.0", f"{theirs}.{place}.1")
        )
    if block.squeeze_excite:
        place = next(places)
        table[f"{ours}.squeeze_excite.reduce"] = f"{theirs}.{place}.fc1"
        table[f"{ours}.squeeze_excite.expand"] = f"{theirs}.{place}.fc2"
    place = next(places)
    pair = (f"{theirs}.{place}.0", f"{theirs}.{place}.1")
    return table | _layer(f"{ours}.{project}", pair)


def _ends(last: str) -> dict[str, str]:
    table = _layer("penultimate", (f"{last}.0", f"{last}.1"))
    return table | {"head.classifier": "classifier.1"}


def _layer(ours: str, theirs: Pair) -> dict[str, str]:
    return {f"{ours}.conv": theirs[0], f"{ours}.norm": theirs[1]}


def _part_names(block: InvertedBottleneck) -> tuple[str, ...]:
    inner = ("depthwise", "project")
    return ("expand", *inner) if block.expands else inner


def _bottlenecks(spec: NetworkSpec) -> list[InvertedBottleneck]:
    return [block for block in spec.blocks if isinstance(block, InvertedBottleneck)]


def _with_eps(norm_eps: float) -> Callable[[NetworkSpec], NetworkSpec]:
    return lambda spec: replace(spec, norm_eps=norm_eps)


def _efficientnet_adapted(spec: NetworkSpec) -> NetworkSpec:
    """TensorFlow's epsilon from B5 on, torch's before."""
    return replace(spec, norm_eps=1e-3 if spec.depth >= _DEEP else 1e-5)


MOBILENET_V2 = Release(names=mobilenet_v2_names, adapted=with_torch_eps)
MOBILENET_V3 = Release(names=mobilenet_v3_names, adapted=_with_eps(1e-3))
EFFICIENTNET = Release(names=efficientnet_names, adapted=_efficientnet_adapted)
MNASNET = Release(names=mnasnet_names, adapted=with_torch_eps)
