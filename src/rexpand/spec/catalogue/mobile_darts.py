"""FairDARTS-C and SE-DARTS+, reconstructed."""

from collections.abc import Mapping

from rexpand.spec.catalogue.entry import Entry, Published
from rexpand.spec.mobile_darts import darts_plus_se, fairdarts_c

_LAYERS = (
    "channels and cost are published, kernels and expansions are not: one of the choices"
    " of one kernel and one expansion a stage for which both printed figures hold"
)

ENTRIES: Mapping[str, Entry] = {
    "darts_plus_se": Entry(
        build=darts_plus_se,
        published=Published(
            params="6.1M", macs="0.59B", top1=77.5, source="arXiv 2007.00992, Table 1"
        ),
        fidelity=_LAYERS,
        reconstructed=True,
    ),
    "fairdarts_c": Entry(
        build=fairdarts_c,
        published=Published(
            params="5.3M", macs="386M", top1=77.2, source="arXiv 1911.12126"
        ),
        fidelity=_LAYERS,
        reconstructed=True,
    ),
}
