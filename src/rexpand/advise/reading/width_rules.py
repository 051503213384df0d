"""The rules that give the inner widths of blocks: a spec holds the rule, a module the width.

Several rules give the same widths. The one is taken that says the least: a round
expansion ratio, and one squeeze-excite rule for as many blocks as possible.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from rexpand.spec import InvertedBottleneck, SqueezeExcite

# Reductions that networks use, before the others; multiples likewise.
_REDUCTIONS = (4, 8, 12, 16, 24, 2, 3, 6, 32, 64, *range(1, 129))
_MULTIPLES = (1, 8, 4, 2, 16)
_DIGITS = 6

Rule = tuple[SqueezeExcite, Any]  # and what its reduction is of


@dataclass(frozen=True, kw_only=True)
class RawSqueeze:
    """A squeeze-excite as it was found, by its inner width."""

    inner: int
    activation: str
    gate: str
    norm: bool
    position: str = "after_activation"


def expand_rule(in_channels: int, expanded: int) -> tuple[float, int]:
    """Expansion ratio of the fewest digits and a multiple that give a width."""
    for digits in range(_DIGITS):
        ratio = round(expanded / in_channels, digits)
        if ratio < 1:
            continue
        for multiple in (1, 8):
            block = InvertedBottleneck(
                out_channels=1, expand_ratio=ratio, expand_multiple=multiple
            )
            if int(block.expanded(in_channels)) == expanded:
                return ratio, multiple
    return expanded / in_channels, 1


def squeeze_rules(
    found: Sequence[tuple[int, int, RawSqueeze | None]],
) -> list[Rule | None]:
    """A rule for each block that has a squeeze-excite: (inputs, expanded, squeeze).

    The rule that gives most blocks their width serves them; the rest get the first that
    gives theirs. None where there is no squeeze-excite, or no rule.
    """
    rules: list[Rule | None] = [None] * len(found)
    left = [index for index, (_, _, raw) in enumerate(found) if raw is not None]
    while left:
        first = found[left[0]][2]
        assert first is not None
        best = max(
            _candidates(first),
            key=lambda rule: sum(_gives(rule, *found[index]) for index in left),
        )
        served = [index for index in left if _gives(best, *found[index])]
        if not served:
            left = left[1:]
        for index in served:
            rules[index] = best
        left = [index for index in left if index not in served]
    return rules


def _candidates(raw: RawSqueeze) -> Iterator[Rule]:
    for multiple in _MULTIPLES:
        for reduction in _REDUCTIONS:
            for reference in ("expanded", "inputs"):
                squeeze = SqueezeExcite(
                    reduction=reduction,
                    multiple_of=multiple,
                    activation=raw.activation,  # type: ignore[arg-type]
                    gate=raw.gate,  # type: ignore[arg-type]
                    norm=raw.norm,
                    position=raw.position,  # type: ignore[arg-type]
                )
                yield squeeze, reference


def _gives(rule: Rule, inputs: int, expanded: int, raw: RawSqueeze | None) -> bool:
    squeeze, reference = rule
    if raw is None:
        return False
    width = inputs if reference == "inputs" else expanded
    same = (squeeze.activation, squeeze.gate, squeeze.norm, squeeze.position)
    wanted = (raw.activation, raw.gate, raw.norm, raw.position)
    return same == wanted and int(squeeze.squeezed(width)) == raw.inner
