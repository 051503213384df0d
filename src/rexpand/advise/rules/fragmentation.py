"""RX009: blocks of many small operators side by side (guideline 3)."""

from collections import Counter
from collections.abc import Iterator

from rexpand.advise.rules.rule import Observation, Rule, facts
from rexpand.advise.rules.subject import Subject, is_on_map
from rexpand.cost.block_list import is_join, paths
from rexpand.cost.operators import Layer


def check(subject: Subject) -> Iterator[Observation]:
    """Every module that joins branches, by its convolutions and pools and its branches.

    An operator belongs to the nearest module above it that joins. Dense connections,
    which join what came long before, are no branches: a module has no more branches
    than operators.
    """
    joins = [layer for layer in subject.graph.layers if layer.name and is_join(layer)]
    fragments = _fragments(subject, {layer.name for layer in joins})
    branches: dict[str, int] = {}
    for layer in joins:
        most = min(len(layer.inputs), fragments[layer.name])
        branches[layer.name] = max(most, branches.get(layer.name, 0))
    for name, width in branches.items():
        is_many = fragments[name] > subject.thresholds.fragments
        if is_many or width >= subject.thresholds.branches:
            yield _observation(subject, name, fragments[name], width)


def _fragments(subject: Subject, joins: set[str]) -> Counter[str]:
    """Convolutions and pools of each module that joins, its parts' own aside.

    What a module runs again at other sizes counts once.
    """
    found: Counter[str] = Counter()
    seen: set[str] = set()
    for layer in subject.graph.layers:
        is_again = layer.kind == "convolution" and layer.name in seen
        if is_again or not _is_fragment(layer):
            continue
        seen.add(layer.name)
        owner = next((path for path in paths(layer.name) if path in joins), None)
        if owner is not None:
            found[owner] += 1
    return found


def _is_fragment(layer: Layer) -> bool:
    """A convolution or a pool that puts out a map."""
    return layer.kind in ("convolution", "pool") and is_on_map(layer)


def _observation(
    subject: Subject, name: str, fragments: int, branches: int
) -> Observation:
    limits = subject.thresholds
    inside = (layer for layer in subject.graph.layers if name in paths(layer.name))
    macs = sum(layer.macs for layer in inside)
    return Observation(
        layer=name,
        message=f"{fragments} convolutions and pools in up to {branches} branches",
        evidence=facts(
            fragments=fragments,
            fragments_limit=limits.fragments,
            branches=branches,
            branches_limit=limits.branches,
            macs=macs,
        ),
        cost=(
            f"{macs:,} macs in {fragments} pieces that each start on their own; four "
            "parallel pieces ran at 28 to 67 % of the speed of one on the paper's GPU, "
            "and at 83 to 91 % on its CPU"
        ),
        fix=(
            "fewer and larger operators: one kernel size in place of a mixture, fewer "
            "branches of more channels"
        ),
    )


RULES = (
    Rule(
        id="RX009",
        name="fragmented-block",
        level="advice",
        summary="A block consists of many small operators.",
        source="arXiv 1807.11164, guideline 3 and Table 3",
        check=check,
    ),
)
