"""Networks side by side: the rows of the paper's Table 1, for any set of them."""

from dataclasses import dataclass

from rexpand.cost import cost_of
from rexpand.report import formats
from rexpand.spec import (
    FittedLine,
    SpecLike,
    as_spec,
    entry_of,
    fitted_line,
)


@dataclass(frozen=True, kw_only=True)
class NetworkRow:
    """A network as the table writes it, with the channels and the line as numbers."""

    name: str
    stem: int
    channels: tuple[int, ...]
    stages: str
    fit: FittedLine
    line: str
    r_squared: str
    params: str
    macs: str
    top1: str


def network_row(spec: SpecLike) -> NetworkRow:
    """The row of a network; top-1 as its source publishes it, a dash where it has none."""
    spec = as_spec(spec)
    cost, fit = cost_of(spec), fitted_line(spec.channels)
    entry = entry_of(spec.name)
    top1 = entry.published.top1 if entry else None
    return NetworkRow(
        name=spec.name,
        stem=spec.stem.out_channels,
        channels=spec.channels,
        stages=formats.stages(spec.channels),
        fit=fit,
        line=f"{fit.slope:.1f} i {'+' if fit.intercept >= 0 else '−'} "  # noqa: RUF001
        f"{abs(fit.intercept):.0f}",
        r_squared=f"{fit.r_squared:.2f}",
        params=formats.count(cost.params),
        macs=formats.count(cost.macs),
        top1=formats.percent(top1) if top1 else "-",
    )
