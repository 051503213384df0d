"""RX013 and RX014: what an int8 target does badly: squeeze-excite, unbounded smooth."""

from collections.abc import Iterator

from rexpand.advise.rules.nonlinearity import activation_name
from rexpand.advise.rules.rule import Observation, Rule, facts
from rexpand.advise.rules.subject import Subject
from rexpand.cost.flow import Flow

_GATES = frozenset(("sigmoid", "hardsigmoid", "tanh"))
# Smooth and unbounded; hard swish is not smooth, and has kernels of its own in int8.
_SMOOTH = frozenset(("silu", "gelu", "mish", "elu", "celu", "selu", "softplus"))


def check_squeeze_excite(subject: Subject) -> Iterator[Observation]:
    """Every product of a map with a gate of one number per channel."""
    if subject.target != "int8":
        return
    flow = subject.graph.flow
    for place, layer in enumerate(flow.layers):
        gate = flow.gate(place) if flow.is_on_map(place) else None
        if gate is None or not _is_per_channel(flow, gate, layer.out_channels):
            continue
        yield Observation(
            layer=layer.name,
            message=f"a gate multiplies {layer.out_channels} channels",
            evidence=facts(
                channels=layer.out_channels,
                elements=layer.elements_out,
                params=sum(flow.layers[each].params for each in flow.vectors(gate)),
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
    flow = subject.graph.flow
    for place, layer in enumerate(flow.layers):
        name = activation_name(layer)
        is_smooth = layer.kind == "activation" and name in _SMOOTH
        if not (is_smooth and flow.is_on_map(place)):
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


def _is_per_channel(flow: Flow, gate: int, channels: int) -> bool:
    """Whether an activation of a gate's kind gave one number per channel."""
    on_the_way = (flow.layers[each] for each in (gate, *flow.back(gate).passed[::-1]))
    last = next((each for each in on_the_way if each.kind == "activation"), None)
    return (
        last is not None
        and activation_name(last) in _GATES
        and last.elements_out == channels
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
