"""EfficientNet's compound scaling: the printed B1 to B7 against the rule, from B0.

The rule gives depth, width and pixels at one exponent; the release has its own, near it.
The exponents are those nearest to all three (docs/scaling.md).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rexpand.cost import cost_of
from rexpand.ledger.item import counted_item
from rexpand.ledger.reading import Reading
from rexpand.ledger.row import Row, counted
from rexpand.spec import CATALOGUE, Compound, NetworkSpec, Source, network, scalable

_RULE = Compound()


@dataclass(frozen=True, kw_only=True)
class Released:
    """A network of the release as printed: multipliers, pixels, and its phi."""

    name: str
    depth: str
    width: str
    pixels: str
    phi: float

    @property
    def label(self) -> str:
        return self.name.removeprefix("efficientnet_").upper()


def _released(name: str, depth: str, width: str, pixels: str, phi: float) -> Released:
    return Released(
        name=f"efficientnet_{name}", depth=depth, width=width, pixels=pixels, phi=phi
    )


# tensorflow/tpu, models/official/efficientnet/efficientnet_builder.py.
_RELEASE = (
    _released("b1", "1.1", "1.0", "240", 0.5),
    _released("b2", "1.2", "1.1", "260", 1),
    _released("b3", "1.4", "1.2", "300", 2),
    _released("b4", "1.8", "1.4", "380", 3.5),
    _released("b5", "2.2", "1.6", "456", 5),
    _released("b6", "2.6", "1.8", "528", 6),
    _released("b7", "3.1", "2.0", "600", 7),
)


def _read(root: Path) -> Reading:
    return Reading(
        rows=(
            counted(
                "alpha beta^2 gamma^2",
                "2",
                _RULE.growth,
                "ratio",
                "printed as about 2; 1.2, 1.1 and 1.15 are printed",
            ),
            *(row for each in _RELEASE for row in _by_the_rule(each)),
            *(row for each in _RELEASE for row in _of_the_release(each)),
        )
    )


def _by_the_rule(released: Released) -> Iterator[Row]:
    """What the rule gives before a family rounds it, and what its network costs."""
    phi, name = released.phi, f"{released.label}, rule at phi {released.phi:g}"
    pixels = network("efficientnet_b0").resolution * _RULE.gamma**phi
    yield counted(f"{name}: depth", released.depth, _RULE.alpha**phi, "of B0's")
    yield counted(f"{name}: width", released.width, _RULE.beta**phi, "of B0's")
    yield counted(f"{name}: side", released.pixels, pixels, "pixels")
    scaled = scalable(Source.parse("efficientnet_b0")).at(_RULE, phi).spec
    yield from _costs(name, released, scaled, "the costs printed are of the release")


def _of_the_release(released: Released) -> Iterator[Row]:
    name = f"{released.label}, multipliers of the release"
    fidelity = CATALOGUE[released.name].fidelity
    yield from _costs(name, released, network(released.name), fidelity)


def _costs(
    name: str, released: Released, spec: NetworkSpec, note: str
) -> Iterator[Row]:
    published, cost = CATALOGUE[released.name].published, cost_of(spec)
    for figure in ("params", "macs"):
        printed, exact = getattr(published, figure), getattr(cost, figure)
        yield counted(f"{name}: {figure}", printed, exact, figure, note)


ITEMS = (
    counted_item(
        "compound-scaling",
        "EfficientNet-B1 to B7 from B0 by one rule",
        "arXiv 1905.11946, Section 3.3 and Table 2, and the release",
        "multipliers and costs of the rule and of the release; accuracies are not run, nor "
        "the grid search for alpha, beta and gamma",
        _read,
    ),
)
