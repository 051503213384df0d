"""The page of `rexpand rank network`: spectra, ranks by depth, every layer."""

from collections.abc import Sequence
from pathlib import Path

from rexpand.records import LayerRank, NetworkRank
from rexpand.report import formats, markup
from rexpand.report.document import document, provenance
from rexpand.report.figures import Figure
from rexpand.report.files import ReportFiles, write_report
from rexpand.report.markup import Cell, Column
from rexpand.report.network_rank_findings import (
    network_rank_cautions,
    network_rank_finding,
)

_COLUMNS = (
    Column(title="Layer"),
    Column(title="Kind"),
    Column(title="Channels", is_number=True),
    Column(title="Dim ratio", is_number=True, hint="input / output channels"),
    Column(title="Rank ratio", is_number=True, hint="* fewer samples than channels"),
    Column(title="Effective rank", is_number=True, hint="exp of the entropy"),
    Column(title="% of channels", is_number=True, hint="effective rank / channels"),
    Column(title="Stable rank", is_number=True),
    Column(title="Nuclear norm", is_number=True),
    Column(title="Samples", is_number=True),
    Column(title="Params", is_number=True),
    Column(title="Macs", is_number=True),
)


def write_network_rank_report(
    ranks: Sequence[NetworkRank], folder: str | Path
) -> ReportFiles:
    """Write the page and its figures below a folder, as `write_study_report` does."""
    folder = Path(folder)
    figures = network_rank_figures(ranks)
    return write_report(network_rank_page(ranks, figures), figures, folder)


def network_rank_figures(ranks: Sequence[NetworkRank]) -> tuple[Figure, ...]:
    """Two figures of all spectra, then two by depth for each network."""
    from rexpand.report import charts

    figures = []
    distributions = charts.spectrum_distributions(ranks)
    sums = charts.cumulative_spectra(ranks)
    if distributions is not None and sums is not None:
        figures = [
            Figure(
                name="spectrum_distribution",
                title="Distribution of the singular values of the features",
                caption=(
                    "Inputs of the classifier, one sample per image; every value over "
                    "the largest, as many as the images allow. The farther right a "
                    "curve rises, the less one direction prevails. Drawn as Figure 5 "
                    "(right) of arXiv 2007.00992."
                ),
                spec=distributions.to_dict(),
            ),
            Figure(
                name="cumulative_spectra",
                title="Sum held by the largest singular values",
                caption=(
                    "The same values, the largest first. The later a curve rises, the "
                    "more directions its features span. Not a figure of the paper."
                ),
                spec=sums.to_dict(),
            ),
        ]
    for number, found in enumerate(ranks, start=1):
        figures += _depth_figures(found, "" if len(ranks) == 1 else f"_{number}")
    return tuple(figures)


def network_rank_page(
    ranks: Sequence[NetworkRank], figures: Sequence[Figure] | None = None
) -> str:
    """The page as one HTML document; MissingExtraError without the `report` extra."""
    drawn = network_rank_figures(ranks) if figures is None else tuple(figures)
    shown = "".join(markup.figure(n, each) for n, each in enumerate(drawn, start=1))
    body = [
        *(markup.paragraph(text, "caution") for text in network_rank_cautions(ranks)),
        *(markup.facts(_facts(found)) for found in ranks),
        markup.section("Ranks", f'<div class="figures">{shown}</div>', "ranks"),
        *(_layers(n, found) for n, found in enumerate(ranks, start=1)),
        _definitions(ranks[0]),
        provenance([ranks[0].provenance]),
    ]
    return document(
        title=" and ".join(found.name for found in ranks),
        kicker=f"Rank of features · {ranks[0].data}",
        lead=network_rank_finding(ranks),
        body="".join(body),
        figures=drawn,
    )


def _depth_figures(found: NetworkRank, suffix: str) -> list[Figure]:
    from rexpand.report import charts

    effective = charts.rank_by_depth(found, "effective_rank")
    ratio = charts.rank_by_depth(found, "rank_ratio")
    if effective is None or ratio is None:
        return []
    return [
        Figure(
            name=f"effective_rank{suffix}",
            title=f"Effective rank by depth, {found.name}",
            caption=(
                "Exp of the entropy of the normalised singular values, over channels; "
                "a line joins the outputs of one convolution, its norm and its "
                "activation. Squeeze-excite and classifier are in the table only."
            ),
            spec=effective.to_dict(),
        ),
        Figure(
            name=f"rank_ratio{suffix}",
            title=f"Rank ratio by depth, {found.name}",
            caption=(
                f"Singular values that count (tolerance {found.tolerance}) over "
                "channels. Before its activation, a 1x1 convolution cannot exceed its "
                "dim_ratio."
            ),
            spec=ratio.to_dict(),
        ),
    ]


def _facts(found: NetworkRank) -> list[tuple[str, str]]:
    features = found.features
    return [
        ("Network", found.name),
        ("Weights", found.weights),
        ("Params", formats.count(found.params)),
        ("Macs", formats.count(found.macs)),
        *([("Effective rank", f"{features.effective_rank:.1f}")] if features else []),
        *([("Nuclear norm", f"{features.nuclear_norm:.0f}")] if features else []),
        *([("Top-1", f"{found.accuracy:.1f} %")] if found.accuracy is not None else []),
        ("Images", f"{found.images:,} at {found.resolution} pixels"),
        ("Time", formats.duration(found.seconds)),
    ]


def _layers(number: int, found: NetworkRank) -> str:
    caption = (
        f"Every layer of {found.name} in forward order, its params and macs beside its "
        "ranks. A star marks fewer samples than channels."
    )
    rows = [_cells(layer) for layer in found.layers]
    body = markup.table(_COLUMNS, rows, caption, "sortable")
    return markup.section(f"Layers of {found.name}", body, f"layers-{number}")


def _cells(layer: LayerRank) -> list[Cell]:
    star = "*" if layer.bounded_by_samples else ""
    ratio = layer.dim_ratio
    share = 100 * layer.effective_rank / layer.channels
    return [
        Cell(text=layer.name),
        Cell(text=layer.kind),
        _number(layer.channels, f"{layer.channels:,}"),
        _number(ratio, "" if ratio is None else f"{ratio:.2f}"),
        _number(layer.rank_ratio, f"{layer.rank_ratio:.3f}{star}"),
        _number(layer.effective_rank, f"{layer.effective_rank:.1f}"),
        _number(share, f"{share:.0f}"),
        _number(layer.stable_rank, f"{layer.stable_rank:.1f}"),
        _number(layer.nuclear_norm, f"{layer.nuclear_norm:.4g}"),
        _number(layer.samples, f"{layer.samples:,}"),
        _number(layer.params, formats.count(layer.params) if layer.params else ""),
        _number(layer.macs, formats.count(layer.macs) if layer.macs else ""),
    ]


def _number(value: float | None, text: str) -> Cell:
    return Cell(text=text, value=value, is_number=True)


def _definitions(found: NetworkRank) -> str:
    body = markup.definitions(
        {
            "rank ratio": f"singular values above the tolerance ({found.tolerance}) / "
            "channels",
            "effective rank": "exp of the entropy of s / sum(s)",
            "stable rank": "sum of s² / largest s²",
            "nuclear norm": "sum of s; grows with the root of the samples",
            "positions": found.positions,
            "images": f"{found.images:,} test images, stratified by class",
        }
    )
    return markup.section("What is measured", body, "measured")
