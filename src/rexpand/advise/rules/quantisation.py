"""RX013 and RX014: what an int8 target does badly: squeeze-excite, unbounded smooth."""

from collections.abc import Iterator, Sequence

from rexpand.advise.rules.nonlinearity import activation_name
from rexpand.advise.rules.rule import Observation, Rule, facts
from rexpand.advise.rules.subject import Subject, is_on_map
from rexpand.cost.operators import Layer

_NEAR = 6  # operators between a gate's activation and the product; timm's have two
_GATES = frozenset(("sigmoid", "hardsigmoid", "tanh"))
# Smooth and unbounded; hard swish is not smooth, and has kernels of its own in int8.
_SMOOTH = frozenset(("silu", "gelu", "mish", "elu", "celu", "selu", "softplus"))


def check_squeeze_excite(subject: Subject) -> Iterator[Observation]:
    """Every product of a map with a gate of one number a channel."""
    if subject.target != "int8":
        return
    layers = subject.graph.layers
    for place, layer in enumerate(layers):
        if layer.kind != "multiply" or not _is_gated(layers, place):
            continue
        yield Observation(
            layer=layer.name,
            message=f"a gate multiplies {layer.out_channels} channels",
            evidence=facts(
                channels=layer.out_channels,
                elements=layer.elements_out,
                params=_params_of_gate(layers, layer.name),
            ),
            cost=(
                f"{layer.elements_out:,} products of two int8 tensors of unlike ranges, "
                "each scaled anew; some mobile accelerators support them badly"
            ),
            fix="leave it out and spend its params on channels, as EfficientNet-Lite",
        )


def check_smooth(subject: Subject) -> Iterator[Observation]:
    """Every smooth unbounded activation of a map."""
    if subject.target != "int8":
        return
    for layer in subject.graph.layers:
        name = activation_name(layer)
        if layer.kind != "activation" or name not in _SMOOTH or not is_on_map(layer):
            continue
        yield Observation(
            layer=layer.name,
            message=f"{name} of {layer.out_channels} channels before int8",
            evidence=facts(
                activation=name,
                channels=layer.out_channels,
                elements=layer.elements_out,
            ),
            cost=(
                "its range is unbounded above, and the small negative values share the "
                "grid: quantised after training, an EfficientNet-Lite0 that kept such "
                "ranges fell from 75 to 46 % top-1"
            ),
            fix="ReLU6, trained so from the start or finetuned",
        )


def _is_gated(layers: Sequence[Layer], place: int) -> bool:
    """A map times what an activation gave a moment ago, one number a channel."""
    layer = layers[place]
    if not is_on_map(layer) or len(layer.inputs) != 2:
        return False
    gate = min(layer.inputs, key=_elements)
    if len(gate) != 4 or _elements(gate) != layer.out_channels:
        return False
    return any(
        before.kind == "activation"
        and activation_name(before) in _GATES
        and _elements(before.output) == layer.out_channels
        for before in layers[max(place - _NEAR, 0) : place]
    )


def _elements(shape: Sequence[int]) -> int:
    product = 1
    for size in shape:
        product *= size
    return product


def _params_of_gate(layers: Sequence[Layer], name: str) -> int:
    """Of the gate's own module; 0 where a block holds it without one."""
    return sum(
        layer.params
        for layer in layers
        if layer.name.startswith(f"{name}.") and not is_on_map(layer)
    )


_BLOG = "TensorFlow blog, 2020-03: Higher accuracy on vision models, EfficientNet-Lite"
RULES = (
    Rule(
        id="RX013",
        name="squeeze-excite-int8",
        level="warning",
        summary="Squeeze-excite stands in a network that becomes int8.",
        source=_BLOG,
        check=check_squeeze_excite,
        needs="target",
    ),
    Rule(
        id="RX014",
        name="smooth-int8",
        level="error",
        summary="SiLU or its like stands in a network that becomes int8.",
        source=_BLOG,
        check=check_smooth,
        needs="target",
    ),
)
