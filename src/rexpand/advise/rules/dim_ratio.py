"""RX002: a depthwise bottleneck whose output is much wider than its input."""

from bisect import bisect_left
from collections.abc import Iterator

from rexpand.advise.rules.bottlenecks import Bottleneck
from rexpand.advise.rules.rule import Observation, Rule, facts
from rexpand.advise.rules.subject import Subject

# Rank ratio of an inverted bottleneck with ReLU6 by dim_ratio, read off Figure 1c of
# arXiv 2007.00992; with a depthwise convolution (1d) it is lower.
_FIGURE_1C = (
    (0.1, 0.3), (0.2, 0.555), (0.3, 0.743), (0.4, 0.845), (0.5, 0.911), (0.6, 0.95),
    (1.0, 1.0),
)  # fmt: skip


def check(subject: Subject) -> Iterator[Observation]:
    """Every inverted bottleneck by the channels of the block, in over out."""
    for block in subject.bottlenecks:
        if block.dim_ratio < subject.thresholds.dim_ratio:
            yield _observation(subject, block)


def published_rank_ratio(dim_ratio: float) -> float:
    """The paper's rank ratio at a dim_ratio, between its points on a straight line."""
    place = min(max(bisect_left(_FIGURE_1C, (dim_ratio,)), 1), len(_FIGURE_1C) - 1)
    (left, low), (right, high) = _FIGURE_1C[place - 1 : place + 1]
    share = (min(max(dim_ratio, left), right) - left) / (right - left)
    return low + share * (high - low)


def _observation(subject: Subject, block: Bottleneck) -> Observation:
    limit = subject.thresholds.dim_ratio
    ins, outs = block.expand.in_channels, block.project.out_channels
    expected = published_rank_ratio(block.dim_ratio)
    command = subject.line_command
    return Observation(
        layer=block.name,
        message=(
            f"the depthwise bottleneck maps {ins} channels to {outs}: dim_ratio "
            f"{block.dim_ratio:.2f}, below {limit:g}"
        ),
        evidence=facts(
            in_channels=ins,
            out_channels=outs,
            dim_ratio=block.dim_ratio,
            limit=limit,
            published_rank_ratio=expected,
        ),
        cost=(
            f"the paper's rank ratio at this dim_ratio is {expected:.2f} (Figure 1c, "
            f"ReLU6), and lower with a depthwise convolution: {outs} channels are paid "
            f"for and about {expected * outs:.0f} directions are used"
        ),
        fix=(
            f"give the block {-(-outs * limit // 1):.0f} channels or more, or let it "
            f"output {int(ins / limit)} at most: channels that rise block by block"
            + (f" (`{command}` gives them at equal macs)" if command else "")
        ),
    )


RULES = (
    Rule(
        id="RX002",
        name="low-dim-ratio",
        level="warning",
        summary="A depthwise bottleneck has many more output than input channels.",
        source="arXiv 2007.00992, Section 3 and Figure 1",
        check=check,
    ),
)
