"""The page of a layer study, from a study made by hand."""

from dataclasses import replace

import pytest

from rexpand.records import (
    AxisRow,
    LayerPoint,
    LayerStudy,
    Machine,
    PanelDeviation,
    Provenance,
    PublishedPoint,
    SensitivityStudy,
    Verdict,
)
from rexpand.report import write_layers_report
from rexpand.report.layers_findings import layers_cautions, layers_finding
from rexpand.report.layers_page import layers_figures, layers_page

pytest.importorskip("altair")
PROVENANCE = Provenance(
    command=None,
    commit=None,
    has_changes=None,
    versions={},
    machine=Machine(cpu="a CPU", cores=2, memory_gb=8.0, system="Linux"),
    threads=None,
    seeds=None,
    data_fingerprint=None,
)


def verdict(definition, name, claim="expansion harms"):
    return Verdict(
        claim=claim,
        definition=definition,
        verdict=name,
        condition="conv1x1 with <relu>" if name == "holds only if" else "",
        evidence="true in 1 of 2 comparisons",
    )


STUDY = LayerStudy(
    preset="paper",
    protocol={"spatial_size": 1, "inputs": "uniform"},
    definition="torch",
    structures=("conv1x1", "inverted_bottleneck"),
    activations=("linear", "relu"),
    dim_ratios=(0.5, 1.0),
    networks=50,
    seed=0,
    points=tuple(
        LayerPoint(
            structure=structure,
            activation=activation,
            dim_ratio=ratio,
            rank_ratio=ratio * scale,
            ci_low=ratio * scale - 0.01,
            ci_high=ratio * scale + 0.01,
            networks=50,
            definitions={},
        )
        for structure in ("conv1x1", "inverted_bottleneck")
        for activation, scale in (("linear", 1.0), ("relu", 0.9))
        for ratio in (0.5, 1.0)
    ),
    published=(
        PublishedPoint(
            structure="conv1x1", activation="relu", dim_ratio=0.5, rank_ratio=0.44
        ),
    ),
    deviations=(
        PanelDeviation(
            structure="conv1x1",
            points=1,
            mean_absolute=0.012,
            mean_signed=0.011,
            worst=0.0123,
            worst_activation="relu",
            worst_dim_ratio=0.5,
        ),
    ),
    verdicts=(
        verdict("torch", "holds only if"),
        verdict("stable", "does not hold"),
        verdict("printed figure", "holds"),
    ),
    seconds=90.0,
    workers=2,
    provenance=replace(PROVENANCE, versions={"python": "3.11"}),
)
AXES = SensitivityStudy(
    preset="paper",
    networks=20,
    seed=0,
    rows=(
        AxisRow(
            axis="none",
            value="the preset",
            is_default=True,
            deviations={"conv1x1": 0.012},
            verdicts={"expansion harms": "holds only if"},
        ),
        AxisRow(
            axis="samples_per_channel",
            value="8.0",
            is_default=False,
            deviations={"conv1x1": 0.055},
            verdicts={"expansion harms": "does not hold"},
        ),
    ),
    seconds=3.0,
    workers=1,
    provenance=replace(PROVENANCE, versions={}),
)


def test_the_lead_gives_the_deviation_and_counts_the_claims():
    text = layers_finding(STUDY)

    assert "0.012 in panel (a)" in text
    assert "By the definition of rank 'torch', 0 of the paper's 1 claims hold" in text


def test_the_printed_points_are_drawn_hollow_in_their_panel():
    spec = layers_figures(STUDY)[0].spec

    rows = next(iter(spec["datasets"].values())) if "datasets" in spec else None
    rows = rows or spec["data"]["values"]
    printed = [row for row in rows if row["kind"] == "printed"]
    assert printed == [
        {
            "kind": "printed",
            "panel": "(a) 1x1 convolution",
            "curve": "ReLU",
            "dim_ratio": 0.5,
            "rank_ratio": 0.44,
        }
    ]
    assert len(rows) == 1 + len(STUDY.points)


def test_the_page_has_every_verdict_and_escapes_what_it_quotes():
    page = layers_page(STUDY, AXES)

    assert "conv1x1 with &lt;relu&gt;" in page
    assert "<relu>" not in page
    for word in ("only\u00a0if", "printed figure", "samples per channel", "0.055"):
        assert word in page
    assert "expansion harms: does not hold" in page


def test_a_study_of_nothing_that_was_printed_says_nothing_of_it():
    own = replace(
        STUDY,
        published=(),
        deviations=(),
        structures=("my:block",),
        points=tuple(replace(p, structure="my:block") for p in STUDY.points[:4]),
    )

    page = layers_page(own)

    assert "Distance from the printed figure" not in page
    assert "read off" not in page
    assert not any("one pixel" in text for text in layers_cautions(own))


def test_the_files_are_a_page_and_each_figure_twice(tmp_path):
    files = write_layers_report(STUDY, tmp_path, AXES)

    assert [path.stem for path in files.svg] == ["rank_layers", "rank_axes"]
    assert all(path.stat().st_size > 1000 for path in (*files.svg, *files.png))
