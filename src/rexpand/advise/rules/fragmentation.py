"""RX009: blocks of many small operators side by side (guideline 3)."""

from collections import Counter
from collections.abc import Iterator, Sequence

from rexpand.advise.rules.rule import Observation, Rule, facts
from rexpand.advise.rules.subject import Subject
from rexpand.cost.block_list import is_join, paths
from rexpand.cost.flow import Flow
from rexpand.cost.graph import Graph


def check(subject: Subject) -> Iterator[Observation]:
    """Every module that joins branches, by its convolutions and pools and its branches.

    An operator belongs to the nearest module above it that joins.
    """
    graph = subject.graph
    joins = [p for p, layer in enumerate(graph.layers) if layer.name and is_join(layer)]
    names = dict.fromkeys(graph.layers[place].name for place in joins)
    fragments = _fragments(graph, set(names))
    branches = _branches(graph, joins)
    for name in names:
        is_many = fragments[name] > subject.thresholds.fragments
        if is_many or branches[name] >= subject.thresholds.branches:
            yield _observation(subject, name, fragments[name], branches[name])


def _fragments(graph: Graph, joins: set[str]) -> Counter[str]:
    """Convolutions and pools of each module that joins, its parts' own aside.

    What a module runs again at other sizes counts once.
    """
    found: Counter[str] = Counter()
    for place, layer in enumerate(graph.layers):
        is_again = layer.kind == "convolution" and layer.call > 1
        if is_again or not _is_fragment(graph.flow, place):
            continue
        owner = next((path for path in paths(layer.name) if path in joins), None)
        if owner is not None:
            found[owner] += 1
    return found


def _branches(graph: Graph, joins: Sequence[int]) -> dict[str, int]:
    """Of each module that joins, the most branches that one of its joins has.

    A branch has a convolution or pool of the module that no other branch has: features
    that others were computed from (VoVNet, DenseNet) are none. What came into the
    module as it is, a shortcut, is one more, if there are as many operators.
    """
    found: dict[str, int] = {}
    for place in joins:
        name = graph.layers[place].name
        found[name] = max(found.get(name, 0), _branches_of(graph, place))
    return found


def _branches_of(graph: Graph, join: int) -> int:
    operators = [_operators(graph, each, join) for each in graph.flow.sources(join)]
    shared = Counter(place for found in operators for place in found)
    own = sum(any(shared[place] == 1 for place in found) for found in operators)
    return max(own, min(own + (not all(operators)), len(shared)))


def _operators(graph: Graph, place: int, join: int) -> set[int]:
    """The convolutions and pools of a join's module from which a layer is computed."""
    module, met = graph.layers[join].name, set[int]()
    ahead = [place]
    while ahead:
        place = ahead.pop()
        if place not in met and module in paths(graph.layers[place].name):
            met.add(place)
            ahead += graph.flow.sources(place)
    return {place for place in met if _is_fragment(graph.flow, place)}


def _is_fragment(flow: Flow, place: int) -> bool:
    """A convolution or a pool that gives a map."""
    kind = flow.layers[place].kind
    return kind in ("convolution", "pool") and flow.is_on_map(place)


def _observation(
    subject: Subject, name: str, fragments: int, branches: int
) -> Observation:
    limits = subject.thresholds
    inside = (layer for layer in subject.graph.layers if name in paths(layer.name))
    macs = sum(layer.macs for layer in inside)
    return Observation(
        layer=name,
        message=f"{fragments} convolutions and pools in {_so_many(branches)}",
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


def _so_many(branches: int) -> str:
    return f"up to {branches} branches" if branches > 1 else "one branch"


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
