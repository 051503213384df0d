"""ProxylessNAS."""

from collections.abc import Mapping
from functools import partial

from rexpand.spec.catalogue.entry import Entry, Published
from rexpand.spec.proxylessnas import proxylessnas

_FAIRNAS = "arXiv 1907.01845, Table 2"

ENTRIES: Mapping[str, Entry] = {
    "proxylessnas_cpu": Entry(
        build=partial(proxylessnas, target="cpu"),
        published=Published(params="4.3616M", top1=75.29, source="pytorchcv"),
    ),
    "proxylessnas_gpu": Entry(
        build=partial(proxylessnas, target="gpu"),
        published=Published(params="7.1M", macs="465M", top1=75.1, source=_FAIRNAS),
    ),
    "proxylessnas_r": Entry(
        build=partial(proxylessnas, target="mobile"),
        published=Published(
            params="4.1M", macs="0.32B", top1=74.6, source="arXiv 2007.00992, Table 4"
        ),
        aliases=("proxylessnas_mobile",),
    ),
}
