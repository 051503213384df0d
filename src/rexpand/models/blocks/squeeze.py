"""Squeeze-and-excitation."""

from rexpand import blocks, spec


def squeeze_excite_module(
    squeeze: spec.SqueezeExcite | None, channels: int, squeezed: float | None = None
) -> blocks.SqueezeExcite | None:
    """A squeeze-excite on `channels`, with an inner width that is not theirs."""
    if squeeze is None:
        return None
    return blocks.SqueezeExcite(
        channels,
        int(squeeze.squeezed(channels) if squeezed is None else squeezed),
        activation=squeeze.activation,
        gate=squeeze.gate,
        norm=squeeze.norm,
    )
