"""RX004 and RX005: which nonlinearity stands where in a block."""

from collections.abc import Iterator

from rexpand.advise.rules.rule import Observation, Rule, facts
from rexpand.advise.rules.subject import Subject
from rexpand.cost.operators import Layer

# Piecewise linear, hence cheap; every other activation is a complicated one.
_PLAIN = frozenset(
    ("relu", "relu6", "hardtanh", "leaky_relu", "prelu", "rrelu", "clamp", "threshold")
)
_RECTIFIERS = frozenset(("relu", "relu6", "hardtanh"))


def activation_name(layer: Layer) -> str:
    """`silu`, however it was called."""
    if layer.module.endswith(".ReLU6"):  # torch's calls hardtanh
        return "relu6"
    return layer.function.rpartition(".")[2].rstrip("_")


def check_after_depthwise(subject: Subject) -> Iterator[Observation]:
    """Every depthwise convolution by the activation that follows."""
    expanded = {block.depthwise.places for block in subject.bottlenecks}
    for depthwise in subject.depthwise:
        layer = depthwise.activation
        if layer is None or activation_name(layer) in _PLAIN:
            continue
        name = activation_name(layer)
        yield Observation(
            layer=layer.name,
            message=f"{name} after a depthwise convolution of {depthwise.channels}",
            evidence=facts(
                activation=name,
                depthwise=depthwise.layers[0].name,
                channels=depthwise.channels,
                elements=layer.elements_out,
            ),
            cost=(
                f"{layer.elements_out:,} elements through {name}, where it does not "
                "raise the rank"
            ),
            fix=(
                "ReLU or ReLU6 here; keep the smooth one after the first 1x1"
                if depthwise.places in expanded
                else "ReLU or ReLU6 here"
            ),
        )


def check_after_expansion(subject: Subject) -> Iterator[Observation]:
    """Every inverted bottleneck by the activation after its first 1x1.

    Silent before int8, where a bounded ReLU6 is the better choice (RX014).
    """
    if subject.target == "int8":
        return
    for block in subject.bottlenecks:
        layer = block.expand_activation
        if layer is not None and activation_name(layer) not in _RECTIFIERS:
            continue
        name = activation_name(layer) if layer else "no activation"
        yield Observation(
            layer=layer.name if layer else block.expand.name,
            message=f"{name} after the first 1x1 of {block.name}",
            evidence=facts(
                activation=name,
                expand=block.expand.name,
                channels=block.expand.out_channels,
            ),
            cost=(
                "rank of the expanded features; in ReXNet x1.0, ReLU6 in place of SiLU "
                "there cost 0.6 points of top-1 (77.3 against 77.9)"
            ),
            fix="SiLU or ELU after the first 1x1; a plain one after the depthwise",
        )


RULES = (
    Rule(
        id="RX004",
        name="smooth-after-depthwise",
        level="advice",
        summary="A complicated nonlinearity follows a depthwise convolution.",
        source="arXiv 2007.00992, Section 3: not after the depthwise convolution",
        check=check_after_depthwise,
    ),
    Rule(
        id="RX005",
        name="plain-after-expansion",
        level="advice",
        summary="A plain nonlinearity, or none, follows a bottleneck's first 1x1.",
        source="arXiv 2007.00992, Section 3 and Table A2",
        check=check_after_expansion,
    ),
)
