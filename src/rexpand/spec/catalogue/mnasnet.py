"""MnasNet."""

from collections.abc import Mapping
from functools import partial

from rexpand.spec.catalogue.entry import Entry, Published
from rexpand.spec.mnasnet import Variant, mnasnet

_PAPER = "arXiv 1807.11626, Table 1"
_TPU = "tensorflow/tpu, mnasnet"
_TORCHVISION = "torchvision"
_TIMM = "timm"

_TABLE = (
    "the source's table counts 0.9 to 2 % more macs than its layers have: 315.2M for"
    " x1.0, where the paper and the page around it print 312M"
)
_SEARCHED = (
    "the layers are not published: A1 with the fewest widths and repeats changed (four)"
    " for which both printed figures hold"
)


def _entry(
    variant: Variant,
    width_mult: float,
    published: Published,
    *,
    fidelity: str = "",
    aliases: tuple[str, ...] = (),
    reconstructed: bool = False,
) -> Entry:
    return Entry(
        build=partial(mnasnet, variant=variant, width_mult=width_mult),
        published=published,
        fidelity=fidelity,
        aliases=aliases,
        reconstructed=reconstructed,
    )


def _figures(params: str, macs: str, top1: float, source: str) -> Published:
    return Published(params=params, macs=macs, top1=top1, source=source)


ENTRIES: Mapping[str, Entry] = {
    "mnasnet_050": _entry("b1", 0.5, _figures("2.22M", "0.104B", 67.734, _TORCHVISION)),
    "mnasnet_075": _entry("b1", 0.75, _figures("3.17M", "0.215B", 71.18, _TORCHVISION)),
    "mnasnet_100": _entry(
        "b1",
        1.0,
        _figures("4.38M", "0.314B", 73.456, _TORCHVISION),
        aliases=("mnasnet_b1",),
    ),
    "mnasnet_130": _entry("b1", 1.3, _figures("6.28M", "0.526B", 76.506, _TORCHVISION)),
    "mnasnet_140": _entry("b1", 1.4, Published(source=_TIMM)),
    "mnasnet_a2": _entry(
        "a2",
        1.0,
        _figures("4.8M", "340M", 75.6, _PAPER),
        fidelity=_SEARCHED,
        reconstructed=True,
    ),
    "mnasnet_a3": _entry(
        "a3",
        1.0,
        _figures("5.2M", "403M", 76.7, _PAPER),
        fidelity=_SEARCHED,
        reconstructed=True,
    ),
    "semnasnet_050": _entry(
        "a1", 0.5, _figures("2.1M", "105.2M", 68.9, _TPU), fidelity=_TABLE
    ),
    "semnasnet_075": _entry(
        "a1", 0.75, _figures("2.9M", "226.7M", 73.3, _TPU), fidelity=_TABLE
    ),
    "semnasnet_100": _entry(
        "a1", 1.0, _figures("3.9M", "312M", 75.2, _PAPER), aliases=("mnasnet_a1",)
    ),
    "semnasnet_140": _entry(
        "a1", 1.4, _figures("6.1M", "591.5M", 77.2, _TPU), fidelity=_TABLE
    ),
}
