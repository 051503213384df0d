"""The page of the factorial experiment says what was found, and how sure that is."""

from dataclasses import replace

import pytest

from rexpand.recipe import Recipe
from rexpand.records import (
    Effect,
    Factor,
    FactorialRow,
    FactorialSummary,
    Interval,
    Machine,
    Provenance,
    SeedsNeeded,
    SeedSpread,
)
from rexpand.report import charts, factorial_page, write_factorial_report
from rexpand.report.factorial_findings import (
    factorial_cautions,
    factorial_finding,
    power_text,
)

FACTORS = (
    Factor(letter="A", name="channels", low="stage-wise", high="linear"),
    Factor(letter="B", name="nonlinearity", low="relu6", high="silu"),
)
PROVENANCE = Provenance(
    command=("rexpand", "train", "factors"),
    commit="0" * 40,
    has_changes=False,
    versions={"torch": "2.15.0"},
    machine=Machine(cpu="a CPU", cores=2, memory_gb=8.0, system="Linux"),
    threads=1,
    seeds=(0, 1),
    data_fingerprint="f",
)


def effect(word: str, name: str, points: float, reach: float) -> Effect:
    return Effect(
        word=word,
        name=name,
        alias="",
        effect=points,
        low=points - reach,
        high=points + reach,
        p_value=0.01 if abs(points) > reach else 0.4,
    )


def row(run: str, levels: tuple[str, ...], accuracies: tuple[float, ...]):
    middle = sum(accuracies) / 2
    return FactorialRow(
        run=run,
        levels=levels,
        channels=(8, 16),
        params=60_000 if "a" in run else 80_000,
        macs=1_990_000,
        seeds=(0, 1),
        accuracies=accuracies,
        accuracy=Interval(mean=middle, low=middle - 1, high=middle + 1, count=2),
    )


SUMMARY = FactorialSummary(
    name="factors",
    network="small_frame",
    data="cifar100",
    images=10_000,
    evaluated_on="test",
    evaluated_images=10_000,
    macs=2_000_000,
    tolerance=0.01,
    fraction="full",
    defining_relation="",
    factors=FACTORS,
    seeds=2,
    complete_seeds=(0, 1),
    recipe=Recipe(epochs=3),
    cells=(
        row("(1)", ("stage-wise", "relu6"), (9.0, 10.0)),
        row("a", ("linear", "relu6"), (10.0, 11.0)),
        row("b", ("stage-wise", "silu"), (11.0, 12.0)),
        row("ab", ("linear", "silu"), (12.0, 13.0)),
    ),
    effects=(
        effect("A", "channels", 1.0, 0.8),
        effect("B", "nonlinearity", 2.0, 0.8),
        effect("AB", "channels x nonlinearity", 0.1, 0.8),
    ),
    spread=SeedSpread(
        residual=0.5, degrees_of_freedom=3, within=0.8, between_seeds=0.6
    ),
    needed=(
        SeedsNeeded(effect=0.5, seeds=9, low=4, high=60),
        SeedsNeeded(effect=1.0, seeds=3, low=2, high=16),
    ),
    least_effect=1.4,
    confidence=0.95,
    seconds=600.0,
    provenances=(PROVENANCE,),
)


def test_the_verdict_names_every_factor_with_its_interval() -> None:
    found = factorial_finding(SUMMARY)

    assert "channels +1.00 (+0.20 to +1.80)" in found
    assert found.endswith("No interaction of two factors is told from 0.")


def test_an_effect_whose_interval_holds_zero_is_undecided() -> None:
    weak = replace(SUMMARY, effects=(effect("A", "channels", 0.5, 0.8),))

    assert "channels +0.50 (-0.30 to +1.30, undecided)" in factorial_finding(weak)


def test_an_interaction_that_is_told_from_zero_is_named() -> None:
    both = effect("AB", "channels x nonlinearity", -1.0, 0.8)
    summary = replace(SUMMARY, effects=(*SUMMARY.effects[:2], both))

    text = factorial_finding(summary)

    assert text.endswith("channels x nonlinearity -1.00 (-1.80 to -0.20).")


def test_the_power_is_said_with_its_error_and_its_seeds() -> None:
    text = power_text(SUMMARY)

    assert "0.50 points with 3 degrees of freedom" in text
    assert "To tell 0.5 points apart this design needs 9 seeds (4 to 60" in text
    assert "Its 2 seeds find an effect of 1.40 points" in text


def test_one_seed_has_neither_intervals_nor_power() -> None:
    effects = tuple(
        replace(each, low=None, high=None, p_value=None) for each in SUMMARY.effects
    )
    summary = replace(
        SUMMARY,
        effects=effects,
        spread=None,
        needed=(),
        least_effect=None,
        complete_seeds=(0,),
    )

    assert "One seed has no interval" in factorial_finding(summary)
    assert "give two seeds or more" in power_text(summary)
    assert "Channels and tricks" in factorial_page(summary)


def test_nothing_finished_is_no_verdict_and_no_figure() -> None:
    cells = tuple(
        replace(each, seeds=(), accuracies=(), accuracy=None) for each in SUMMARY.cells
    )
    summary = replace(SUMMARY, cells=cells, effects=(), complete_seeds=(), spread=None)

    assert factorial_finding(summary).startswith("Too few trainings")
    assert charts.effect_intervals(summary) is None
    assert charts.interactions(summary) is None
    assert "0 of 8 trainings have finished" in factorial_cautions(summary)[0]


def test_the_scale_and_the_chance_of_a_false_effect_are_cautions() -> None:
    text = " ".join(factorial_cautions(SUMMARY))

    assert "2.00M macs, 10,000 training images and 3 epochs of cifar100" in text
    assert "Of 3 intervals at 95 % about 0.2 leave 0 out by chance" in text
    assert "params (60.0k to 80.0k)" in text


def test_a_half_names_what_is_confounded_on_the_page() -> None:
    effects = tuple(replace(each, alias="CD") for each in SUMMARY.effects)
    half = replace(
        SUMMARY, fraction="half", defining_relation="I = ABCD", effects=effects
    )

    page = factorial_page(half)

    assert "<td>CD</td>" in page
    assert "I = ABCD" in page
    assert "the sum of that effect and of its alias" in page
    assert "<td>CD</td>" not in factorial_page(SUMMARY)


def test_the_lines_of_a_pair_are_the_means_of_its_cells() -> None:
    chart = charts.interactions(SUMMARY)
    assert chart is not None

    (rows,) = chart.to_dict()["datasets"].values()

    found = {each["levels"]: each["accuracy"] for each in rows}
    assert found == pytest.approx(
        {
            "stage-wise, relu6": 9.5,
            "linear, relu6": 10.5,
            "stage-wise, silu": 11.5,
            "linear, silu": 12.5,
        }
    )


def test_the_page_has_its_tables_and_figures(tmp_path) -> None:
    files = write_factorial_report(SUMMARY, tmp_path)

    page = files.page.read_text()
    assert "9.50 ± 1.00" in page
    assert "<td>stage-wise</td>" in page
    assert {path.stem for path in files.png} == {"effects", "interactions"}
