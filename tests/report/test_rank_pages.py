"""The pages of the rank lab say what was measured, and what it does not show."""

from dataclasses import replace

import pytest

from rexpand.recipe import Recipe
from rexpand.records import (
    BlockRank,
    FactorRow,
    FactorSummary,
    Interval,
    LayerRank,
    Machine,
    NetworkRank,
    Provenance,
    Record,
)
from rexpand.report import (
    factor_page,
    network_rank_page,
    training_page,
    write_factor_report,
    write_network_rank_report,
)
from rexpand.report.factor_findings import agreement, factor_cautions, factor_finding
from rexpand.report.network_rank_findings import (
    held_by,
    network_rank_cautions,
    network_rank_finding,
)
from rexpand.spec import ImageContract

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
LAYER = LayerRank(
    name="expand.conv",
    kind="convolution",
    channels=6,
    dim_ratio=1 / 3,
    side=(8, 8),
    params=12,
    macs=768,
    samples=100,
    rank=2,
    rank_ratio=1 / 3,
    effective_rank=1.8,
    stable_rank=1.5,
    nuclear_norm=9.0,
    bounded_by_samples=False,
    singular_values=(6.0, 3.0, 0.0, 0.0, 0.0, 0.0),
)
ACTIVATION = replace(
    LAYER,
    name="expand.activation",
    kind="activation",
    dim_ratio=None,
    params=0,
    macs=0,
    rank=6,
    rank_ratio=1.0,
    effective_rank=3.6,
    singular_values=(5.0, 2.0, 1.0, 1.0, 0.5, 0.5),
)
FEATURES = replace(ACTIVATION, name="classifier:input", kind="features", side=())
NETWORK = NetworkRank(
    name="net",
    weights="net.safetensors",
    data="digits",
    images=100,
    resolution=8,
    positions="strided",
    tolerance="relative:0.001",
    params=12,
    macs=768,
    layers=(LAYER, ACTIVATION, FEATURES),
    seconds=1.0,
    provenance=replace(PROVENANCE, versions={"torch": "2.15.0"}),
    contract=ImageContract(channels=1, height=8, width=8),
)


def interval(mean: float, reach: float | None) -> Interval:
    if reach is None:
        return Interval(mean=mean, low=None, high=None, count=1)
    return Interval(mean=mean, low=mean - reach, high=mean + reach, count=3)


def row(name: str, accuracy: float, gain: Interval | None) -> FactorRow:
    seeds = (accuracy - 1, accuracy, accuracy + 1)
    published = {"baseline": 48.0, "first 1x1": 52.1, "bottleneck": 53.8}
    return FactorRow(
        name=name,
        expand_ratio=6.0,
        dim_ratio=0.22,
        activation="relu6",
        stem=10,
        channels=(48, 216),
        params=484_558,
        macs=9_991_680,
        seeds=(0, 1, 2),
        accuracies=seeds,
        nuclear_norms=(4000.0, 4010.0, 4020.0),
        effective_ranks=(240.0, 241.0, 242.0),
        accuracy=interval(accuracy, 2.5),
        nuclear_norm=interval(4010.0, 25.0),
        effective_rank=interval(241.0, 2.5),
        accuracy_gain=gain,
        nuclear_norm_gain=gain,
        published_accuracy=published[name],
        published_nuclear_norm=5997.5,
    )


SUMMARY = FactorSummary(
    name="factors",
    setting="small",
    data="cifar100",
    images=10_000,
    evaluated_on="validation",
    held_out=5000,
    macs=10_000_000,
    seeds=3,
    recipe=Recipe(epochs=10),
    rows=(
        row("baseline", 26.0, None),
        row("first 1x1", 28.0, interval(2.0, 1.5)),
        row("bottleneck", 28.3, interval(0.3, 1.5)),
    ),
    correlations={"params": -0.5, "nuclear_norm": 0.25},
    confidence=0.95,
    seconds=1800.0,
    provenances=(replace(PROVENANCE, versions={"torch": "2.15.0"}),),
)


def test_a_gain_is_decided_only_if_its_interval_leaves_zero_out() -> None:
    baseline, first, second = SUMMARY.rows

    assert agreement(first, baseline) == "holds"
    assert agreement(second, first) == "undecided"
    opposite = replace(first, accuracy_gain=interval(-2.0, 1.5))
    assert agreement(opposite, baseline) == "does not hold"
    single = replace(first, accuracy_gain=interval(2.0, None))
    assert agreement(single, baseline) == "undecided"


