"""FairNAS."""

from collections.abc import Mapping
from functools import partial

from rexpand.spec.catalogue.entry import Entry, Published
from rexpand.spec.fairnas import Variant, fairnas

_PAPER = "arXiv 1907.01845, Table 2"

_A = "the source leaves the scales and shifts of batch norm out of its params: 4.60M"
_SQUEEZED = (
    "the release holds squeeze-excites of a half and of the whole of the inputs; the"
    " source prints the params of the first, which this is, and of the second the top-1"
    " (the first has {top1}) and the macs, with the elements that it pools"
)


def _plain(
    variant: Variant, params: str, macs: str, top1: float, fidelity: str = ""
) -> Entry:
    return Entry(
        build=partial(fairnas, variant=variant),
        published=Published(params=params, macs=macs, top1=top1, source=_PAPER),
        fidelity=fidelity,
    )


def _squeezed(
    variant: Variant, params: str, macs: str, top1: float, half_top1: float
) -> Entry:
    return Entry(
        build=partial(fairnas, variant=variant, squeeze_excite=True),
        published=Published(params=params, macs=macs, top1=top1, source=_PAPER),
        fidelity=_SQUEEZED.format(top1=half_top1),
    )


ENTRIES: Mapping[str, Entry] = {
    "fairnas_a": _plain("a", "4.6M", "388M", 75.3, _A),
    "fairnas_a_se": _squeezed("a", "5.9M", "392M", 77.5, 77.396),
    "fairnas_b": _plain("b", "4.5M", "345M", 75.1),
    "fairnas_b_se": _squeezed("b", "5.7M", "349M", 77.2, 77.106),
    "fairnas_c": _plain("c", "4.4M", "321M", 74.7),
    "fairnas_c_se": _squeezed("c", "5.6M", "325M", 76.7, 76.76),
}
