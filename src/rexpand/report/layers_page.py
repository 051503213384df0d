"""The page of a layer study: the paper's Figure 1, its claims, and its unstated choices."""

from collections.abc import Sequence
from pathlib import Path

from rexpand.records import AxisRow, LayerStudy, SensitivityStudy, Verdict
from rexpand.report import formats, markup
from rexpand.report.document import document, provenance
from rexpand.report.figures import Figure
from rexpand.report.files import ReportFiles, write_report
from rexpand.report.layers_findings import (
    claims,
    definitions,
    layers_cautions,
    layers_finding,
    short,
    verdict,
)
from rexpand.report.markup import Cell, Column


def write_layers_report(
    study: LayerStudy, folder: str | Path, sensitivity: SensitivityStudy | None = None
) -> ReportFiles:
    """Write the page and its figures below a folder, as `write_study_report` does."""
    folder = Path(folder)
    figures = layers_figures(study, sensitivity)
    return write_report(layers_page(study, sensitivity, figures), figures, folder)


def layers_figures(
    study: LayerStudy, sensitivity: SensitivityStudy | None = None
) -> tuple[Figure, ...]:
    """Figure 1, and how far each axis changes it."""
    from rexpand.report import charts

    hollow = " Hollow: read off the printed Figure 1." if study.published else ""
    figures = [
        Figure(
            name="rank_layers",
            title="Mean rank ratio against dimension ratio",
            caption=(
                f"{study.networks:,} random networks per point; bands are 95 % confidence "
                f"intervals of the mean.{hollow} Drawn as Figure 1 of arXiv 2007.00992."
            ),
            spec=charts.rank_curves(study).to_dict(),
        )
    ]
    moved = charts.axis_deviations(sensitivity) if sensitivity else None
    if sensitivity and moved:
        figures.append(
            Figure(
                name="rank_axes",
                title="Effect of each unstated choice",
                caption=(
                    "The same study with one axis of the protocol changed at a time, "
                    f"{sensitivity.networks:,} networks per point."
                ),
                spec=moved.to_dict(),
            )
        )
    return tuple(figures)


def layers_page(
    study: LayerStudy,
    sensitivity: SensitivityStudy | None = None,
    figures: Sequence[Figure] | None = None,
) -> str:
    """The page as one HTML document; MissingExtraError without the `report` extra."""
    drawn = layers_figures(study, sensitivity) if figures is None else tuple(figures)
    shown = [markup.figure(n, each) for n, each in enumerate(drawn, start=1)]
    body = [
        *(markup.paragraph(text, "caution") for text in layers_cautions(study)),
        markup.facts(_facts(study)),
        markup.section("Rank against expansion", shown[0], "curves"),
        _verdicts(study),
        _deviations(study),
        _axes(sensitivity, shown[1:]),
        markup.section("Protocol", markup.definitions(study.protocol), "protocol"),
        provenance((study.provenance,)),
    ]
    return document(
        title="Rank of random layers",
        kicker=f"Layer study · {study.preset} · {study.definition}",
        lead=layers_finding(study),
        body="".join(body),
        figures=drawn,
    )


def _facts(study: LayerStudy) -> list[tuple[str, str]]:
    return [
        ("Networks per point", f"{study.networks:,}"),
        ("Points", f"{len(study.points):,}"),
        ("Seed", f"{study.seed}"),
        ("Rank", study.definition),
        *(
            (
                f"Deviation {formats.panel(each.structure)[:3]}",
                f"{each.mean_absolute:.3f}",
            )
            for each in study.deviations
        ),
        ("Time", formats.duration(study.seconds)),
        ("Processes", f"{study.workers}"),
    ]


def _verdicts(study: LayerStudy) -> str:
    """Every claim under every definition, then where it holds under the study's own."""
    names = definitions(study)
    if not names:
        return ""
    columns = [Column(title="Claim"), *(_definition_column(name) for name in names)]
    rows = [
        [
            Cell(text=claim),
            *(_verdict_cell(verdict(study, claim, name)) for name in names),
        ]
        for claim in claims(study)
    ]
    matrix = markup.table(
        columns,
        rows,
        "Each claim under each definition of rank, decided by the points: it holds "
        "(in every comparison), holds only if (see below), or does not hold (in none). Numbers are tolerances relative "
        "to the largest singular value."
        + (
            " The last column judges the points of the printed figure."
            if study.published
            else ""
        ),
        "verdicts matrix",
    )
    own = [each for each in study.verdicts if each.definition == study.definition]
    evidence = markup.table(
        [
            Column(title="Claim"),
            Column(title=f"By {study.definition}"),
            Column(title="Evidence"),
        ],
        [
            [
                Cell(text=each.claim),
                Cell(text=each.verdict),
                Cell(text=each.evidence),
            ]
            for each in own
        ],
        "A comparison is true if its difference exceeds the 95 % intervals of both means.",
        "verdicts",
    )
    body = matrix + evidence + _conditions(study)
    return markup.section("The paper's claims", body, "claims")


