"""Networks of DARTS cells."""

from collections.abc import Mapping

from rexpand.spec.catalogue.entry import Entry, Published
from rexpand.spec.darts import fairdarts_b

ENTRIES: Mapping[str, Entry] = {
    "fairdarts_b": Entry(
        build=fairdarts_b,
        published=Published(
            params="4.8M", macs="541M", top1=75.1, source="arXiv 1911.12126"
        ),
        fidelity=(
            "the source leaves batch norm out of its params: 4.828M; its genotype is"
            " released, the network around it is that of DARTS on ImageNet, 14 cells of"
            " 48 channels a node, whose macs are the printed ones"
        ),
    ),
}
