"""Verdicts: what the points of a study decide about each claim.

All comparisons of a claim true: it holds; none: it does not; some: it holds only where
they are. The words of the condition are put together from those comparisons.
"""

from collections.abc import Iterable, Sequence

from rexpand.rank.claims import CLAIMS, Cell
from rexpand.rank.curves import Curves, other_curves, own_curves, printed_curves
from rexpand.records import LayerPoint, PublishedPoint, Verdict
from rexpand.records.layers import VerdictName

PRINTED = "printed figure"  # as a definition: the paper's own read-off points


def verdicts(points: Sequence[LayerPoint], definition: str) -> tuple[Verdict, ...]:
    """Every claim that the points can decide, under every definition they carry.

    `definition` names the one of `rank_ratio`. The printed points come last.
    """
    others = points[0].definitions if points else {}
    tables = {definition: own_curves(points)}
    tables |= {name: other_curves(points, name) for name in others}
    return tuple(
        verdict
        for name, curves in tables.items()
        for verdict in _decide_all(curves, name)
    )


def printed_verdicts(points: Sequence[PublishedPoint]) -> tuple[Verdict, ...]:
    """What the paper's own figure says of the paper's claims."""
    return tuple(_decide_all(printed_curves(points), PRINTED))


def _decide_all(curves: Curves, definition: str) -> Iterable[Verdict]:
    for claim, test in CLAIMS.items():
        cells = list(test(curves))
        if cells:
            yield _decide(claim, definition, cells)


def _decide(claim: str, definition: str, cells: Sequence[Cell]) -> Verdict:
    true = [cell for cell in cells if cell.is_true]
    verdict: VerdictName = "holds only if"
    if not true:
        verdict = "does not hold"
    elif len(true) == len(cells):
        verdict = "holds"
    least, most = (pick(cell.difference for cell in cells) for pick in (min, max))
    return Verdict(
        claim=claim,
        definition=definition,
        verdict=verdict,
        condition=_condition(true, cells) if verdict == "holds only if" else "",
        evidence=(
            f"true in {len(true)} of {len(cells)} comparisons; differences in rank "
            f"ratio {least:+.3f} to {most:+.3f}"
        ),
    )


def _condition(true: Sequence[Cell], cells: Sequence[Cell]) -> str:
    """Where the true cells are: whole structures by name, others with their details."""
    parts = []
    for structure in dict.fromkeys(cell.structure for cell in true):
        inside = [cell.detail for cell in true if cell.structure == structure]
        whole = len(inside) == sum(cell.structure == structure for cell in cells)
        parts.append(structure if whole else f"{structure} with {', '.join(inside)}")
    return "; ".join(parts)
