"""CondenseNet."""

from collections.abc import Mapping
from functools import partial

from rexpand.spec.catalogue.entry import Entry, Published
from rexpand.spec.condensenet import condensenet

_README = "ShichenLiu/CondenseNet README"
_ELEMENTS = (
    "the source counts an operation for every element that a ReLU puts out, every "
    "element that a pooling takes in and every bias of the classifier, besides macs"
)


def _entry(groups: int, params: str, macs: str, top1: float) -> Entry:
    return Entry(
        build=partial(condensenet, groups=groups),
        published=Published(params=params, macs=macs, top1=top1, source=_README),
        fidelity=_ELEMENTS,
    )


ENTRIES: Mapping[str, Entry] = {
    "condensenet_74_g4": _entry(4, "4.8M", "529M", 73.8),
    "condensenet_74_g8": _entry(8, "2.9M", "274M", 71.0),
}
