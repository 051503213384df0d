"""What stands before and after the blocks: stem and head among the steps."""

from typing import Any

from rexpand.advise.reading.cursor import Cursor, Unit
from rexpand.spec import Head, Stem


def read_stem(cursor: Cursor) -> tuple[Stem, int]:
    """The stem, and its last step."""
    first = cursor.only(0, "convolution")
    if first is None:
        cursor.refuse(f"no convolution reads the image; {cursor.followers(0)}")
    unit = cursor.unit(first, "stem")
    if unit.layer.groups > 1:
        cursor.refuse(f"{unit.layer.name} is in {unit.layer.groups} groups")
    stem = Stem(
        out_channels=unit.layer.channels,
        kernel_size=unit.layer.kernel_size,
        stride=unit.layer.stride,
        activation=cursor.activation(unit),
    )
    return stem, unit.last


def read_head(cursor: Cursor, here: int, dropout: float) -> tuple[Head, int]:
    """The head and the number of classes, 0 without a classifier."""
    cursor.place = "the head"
    penultimate = _penultimate(cursor, here)
    last = penultimate.last if penultimate else here
    pool = cursor.only(last, "pool")
    if pool is None:
        cursor.refuse(f"no global pooling follows the blocks; {cursor.followers(last)}")
    channels = penultimate.layer.channels if penultimate else 0
    activation: Any = cursor.activation(penultimate) if penultimate else "relu6"
    if pool == cursor.end:
        return Head(channels=channels, activation=activation, dropout=0.0), 0
    layer, hidden = cursor.one_layer(pool), None
    if layer != cursor.end:
        hidden = cursor.layer(layer, "head.hidden.0", "head.hidden.1")
        if penultimate and hidden.activation != activation:
            cursor.refuse(
                f"its two layers are followed by {activation} and {hidden.activation}, "
                "and a spec has one"
            )
        if len(hidden.layer.tensors) < 2:
            cursor.refuse(f"{hidden.layer.name} has no bias")
        activation = cursor.activation(hidden)
        layer = cursor.one_layer(hidden.last)
    if layer != cursor.end:
        cursor.refuse(f"the classifier is not the end; {cursor.followers(layer)}")
    classifier = cursor.hold(layer, "head.classifier")
    head = Head(
        channels=channels,
        hidden=hidden.layer.channels if hidden else 0,
        hidden_norm=hidden is None or hidden.norm is not None,
        activation=activation,
        dropout=dropout,
        bias=len(classifier.tensors) > 1,
    )
    return head, classifier.channels


def _penultimate(cursor: Cursor, here: int) -> Unit | None:
    found = cursor.of(here, "convolution")
    return cursor.unit(found[0], "penultimate") if found else None
