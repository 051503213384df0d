"""The definitions of rank that a layer study measures side by side.

Each is a rank over the channels: 1 for features that use every channel alike. The
numerical ones depend on their tolerance, the others have none.
"""

from collections.abc import Mapping

from torch import Tensor

from rexpand.rank.estimators import (
    effective_rank,
    nuclear_norm,
    numerical_rank,
    participation_ratio,
    stable_rank,
)
from rexpand.rank.protocol import Protocol
from rexpand.rank.tolerance import (
    Energy,
    Relative,
    Shape,
    Tolerance,
    TorchDefault,
    describe,
)

TOLERANCES: tuple[Tolerance, ...] = (
    Relative(1e-2),
    Relative(1e-3),
    Relative(1e-4),
    TorchDefault(),
    Energy(0.99),
)


def definition_name(protocol: Protocol) -> str:
    """The name of the definition that a protocol reports as its rank ratio."""
    if protocol.definition == "numerical":
        return describe(protocol.tolerance)
    return protocol.definition


def definition_names(protocol: Protocol) -> tuple[str, ...]:
    """Every definition of a study: the protocol's own first."""
    names = [describe(tolerance) for tolerance in _tolerances(protocol)]
    names += ["entropy", "stable", "participation", "nuclear"]
    own = definition_name(protocol)
    return (own, *(name for name in names if name != own))


def rank_ratios(
    values: Tensor, shape: Shape, protocol: Protocol
) -> Mapping[str, Tensor]:
    """Every definition's rank over the columns of `shape`, for (..., d) values."""
    ranks = {
        describe(tolerance): numerical_rank(values, tolerance, shape)
        for tolerance in _tolerances(protocol)
    }
    ranks |= {
        "entropy": effective_rank(values),
        "stable": stable_rank(values),
        "participation": participation_ratio(values),
        "nuclear": _nuclear_rank(values),
    }
    return {name: rank.double() / shape[1] for name, rank in ranks.items()}


def _nuclear_rank(values: Tensor) -> Tensor:
    """(|F|_* / |F|_fro)^2: the nuclear norm without its scale, at most the rank."""
    energy = values.square().sum(-1)
    norm = nuclear_norm(values)
    return (norm.square() / energy.clamp(min=1e-300)).where(energy > 0, 0.0)


def _tolerances(protocol: Protocol) -> tuple[Tolerance, ...]:
    known = protocol.tolerance in TOLERANCES
    return TOLERANCES if known else (protocol.tolerance, *TOLERANCES)
