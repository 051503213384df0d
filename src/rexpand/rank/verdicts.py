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


def counted_once(
    points: Sequence[LayerPoint], spatial_size: int
) -> Sequence[LayerPoint]:
    """The points that decide claims: on one pixel a 3x3 convolution is a 1x1."""
    if spatial_size > 1 or all(point.structure != "conv1x1" for point in points):
        return points
    return [point for point in points if point.structure != "conv3x3"]


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
        inside = [cell for cell in true if cell.structure == structure]
        tried = [cell for cell in cells if cell.structure == structure]
        parts.append(structure + _details(inside, tried))
    return "; ".join(parts)


def _details(true: Sequence[Cell], cells: Sequence[Cell]) -> str:
    """Of one structure: nothing if all are true, else which, and at which dim_ratios."""
    if len(true) == len(cells):
        return ""
    places = {
        detail: _at([c for c in true if c.detail == detail], cells)
        for detail in dict.fromkeys(cell.detail for cell in true)
    }
    shared = {*places.values()}
    if len(shared) == 1 and len(places) == len({cell.detail for cell in cells}):
        return shared.pop()
    return " with " + ", ".join(f"{name}{place}" for name, place in places.items())


def _at(true: Sequence[Cell], cells: Sequence[Cell]) -> str:
    """The dim_ratios of the true cells of one detail, runs of those tried as ranges."""
    tried = sorted(
        cell.dim_ratio
        for cell in cells
        if cell.detail == true[0].detail and cell.dim_ratio is not None
    )
    found = {cell.dim_ratio for cell in true}
    if len(found) == len(tried) or not tried:
        return ""
    runs: list[list[float]] = []
    for before, ratio in zip([None, *tried], tried, strict=False):
        if ratio in found:
            if before in found and runs:
                runs[-1].append(ratio)
            else:
                runs.append([ratio])
    words = (f"{r[0]:g}" if len(r) == 1 else f"{r[0]:g}-{r[-1]:g}" for r in runs)
    return f" at {' and '.join(words)}"
