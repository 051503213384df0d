"""How far values of a sample lie apart."""

from collections.abc import Sequence
from statistics import stdev


def sample_std(values: Sequence[float]) -> float | None:
    """The sample's standard deviation (over n - 1); one value has none."""
    return stdev(values) if len(values) > 1 else None
