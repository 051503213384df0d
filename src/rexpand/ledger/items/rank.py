"""Figure 1: the rank of random layers; Figure 5, right: that of a trained network."""

from pathlib import Path

from rexpand.ledger.item import Item, Needs, Protocol, Step
from rexpand.ledger.reading import Panel, Reading
from rexpand.ledger.row import LedgerVerdict, Row, judged, within
from rexpand.rank.published import PANELS
from rexpand.records import (
    LayerStudy,
    NetworkRanks,
    PanelDeviation,
    Verdict,
    read_record,
)

# Points were read off to 0.005 and 0.015; the interval of a mean over 1,000 networks is
# narrower. A panel that lies farther off than this on average was drawn otherwise.
_FITS = 0.03

# Of Figure 5, right, as read off: where a share of the singular values of MobileNetV2's
# features lies, the largest being 1. A read-off may be wrong by half.
_SHARES = ((0.0, "0.007"), (0.75, "0.014"))
_FEATURES = "features.18.2"  # the last activation, before pooling
_READ_OFF = 1.5


def _layers(folder: str, root: Path) -> Reading:
    study = read_record(LayerStudy, root / folder / "layers.json")
    claims = (v for v in study.verdicts if v.definition == study.definition)
    return Reading(
        rows=(
            *(_deviation(each, study.networks) for each in study.deviations),
            *(_claim(each, study.networks) for each in claims),
        ),
        panels=tuple(_panel(each) for each in study.deviations),
        provenances=(study.provenance,),
    )


def _deviation(found: PanelDeviation, networks: int) -> Row:
    return within(
        f"panel {PANELS[found.structure]}: {found.structure}",
        f"{found.points} points read off",
        found.mean_absolute,
        _FITS,
        networks,
        f"worst {found.worst:.2f}, {_worst_at(found)}",
    )


def _panel(found: PanelDeviation) -> Panel:
    return Panel(
        letter=PANELS[found.structure],
        structure=found.structure,
        deviation=found.mean_absolute,
        points=found.points,
        worst=found.worst,
        worst_at=_worst_at(found),
    )


def _worst_at(found: PanelDeviation) -> str:
    return f"{found.worst_activation} at dim_ratio {found.worst_dim_ratio:g}"


def _claim(found: Verdict, networks: int) -> Row:
    # One about all layers that is true of some does not hold.
    verdict: LedgerVerdict = "holds" if found.verdict == "holds" else "does not hold"
    where = f"true only of {found.condition}; " if found.condition else ""
    return judged(
        f"claim: {found.claim}",
        "said",
        verdict,
        f"{where}{found.evidence}; rank by tolerance {found.definition}",
        count=networks,
    )


def _spectrum(root: Path) -> Reading:
    found = read_record(NetworkRanks, root / "rank/mobilenet_v2" / "spectra.json")
    (network,) = found.networks
    layer = next(each for each in network.layers if each.name == _FEATURES)
    largest = max(layer.singular_values)
    shares = sorted(value / largest for value in layer.singular_values)
    return Reading(
        rows=tuple(
            _share(printed, share, shares, network.images) for share, printed in _SHARES
        ),
        provenances=(network.provenance,),
    )


def _share(printed: str, share: float, values: list[float], images: int) -> Row:
    ours = values[round(share * (len(values) - 1))]
    ratio = ours / float(printed)
    fits = 1 / _READ_OFF <= ratio <= _READ_OFF
    return judged(
        f"MobileNetV2: singular value that {100 * share:.0f} % of them are below",
        printed,
        "holds" if fits else "does not hold",
        f"{_FEATURES}, {images} images; the paper's layer, images and centring are not "
        f"stated; {ratio:.1f} times the printed one",
        ours=ours,
        unit="of the largest",
        count=images,
    )


def _protocol(
    name: str, says: str, preset: str, networks: int, folder: str, hours: float
) -> Protocol:
    def read(root: Path) -> Reading:
        return _layers(folder, root)

    return Protocol(
        name=name,
        says=says,
        needs=Needs(hours=hours),
        steps=(
            Step(
                folder=folder,
                arguments=(
                    *("rank", "layers", "--preset", preset),
                    *("--networks", f"{networks}"),
                ),
                result="layers.json",
            ),
        ),
        read=read,
    )


_FIGURE_1 = "arXiv 2007.00992, Figure 1 and Section 3.2"
_QUICK = _protocol(
    "quick",
    "20 networks per point, where the paper has 1,000",
    "xavier",
    20,
    "rank/quick",
    0.02,
)

ITEMS = (
    Item(
        name="figure-1",
        title="rank ratio of random layers against dim_ratio",
        source=_FIGURE_1,
        protocols=(
            _protocol(
                "xavier",
                "200 networks per point, where the paper has 1,000; a protocol that was "
                "chosen by three quarters of the printed points of all panels",
                "xavier",
                200,
                "rank/xavier",
                0.1,
            ),
            _QUICK,
        ),
    ),
    Item(
        name="figure-1-held-back",
        title="panels (b) and (d) by a protocol that was chosen by (a) and (c)",
        source=_FIGURE_1,
        protocols=(
            _protocol(
                "paper",
                "1,000 networks per point, as in the paper",
                "paper",
                1000,
                "rank",
                0.25,
            ),
        ),
    ),
    Item(
        name="figure-5",
        title="singular values of the features of trained networks",
        source="arXiv 2007.00992, Figure 5, right",
        protocols=(
            Protocol(
                name="mobilenetv2",
                says="a public MobileNetV2 on 400 images of ImageNet; weights of a trained "
                "ReXNet are not at hand",
                needs=Needs(
                    hours=0.25,
                    data=("imagenet_1000x1",),
                    weights=("mobilenet_v2.npz",),
                ),
                steps=(
                    Step(
                        folder="rank/mobilenet_v2",
                        arguments=(
                            *("rank", "network"),
                            "torchvision:mobilenet_v2@mobilenet_v2.npz",
                            *("--data", "imagenet_1000x1", "--images", "400"),
                        ),
                        result="spectra.json",
                    ),
                ),
                read=_spectrum,
            ),
        ),
    ),
)