def test_the_verdict_says_the_gain_its_interval_and_the_published_one() -> None:
    verdict = factor_finding(SUMMARY)

    assert "accuracy rises by 2.00 points (+0.50 to +3.50; published +4.1)" in verdict
    assert (
        "accuracy +0.30 points, undecided (-1.20 to +1.80; published +1.7)" in verdict
    )


def test_nothing_finished_is_no_verdict() -> None:
    rows = tuple(
        replace(each, seeds=(), accuracies=(), accuracy_gain=None, accuracy=None)
        for each in SUMMARY.rows
    )

    summary = replace(SUMMARY, rows=rows)

    assert factor_finding(summary).startswith("Too few trainings")
    assert "0 of 9 trainings have finished." in factor_cautions(summary)


def test_the_scaled_down_setting_and_the_params_are_cautions() -> None:
    text = " ".join(factor_cautions(SUMMARY))

    assert "10.0M macs, 10,000 training images, 10 epochs" in text
    assert "params (484.6k, 484.6k, 484.6k)" in text


def test_the_factor_page_has_its_table_and_figures(tmp_path) -> None:
    files = write_factor_report(SUMMARY, tmp_path)

    page = files.page.read_text()
    assert "26.00 ± 2.50" in page
    assert "10-48-216" in page
    assert "<td>yes</td>" in page
    assert {path.stem for path in files.png} == {
        "factors_accuracy",
        "factors_nuclear_norm",
        "factors_effective_rank",
        "factors_accuracy_norm",
    }


def test_a_finding_tells_what_the_activation_does() -> None:
    text = network_rank_finding([NETWORK])

    assert "The 6 features of net (12 params, 768 macs)" in text
    assert "After 1 of 1 activations the effective rank is higher" in text
    assert "the median factor is 2.00" in text
    assert "(median 0.33, as where a 1x1 convolution expands), it is 1.00" in text


def test_how_many_singular_values_hold_nine_tenths() -> None:
    # 5 + 2 + 1 + 1 of 10.
    assert held_by(ACTIVATION) == 4
    assert held_by(LAYER, 0.5) == 1


def test_random_weights_and_few_samples_are_said() -> None:
    bounded = replace(LAYER, bounded_by_samples=True, samples=3)
    shaky = replace(NETWORK, weights="random", layers=(bounded,))

    texts = " ".join(network_rank_cautions([shaky]))

    assert "net has random weights" in texts
    assert "In 1 layer of net there are fewer samples than channels" in texts
    assert network_rank_cautions([NETWORK]) == ()


def test_two_networks_share_one_axis(tmp_path) -> None:
    other = replace(NETWORK, name="other", params=5, layers=(LAYER, ACTIVATION))
    wider = replace(FEATURES, effective_rank=5.0)
    third = replace(NETWORK, name="third", params=5, layers=(wider,))

    files = write_network_rank_report([NETWORK, other, third], tmp_path)

    page = files.page.read_text()
    # `third` has the highest rank of the features, `net` the most params.
    assert "third has the highest; it does not have the most params." in page
    assert [path.stem for path in files.svg] == [
        *("spectrum_distribution", "cumulative_spectra"),
        *("effective_rank_1", "rank_ratio_1", "effective_rank_2", "rank_ratio_2"),
    ]


def test_words_from_outside_are_escaped() -> None:
    hostile = "<script>alert(1)</script>"

    page = network_rank_page([replace(NETWORK, name=hostile)])
    other = factor_page(replace(SUMMARY, data=hostile))

    assert hostile not in page
    assert hostile not in other


@pytest.fixture
def watched(record: Record) -> Record:
    ranks = (16.0, 12.0, *[3.0] * 8)
    epochs = tuple(
        replace(
            epoch,
            block_ranks=(
                BlockRank(
                    block="blocks.0",
                    channels=32,
                    effective_rank=rank,
                    nuclear_norm=10 * rank,
                ),
            ),
        )
        for epoch, rank in zip(record.epochs, ranks, strict=True)
    )
    return replace(record, epochs=epochs, recipe=replace(record.recipe, watch_rank=256))


def test_a_watched_run_shows_its_blocks_and_its_alarms(watched: Record) -> None:
    page = training_page([watched])

    assert 'data-chart="block_effective_rank"' in page
    assert 'data-chart="block_nuclear_norm"' in page
    assert "on the same 256 test images" in page
    assert "Features collapsed in blocks.0: effective rank 3.0" in page


def test_a_run_that_was_not_watched_shows_neither(record: Record) -> None:
    assert "block_effective_rank" not in training_page([record])
    assert "collapsed" not in training_page([record])
