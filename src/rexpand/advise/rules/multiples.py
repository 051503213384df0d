"""RX011: channels that are no multiple of what the target computes at once."""

import math
from collections.abc import Iterator

from rexpand.advise.rules.rule import Observation, Rule, facts
from rexpand.advise.rules.subject import Subject
from rexpand.cost.operators import Layer


def check(subject: Subject) -> Iterator[Observation]:
    """Every filter that chooses its own width; a depthwise one follows its input's."""
    multiple = subject.multiple_of
    if multiple < 2:
        return
    flow = subject.graph.flow
    for place, layer in enumerate(subject.graph.layers):
        chooses = (
            flow.is_filter(place)
            and not layer.is_depthwise
            and place not in flow.outputs  # a classifier's are the classes
        )
        if chooses and layer.out_channels % multiple:
            yield _observation(subject, layer)


def _observation(subject: Subject, layer: Layer) -> Observation:
    multiple = subject.multiple_of
    above = math.ceil(layer.out_channels / multiple) * multiple
    below = max(above - multiple, multiple)
    widths = f"{below} or {above}" if below < above else f"{above}"
    command = subject.rounding_command
    padded = layer.macs * (above / layer.out_channels - 1)
    return Observation(
        layer=layer.name,
        message=f"{layer.out_channels} channels are no multiple of {multiple}",
        evidence=facts(
            channels=layer.out_channels,
            multiple_of=multiple,
            below=below,
            above=above,
            padded_macs=round(padded),
        ),
        cost=(
            f"hardware that works on {multiple} at once fills up to {above}: "
            f"{padded:,.0f} macs for nothing "
            f"({subject.share_of_macs(padded):.2%} of the network's); some runtimes "
            "lose nothing, so time it"
        ),
        fix=(
            f"{widths} channels"
            + (f"; `{command}` chooses all widths together" if command else "")
        ),
    )


RULES = (
    Rule(
        id="RX011",
        name="off-multiple",
        level="warning",
        summary="Channels are no multiple of what the target computes at once.",
        source=(
            "VainF/Torch-Pruning#38; timm's benchmark tables of rexnet and rexnetr, "
            "1.15 to 1.31 times faster channels-last in multiples of 8 or 16"
        ),
        check=check,
        needs="multiple_of",
    ),
)
