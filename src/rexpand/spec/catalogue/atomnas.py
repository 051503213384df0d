"""AtomNAS and AtomNAS+."""

from collections.abc import Mapping
from functools import partial

from rexpand.spec.atomnas import AtomNasVariant, atomnas
from rexpand.spec.catalogue.entry import Entry, Published

_README = "meijieru/yet_another_mobilenet_series README"
_COUNTER = (
    "the source's counter leaves batch norm out of the params and adds one mac for each"
    " element that is pooled"
)


def _entry(
    variant: AtomNasVariant,
    params: str,
    macs: str,
    top1: float,
    *,
    plus: bool = False,
    counted: str = "",
) -> Entry:
    return Entry(
        build=partial(atomnas, variant=variant, plus=plus),
        published=Published(params=params, macs=macs, top1=top1, source=_README),
        fidelity=f"{_COUNTER}: {counted}" if counted else "",
    )


ENTRIES: Mapping[str, Entry] = {
    "atomnas_a": _entry("a", "3.9M", "258M", 74.6),
    "atomnas_b": _entry("b", "4.4M", "326M", 75.5, counted="4.416M and 326.1M"),
    "atomnas_c": _entry("c", "4.7M", "360M", 75.9, counted="4.741M and 359.9M"),
    "atomnas_a_plus": _entry(
        "a", "4.7M", "260M", 76.3, plus=True, counted="4.687M and 260.4M"
    ),
    "atomnas_b_plus": _entry(
        "b", "5.5M", "329M", 77.2, plus=True, counted="5.472M and 328.8M"
    ),
    "atomnas_c_plus": _entry(
        "c", "5.9M", "363M", 77.6, plus=True, counted="5.927M and 362.9M"
    ),
}
