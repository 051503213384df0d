"""MixNet."""

from collections.abc import Callable, Mapping
from functools import partial

from rexpand.spec.catalogue.entry import Entry, Published
from rexpand.spec.mixnet import mixnet_m, mixnet_s
from rexpand.spec.network import NetworkSpec

_PAPER = "arXiv 1907.09595"
_MACS = (
    "the source prints {printed} and not how it counts; the convolutions, squeeze-excites"
    " and classifier of its released code are {exact} macs ({off} % less), and batch"
    " norms and activations, whatever they are counted as, do not explain all three sizes"
)


def _entry(
    build: Callable[..., NetworkSpec],
    params: str,
    macs: str,
    top1: float,
    exact: str,
    off: str,
) -> Entry:
    return Entry(
        build=build,
        published=Published(params=params, macs=macs, top1=top1, source=_PAPER),
        fidelity=_MACS.format(printed=macs, exact=exact, off=off),
    )


ENTRIES: Mapping[str, Entry] = {
    "mixnet_s": _entry(mixnet_s, "4.1M", "256M", 75.8, "239.2M", "6.6"),
    "mixnet_m": _entry(mixnet_m, "5.0M", "360M", 77.0, "339.2M", "5.8"),
    "mixnet_l": _entry(
        partial(mixnet_m, width_mult=1.3), "7.3M", "565M", 78.9, "555.3M", "1.7"
    ),
}
