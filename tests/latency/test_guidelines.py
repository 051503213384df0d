"""The guideline lab: stacks of equal macs, verdicts from made-up times, a tiny run."""

from dataclasses import replace

import pytest
import torch

from rexpand.codec import to_document
from rexpand.documents import from_text
from rexpand.errors import MistakeError, UnknownNameError
from rexpand.latency.guidelines.experiments import (
    GUIDELINES,
    Guideline,
    channel_pair,
    find_guidelines,
    stacks,
)
from rexpand.latency.guidelines.lab import LabPlan, findings, run_guidelines
from rexpand.latency.guidelines.modules import build_stack, in_channels
from rexpand.latency.guidelines.published import published_speeds
from rexpand.latency.guidelines.verdicts import (
    doubling_cost,
    joint_verdict,
    verdict_of,
)
from rexpand.latency.intervals import median_spread
from rexpand.latency.runtimes import RUNTIMES
from rexpand.records import GuidelineRow, GuidelineStudy, Quartiles
from rexpand.trace import measure
from rounding import agree, depth_of

EXPERIMENTS = [
    (guideline, width) for guideline in GUIDELINES for width in guideline.widths
]


def costs(guideline: Guideline, width: int) -> dict[str, tuple[int, int, int]]:
    """Macs, memory access and params of each stack, measured on the meta device."""
    found = {}
    for stack in stacks(guideline, width):
        with torch.device("meta"):
            module = build_stack(stack)
        cost = measure(module, (in_channels(stack), guideline.side, guideline.side))
        found[stack.name] = (cost.macs, cost.memory_access, cost.params)
    return found


@pytest.mark.parametrize(
    ("guideline", "width"),
    EXPERIMENTS,
    ids=lambda value: getattr(value, "number", value),
)
def test_the_stacks_of_an_experiment_have_equal_macs(
    guideline: Guideline, width: int
) -> None:
    first, *others = macs = [each[0] for each in costs(guideline, width).values()]

    # Whole channels allow no less everywhere; the paper's own are up to 5.5 % off.
    assert max(abs(each / first - 1) for each in others) < 0.012
    if guideline.number == 4:
        assert len(set(macs)) == 1


def test_the_first_stack_counts_what_the_paper_says() -> None:
    ratio, groups, fragments, _ = GUIDELINES

    # Blocks x convolutions x 56 x 56 x c x c.
    assert costs(ratio, 32)["1:1"][0] == 10 * 2 * 56 * 56 * 32 * 32
    assert costs(groups, 64)["1 group"][0] == 10 * 56 * 56 * 64 * 64
    assert costs(fragments, 64)["1 fragment"][0] == 10 * 56 * 56 * 64 * 64


@pytest.mark.parametrize("number", [1, 2])
def test_guidelines_1_and_2_grow_memory_access_and_nothing_else(number: int) -> None:
    (guideline,) = find_guidelines([number])
    found = [each[1] for each in costs(guideline, 128).values()]

    assert found == sorted(found)
    assert found[-1] > 1.5 * found[0]


@pytest.mark.kernels
@pytest.mark.usefixtures("float64")
def test_parallel_fragments_are_a_sum_of_convolutions_of_one_input() -> None:
    (guideline,) = find_guidelines([3])
    stack = next(each for each in stacks(guideline, 8) if each.name == "2 in parallel")
    module = build_stack(stack)
    images = torch.rand(1, in_channels(stack), 4, 4)

    block = module[0]
    expected = sum(fragment(images) for fragment in block.fragments)
    assert len(block.fragments) == 2
    assert agree(block(images), expected, depth=depth_of(block))


@pytest.mark.kernels
@pytest.mark.usefixtures("float64")
def test_a_bottleneck_has_relu_and_shortcut_where_it_says_so() -> None:
    (guideline,) = find_guidelines([4])
    torch.manual_seed(0)
    found = {each.name: build_stack(each)[0] for each in stacks(guideline, 4)}
    images = torch.randn(1, 16, 4, 4)
    for block in found.values():
        block.load_state_dict(found["neither"].state_dict())

    with torch.no_grad():
        scores = {name: block(images) for name, block in found.items()}

    depth = depth_of(found["neither"])
    assert agree(scores["shortcut"], scores["neither"] + images, depth=depth)
    assert scores["neither"].min() < 0
    assert scores["ReLU"].min() == scores["ReLU and shortcut"].min() == 0


def test_a_pair_of_channels_is_nearest_in_multiples() -> None:
    # 90 x 182 = 16380, of 128 x 128 = 16384.
    assert channel_pair(128 * 128, 2, 1) == (90, 182)
    assert channel_pair(128 * 128, 1, 8) == (128, 128)
    assert channel_pair(32 * 32, 12, 8) == (8, 128)


@pytest.mark.parametrize("multiple_of", [4, 8])
def test_every_experiment_has_its_channels_in_multiples(multiple_of: int) -> None:
    for guideline, width in EXPERIMENTS:
        for stack in stacks(guideline, width, multiple_of):
            assert stack.narrow % multiple_of == stack.wide % multiple_of == 0


@pytest.mark.parametrize(
    ("ratios", "verdict"),
    [
        ([1.6, 1.7, 1.8, 1.7, 1.65, 1.75], "holds"),
        ([0.7, 0.8, 0.75, 0.7, 0.9, 0.6], "does not hold"),
        ([0.9, 1.1, 1.05, 1.2, 0.95, 1.0], "undecided"),
        # One outlier in nine rounds does not undo the others.
        ([0.2, 1.2, 1.3, 1.2, 1.3, 1.2, 1.3, 1.2, 1.3], "holds"),
    ],
)
def test_a_verdict_is_where_the_interval_lies(
    ratios: list[float], verdict: str
) -> None:
    assert verdict_of(median_spread(ratios)) == verdict


