"""RX006: channels that repeat by stage and then jump, far from a line."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from rexpand.advise.rules.rule import Observation, Rule, facts
from rexpand.advise.rules.subject import Subject
from rexpand.cost import Block
from rexpand.cost.block_list import paths
from rexpand.spec import fitted_line

_FEWEST = 5  # blocks; the shortest network that the paper searched


def check(subject: Subject) -> Iterator[Observation]:
    """The network by R2 of the line through the channels of its blocks."""
    blocks = subject.graph.blocks
    channels = [block.channels for block in blocks]
    repeats = sum(before == after for before, after in pairwise(channels))
    if len(blocks) < _FEWEST or not repeats or min(channels) == max(channels):
        return
    if fitted_line(channels).r_squared < subject.thresholds.line_r_squared:
        yield _observation(subject, blocks, repeats)


def _observation(
    subject: Subject, blocks: Sequence[Block], repeats: int
) -> Observation:
    channels = tuple(block.channels for block in blocks)
    line = fitted_line(channels)
    rises = [after / before for before, after in pairwise(channels)]
    jump = max(range(len(rises)), key=rises.__getitem__)
    limit = subject.thresholds.line_r_squared
    expanded = {
        path for each in subject.bottlenecks for path in paths(each.project.name)
    }
    depthwise = sum(block.name in expanded for block in blocks) >= len(blocks) / 2
    command = subject.line_command
    return Observation(
        layer=blocks[jump + 1].name,
        message=(
            f"{len(blocks)} blocks have {len(set(channels))} widths, and here they jump "
            f"from {channels[jump]} to {channels[jump + 1]}: R2 of a line "
            f"{line.r_squared:.3f}, below {limit:g}"
        ),
        evidence=facts(
            r_squared=line.r_squared,
            limit=limit,
            blocks=len(blocks),
            widths=len(set(channels)),
            repeats=repeats,
            largest_jump=rises[jump],
            slope=line.slope,
            intercept=line.intercept,
            channels=channels,
        ),
        cost=(
            f"{repeats} of {len(blocks) - 1} blocks add no channels and one multiplies "
            f"them by {rises[jump]:.2f}; on a line, MobileNetV1 gained 2.3 points of "
            "top-1 at equal cost (72.5 to 74.8, with SiLU after its 1x1s)"
        ),
        fix=(
            "channels that rise by a constant step: "
            + (
                f"`{command}` gives a line of equal macs"
                if command
                else f"the nearest line is {line.slope:.3g} i + {line.intercept:.3g} for "
                f"blocks i = 0 to {len(blocks) - 1}"
            )
        ),
        level="warning" if depthwise else None,
    )


RULES = (
    Rule(
        id="RX006",
        name="stagewise-channels",
        level="advice",
        summary="Channels repeat by stage and jump between, instead of rising on a line.",
        source="arXiv 2007.00992, Section 4: the linear parameterization",
        check=check,
    ),
)
