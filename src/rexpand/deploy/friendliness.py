"""How well a network will take int8: a score before anything is quantised.

It is the noise that rounding will put into the scores (`noise`), against the scores
themselves. The images may be made up: noise whose power falls with the square of the
frequency, as that of photographs does (Field, J. Opt. Soc. Am. A 4, 1987).
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from math import inf, log10
from pathlib import Path
from typing import Any

import numpy as np
from scipy.special import ndtr

from rexpand.deploy.calibration import Array, calibration_batches
from rexpand.deploy.converted import read_graph
from rexpand.deploy.layers import named_layers, weighted_layers
from rexpand.deploy.noise import ACTIVATIONS, noise_of_scores
from rexpand.deploy.observing import observed
from rexpand.deploy.sessions import onnxruntime_session
from rexpand.errors import DataError

_HALF = 0.5
_MADE_UP = 16  # images
_GREY = 0.45  # of the variance is common to the channels of an image, at least
_BYTES = (118.0, 60.0)  # mean and deviation of photographs, of 0 to 255


@dataclass(frozen=True, kw_only=True)
class LayerNoise:
    """A layer, by its name in the graph, and its part in the noise of the scores.

    `share` is of all noise; `of_activations` the share of that which comes from
    rounding what the layer reads, the rest comes from its weights.
    """

    layer: str
    share: float
    of_activations: float


@dataclass(frozen=True, kw_only=True)
class Friendliness:
    """The scores of a network against the noise that int8 will add to them.

    `decibels` are 20 log10 of the quotient of their root mean squares: 20 means that
    the noise is a tenth of the scores. `agreement` is the share of images that will
    keep their top class, None where the images were made up. `layers` are all that
    have weights, the noisiest first; `images` were looked at.
    """

    decibels: float
    agreement: float | None
    images: int
    layers: tuple[LayerNoise, ...]

    @property
    def at_risk(self) -> tuple[LayerNoise, ...]:
        """The fewest layers that make half of the noise."""
        shares = np.cumsum([each.share for each in self.layers])
        return self.layers[: int(np.searchsorted(shares, _HALF)) + 1]


def friendliness(
    graph: bytes | str | Path,
    images: Array | Iterable[Array] | None = None,
    *,
    in_float: Collection[str] = (),
) -> Friendliness:
    """Predict how far int8 will change an exported ONNX graph; nothing is quantised.

    friendliness("rexnet_100.onnx").decibels

    A few real images, as the graph takes them, are better than none: without them some
    are made up. Layers named in `in_float` round nothing of their own. How well this predicts is
    measured in results/int8. Raises CheckpointError for what is no graph, SpecError for
    one without layers of weights or a layer that it does not have, DataError for images that are missing or of several
    sizes, and where none are given for a graph of free size, MissingExtraError without
    onnx or onnxruntime.
    """
    found = read_graph(graph)
    layers = weighted_layers(found)
    left = named_layers(layers, in_float)
    batches = _made_up(found) if images is None else calibration_batches(images)
    noise = noise_of_scores(found, layers, observed(found, layers, batches), left)
    total = float(noise.sum())
    parts = [
        LayerNoise(
            layer=each.name,
            share=float(own.sum() / total) if total else 0.0,
            of_activations=float(own[ACTIVATIONS] / own.sum()) if own.sum() else 0.0,
        )
        for each, own in zip(layers, noise, strict=True)
    ]
    return Friendliness(
        decibels=-10 * log10(total) if total else inf,
        agreement=None if images is None else _agreement(found, batches, total),
        images=sum(map(len, batches)),
        layers=tuple(sorted(parts, key=lambda each: each.share, reverse=True)),
    )


def _agreement(graph: Any, batches: Iterable[Array], noise: float) -> float:
    """The mean probability that an image's largest score stays above its second one.

    Each of the two is off by the noise, as a normal variable.
    """
    session = onnxruntime_session(graph.SerializeToString())
    name = session.get_inputs()[0].name
    scores = np.concatenate(
        [session.run(None, {name: each})[0] for each in batches]
    ).astype(np.float64)
    if scores.shape[1] < 2:
        return 1.0
    second, first = np.partition(scores, -2, axis=1)[:, -2:].T
    deviation = np.sqrt(2 * noise * np.square(scores).mean()) or 1.0
    return float(ndtr((first - second) / deviation).mean())


def _made_up(graph: Any) -> tuple[Array, ...]:
    """Images of noise with the spectrum of photographs, as a graph takes them."""
    import onnx

    taken = graph.graph.input[0].type.tensor_type
    sizes = [each.dim_value for each in taken.shape.dim][1:]
    if len(sizes) != 3 or not all(sizes):
        raise DataError("the graph takes images of any size; give some images")
    is_bytes = taken.elem_type == onnx.TensorProto.UINT8
    height, width, channels = sizes if is_bytes else (*sizes[1:], sizes[0])
    generator = np.random.default_rng(0)
    frequency = np.hypot(
        np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None, :]
    )
    frequency[0, 0] = 1 / max(height, width)

    def fields(count: int) -> Array:
        white = generator.standard_normal((_MADE_UP, count, height, width))
        found = np.fft.irfft2(np.fft.rfft2(white) / frequency, s=(height, width))
        return found / found.std((2, 3), keepdims=True)

    images = np.sqrt(1 - _GREY) * fields(1) + np.sqrt(_GREY) * fields(channels)
    if not is_bytes:
        return (images.astype(np.float32),)
    mean, deviation = _BYTES
    values = (mean + deviation * images).round().clip(0, 255)
    return (values.transpose(0, 2, 3, 1).astype(np.uint8),)