def test_widths_that_disagree_have_a_verdict_of_their_own() -> None:
    assert joint_verdict(["holds", "holds"]) == "holds"
    assert joint_verdict(["holds", "undecided"]) == "depends on the width"


def test_a_doubling_is_fitted_through_every_degree() -> None:
    # Three rounds in which time grows with the square root of the degree.
    ratios = {2: [2**0.5] * 3, 4: [2.0] * 3, 8: [8**0.5] * 3}

    assert doubling_cost(ratios).median == pytest.approx(2**0.5)


def row(
    variant: str, degree: int, width: int, ratios: tuple[float, ...]
) -> GuidelineRow:
    ratio = median_spread(ratios)
    return GuidelineRow(
        guideline=1,
        runtime="torch",
        variant=variant,
        degree=degree,
        width=width,
        scale=width // 32,
        narrow=width,
        wide=width * degree,
        params=1,
        macs=1,
        memory_access=1,
        latency_ms=Quartiles(median=1.0, low=1.0, high=1.0, count=len(ratios)),
        ratio=ratio,
        ratios=ratios,
        verdict=None if degree == 1 else verdict_of(ratio),
    )


def made_up(*last: float) -> list[GuidelineRow]:
    return [
        row("1:1", 1, 32, (1.0,) * len(last)),
        row("1:2", 2, 32, (1.1,) * len(last)),
        row("1:6", 6, 32, (1.3,) * len(last)),
        row("1:12", 12, 32, last),
    ]


def test_a_finding_says_what_the_rows_say() -> None:
    (holds,) = findings(GUIDELINES[0], made_up(1.6, 1.7, 1.7, 1.7, 1.7, 1.8))
    (fails,) = findings(GUIDELINES[0], made_up(0.8, 0.9, 0.7, 0.8, 0.8, 0.8))
    (open_,) = findings(GUIDELINES[0], made_up(0.8, 1.2, 0.7, 1.8, 0.8, 1.1))

    assert holds.sentence.startswith(
        "Guideline 1 holds here under torch: 1:12 costs 1.70 times 1:1 "
        "(1.60 to 1.80, n = 6) at 32 channels; a doubling of the channel ratio costs"
    )
    assert fails.verdict == "does not hold"
    assert fails.sentence.startswith("Guideline 1 does not hold here under torch")
    assert open_.sentence.startswith("Guideline 1 is undecided here under torch")


def test_widths_are_named_where_they_disagree() -> None:
    narrow = made_up(1.6, 1.7, 1.7, 1.7, 1.7, 1.8)
    wide = [
        replace(each, width=64, ratios=low, ratio=median_spread(low))
        for each, low in zip(
            made_up(*(0.9,) * 6), [(1.0,) * 6, *[(0.9,) * 6] * 3], strict=True
        )
    ]

    (found,) = findings(GUIDELINES[0], narrow + wide)

    assert found.verdict == "depends on the width"
    assert "at 32 channels, holds; 0.90 times" in found.sentence
    assert "at 64 channels, does not hold" in found.sentence
    assert len(found.doubling) == 2


def test_the_published_tables_have_every_stack_at_three_widths() -> None:
    speeds = published_speeds([1, 2, 3, 4])

    for guideline in GUIDELINES:
        own = [each for each in speeds if each.guideline == guideline.number]
        arm = [each for each in own if each.platform == "ARM"]
        names = {stack.name for stack in stacks(guideline, guideline.widths[0])}
        assert {each.variant for each in own} == names
        assert {each.width for each in arm} == set(guideline.widths)
    # Table 1, 1:1 over 1:12 on the GPU at the first width: 1480 and 748.
    fastest, slowest = (
        next(each.per_second for each in speeds if each.variant == name)
        for name in ("1:1", "1:12")
    )
    assert (fastest, slowest) == (1480, 748)


def test_a_run_times_every_stack_and_its_record_comes_back() -> None:
    small = tuple(replace(each, side=4, widths=(32, 64)) for each in GUIDELINES)
    plan = LabPlan(guidelines=small, rounds=2, threads=1)
    done: list[int] = []
    before = torch.get_num_threads()

    study = run_guidelines(plan, [RUNTIMES["torch"]], done.append)

    assert torch.get_num_threads() == before
    assert sum(done) == plan.parts == 8
    assert len(study.rows) == 2 * (4 + 4 + 5 + 4)
    assert [each.guideline for each in study.findings] == [1, 2, 3, 3, 4]
    assert all(each.ratio.count == 2 for each in study.rows)
    assert {each.variant for each in study.rows if each.verdict is None} == {
        *("1:1", "1 group", "1 fragment", "neither")
    }
    assert from_text(GuidelineStudy, to_document(study)) == study
    with pytest.raises(ValueError, match="version 9"):
        from_text(GuidelineStudy, to_document(replace(study, version=9)))


def test_mistakes_quote_the_value() -> None:
    with pytest.raises(
        UnknownNameError, match="guideline '5'; choose from 1, 2, 3 and 4"
    ):
        find_guidelines([5])
    with pytest.raises(MistakeError, match="threads is 0; give at least 1"):
        LabPlan(threads=0)
    with pytest.raises(MistakeError, match="multiples of 32 are too coarse"):
        LabPlan(threads=1, multiple_of=32)