def _conditions(study: LayerStudy) -> str:
    """Where the claims hold that do not hold everywhere."""
    columns = [
        Column(title="Claim"),
        Column(title="By"),
        Column(title="Holds only if the layer is"),
    ]
    partial = [each for each in study.verdicts if each.condition]
    rows = [
        [Cell(text=each.claim), Cell(text=each.definition), Cell(text=each.condition)]
        for each in sorted(partial, key=lambda each: claims(study).index(each.claim))
    ]
    caption = "A structure alone means all its activations."
    return markup.table(columns, rows, caption, "verdicts") if rows else ""


def _verdict_cell(found: Verdict | None) -> Cell:
    colors = {"holds": "bottom", "holds only if": "middle", "does not hold": "top"}
    dot = f'<i class="dot {colors[found.verdict]}"></i>' if found else ""
    return Cell(text=short(found), markup=dot)


def _definition_column(name: str) -> Column:
    """A definition as a narrow header."""
    title = name.removeprefix("relative:").replace("energy:0.99", "99 % energy")
    return Column(title=title, hint=name)


def _deviations(study: LayerStudy) -> str:
    if not study.deviations:
        return ""
    rows = [
        [
            Cell(text=formats.panel(each.structure)),
            Cell(text=f"{each.points}", is_number=True),
            Cell(text=f"{each.mean_absolute:.3f}", is_number=True),
            Cell(text=f"{each.mean_signed:+.3f}", is_number=True),
            Cell(text=f"{each.worst:.3f}", is_number=True),
            Cell(
                text=f"{formats.activation(each.worst_activation)}, "
                f"dim_ratio {each.worst_dim_ratio:g}"
            ),
        ]
        for each in study.deviations
    ]
    columns = (
        Column(title="Panel"),
        Column(title="Points", is_number=True),
        Column(title="Mean absolute", is_number=True),
        Column(title="Mean signed", is_number=True),
        Column(title="Largest", is_number=True),
        Column(title="At"),
    )
    caption = (
        "Measured minus printed rank ratios, where a printed curve could be read "
        "(to about 0.005 in panels (a) and (b), 0.015 in (c) and (d))."
    )
    body = markup.table(columns, rows, caption)
    return markup.section("Distance from the printed figure", body, "deviations")


def _axes(sensitivity: SensitivityStudy | None, shown: Sequence[str]) -> str:
    if sensitivity is None:
        return ""
    first = sensitivity.rows[0]
    structures, names = [*first.deviations], [*first.verdicts]
    columns = [
        Column(title="Axis"),
        Column(title="Value"),
        *(
            Column(title=f"Deviation {formats.panel(each)[:3]}", is_number=True)
            for each in structures
        ),
        Column(title="Verdicts that change"),
    ]
    rows = [
        [
            Cell(
                text="the preset itself" if row is first else row.axis.replace("_", " ")
            ),
            Cell(text="" if row is first else row.value),
            *(
                Cell(text=f"{row.deviations[each]:.3f}", is_number=True)
                for each in structures
            ),
            Cell(text=_changes(row, first, names)),
        ]
        for row in sensitivity.rows
    ]
    caption = (
        "One axis changed at a time. Verdicts are by the row's own definition of rank, "
        f"over {sensitivity.networks:,} networks per point."
    )
    table = markup.table(columns, rows, caption, "verdicts")
    return markup.section(
        "Effect of each unstated choice", "".join(shown) + table, "axes"
    )


def _changes(row: AxisRow, first: AxisRow, names: Sequence[str]) -> str:
    changed = [
        f"{name}: {row.verdicts[name]}"
        for name in names
        if name in row.verdicts and row.verdicts[name] != first.verdicts[name]
    ]
    return "; ".join(changed) or "-"
