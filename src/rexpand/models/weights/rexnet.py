"""ReXNet in timm and in the official release."""

from rexpand.models.weights.release import Release, numbered
from rexpand.spec import InvertedBottleneck, NetworkSpec


def timm_names(spec: NetworkSpec) -> dict[str, str]:
    table = {"stem.conv": "stem.conv", "stem.norm": "stem.bn"}
    for index, block in enumerate(spec.blocks):
        ours, theirs = f"blocks.{index}", f"features.{index}"
        for part, name in _PARTS:
            if part != "expand" or _expands(block):
                table[f"{ours}.{part}.conv"] = f"{theirs}.{name}.conv"
                table[f"{ours}.{part}.norm"] = f"{theirs}.{name}.bn"
        if _squeezes(block):
            for part, name in (("reduce", "fc1"), ("norm", "bn"), ("expand", "fc2")):
                table[f"{ours}.squeeze_excite.{part}"] = f"{theirs}.se.{name}"
    last = f"features.{spec.depth}"
    return table | {
        "penultimate.conv": f"{last}.conv",
        "penultimate.norm": f"{last}.bn",
        "head.classifier": "head.fc",
    }


_PARTS = (("expand", "conv_exp"), ("depthwise", "conv_dw"), ("project", "conv_pwl"))


def official_names(spec: NetworkSpec) -> dict[str, str]:
    """The official layout numbers its layers, activations included."""
    table = {"stem.conv": "features.0", "stem.norm": "features.1"}
    for index, block in enumerate(spec.blocks):
        ours, theirs = f"blocks.{index}", f"features.{index + 3}.out"
        place = 0
        if _expands(block):
            table |= numbered(f"{ours}.expand", theirs, place)
            place += 3  # convolution, norm, activation
        table |= numbered(f"{ours}.depthwise", theirs, place)
        place += 2
        if _squeezes(block):
            for part, number in (("reduce", 0), ("norm", 1), ("expand", 3)):
                table[f"{ours}.squeeze_excite.{part}"] = f"{theirs}.{place}.fc.{number}"
            place += 1
        table |= numbered(f"{ours}.project", theirs, place + 1)  # after ReLU6
    place = spec.depth + 3
    table |= numbered("penultimate", "features", place)
    return table | {"head.classifier": "output.1"}


def lite_names(spec: NetworkSpec) -> dict[str, str]:
    """The official layout of ReXNet-lite: the same, and a second layer in the head."""
    head = {
        "head.hidden.0": "output.0",
        "head.hidden.1": "output.1",
        "head.classifier": "output.4",  # after an activation and a dropout
    }
    return official_names(spec) | head


def _expands(block: object) -> bool:
    return isinstance(block, InvertedBottleneck) and block.expand_ratio != 1


def _squeezes(block: object) -> bool:
    return isinstance(block, InvertedBottleneck) and block.squeeze_excite is not None


TIMM = Release(names=timm_names)
OFFICIAL = Release(names=official_names, as_convolution=("head.classifier.weight",))
OFFICIAL_LITE = Release(
    names=lite_names,
    as_convolution=("head.hidden.0.weight", "head.classifier.weight"),
)
