"""Where sources print two things of one network: which of them is what is counted."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from rexpand.cost import cost_of
from rexpand.ledger.item import counted_item
from rexpand.ledger.reading import Reading
from rexpand.ledger.row import Row, counted, not_run
from rexpand.spec import network


@dataclass(frozen=True, kw_only=True)
class Disagreement:
    """One figure of one network, and what is printed where."""

    network: str
    figure: Literal["params", "macs"]
    printed: tuple[tuple[str, str], ...]


def _of(
    network: str, figure: Literal["params", "macs"], *printed: tuple[str, str]
) -> Disagreement:
    return Disagreement(network=network, figure=figure, printed=printed)


_SEARCHED = ("Table 3, title of search (d)", "300M"), ("Table 3 (d)", "351M")

_COUNTED = (
    _of("efficientnet_b0", "params", ("Table 1", "4.8M"), ("Tables 4 and 5", "5.3M")),
    _of("fairnas_a_se", "params", ("Table 1", "5.9M"), ("Table 4", "5.3M")),
    # Table 1's AtomNAS-C has the numbers of AtomNAS-C+.
    _of("atomnas_c", "params", ("its README", "4.7M"), ("Table 1", "5.9M")),
    _of("mobilenetv2_100", "params", ("Table 1", "3.4M"), ("Table 4", "3.5M")),
    _of("darts", "macs", ("Table 4", "0.60B"), ("arXiv 1806.09055", "574M")),
    _of("darts", "params", ("Table 4", "4.9M"), ("arXiv 1806.09055", "4.7M")),
    _of(
        "rexnet_150",
        "macs",
        ("Table 5", "0.9B"),
        ("Appendix B.3", "0.86B"),
        ("README", "0.88B"),
        ("older READMEs", "0.66B"),
    ),
    _of("rexnet_150", "params", ("Table 5", "9.7M"), ("older READMEs", "7.6M")),
    _of("rexnet_200", "macs", ("Table 5", "1.5B"), ("README, comparison", "1.8B")),
    _of("rexnet_200", "params", ("Table 5", "16M"), ("README, comparison", "19M")),
    _of("search_42", "macs", *_SEARCHED),
    _of("shufflenetv2_150", "params", ("pytorchcv", "4.41M"), ("torchvision", "3.50M")),
    _of("mobilenetv2_100", "macs", ("pytorchcv", "329M"), ("its paper", "300M")),
)

_NO_COUNT = "no count decides between two measurements, or two texts"
_OPEN = (
    ("latency of x0.9 on a CPU, Table 5 and Appendix B.3", "45 and 46", "ms"),
    ("top-5 of x3.0, Appendix B.3 and timm", "96.3 and 96.2", "%"),
    ("top-1 of ShuffleNetV2 x2, Table 4 and its release", "75.4 and 75.0", "%"),
    ("top-1 of AmoebaNet-A, Table 4 and other papers", "75.5 and 74.5", "%"),
    ("top-1 of EfficientNet-B0 in three versions", "76.3, 77.3 and 77.1", "%"),
    ("configurations of a search, in two accounts", "100 and 200", "networks"),
    ("random networks of Figure 1, in two versions", "1,000 and 10,000", "networks"),
    ("worst of search (b), and the mean of its worst tenth", "67.6 and 67.4", "%"),
    ("nonlinearity of the stem, Section 4.4 and the release", "ReLU6 and SiLU", ""),
    ("second block of ReXNet (plain), Figure A2 and table", "114 and 144", "channels"),
    (
        "top-1 of x1.0 with the README's command: printed, and by three others",
        "77.9; 76.7, 77.46 and 77.38",
        "%",
    ),
)


def _read(root: Path) -> Reading:
    return Reading(
        rows=(
            *(row for each in _COUNTED for row in _rows(each)),
            *(not_run(*each, _NO_COUNT) for each in _OPEN),
        )
    )


def _rows(found: Disagreement) -> Iterator[Row]:
    exact = getattr(cost_of(network(found.network)), found.figure)
    for place, printed in found.printed:
        name = f"{found.network}: {found.figure}, {place}"
        yield counted(name, printed, exact, found.figure)


ITEMS = (
    counted_item(
        "disagreements",
        "where the sources print two things of one network",
        "arXiv 2007.00992, its README, and the papers that it compares",
        "params and macs are counted, which decides; other disagreements are listed",
        _read,
    ),
)
