"""What `rexpand upgrade` prints: the two networks side by side, and the verdict."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from rexpand.cli.console import count, print_table

if TYPE_CHECKING:
    from rexpand.advise.equal_cost import Upgrade
    from rexpand.records import ComparisonSummary


def document(upgraded: "Upgrade") -> dict[str, Any]:
    """Both networks and the line between them, for JSON."""
    sides = {
        "before": (upgraded.before, upgraded.before_cost, upgraded.before_fit),
        "after": (upgraded.after, upgraded.after_cost, upgraded.after_fit),
    }
    return {
        "network": upgraded.before.name,
        "keep": upgraded.keep,
        "slope": upgraded.line.slope,
        "intercept": upgraded.line.intercept,
        **{
            side: {
                "channels": list(spec.channels),
                "params": cost.params,
                "macs": cost.macs,
                "memory_access": cost.memory_access,
                "r_squared": fit.r_squared,
            }
            for side, (spec, cost, fit) in sides.items()
        },
        "latency": [
            asdict(timing)
            | {"latency_ms": asdict(timing.latency_ms), "ratio": asdict(timing.ratio)}
            for timing in upgraded.timings
        ],
    }


def show(upgraded: "Upgrade") -> None:
    """One line per block, then the cost of both networks."""
    pairs = zip(upgraded.before.channels, upgraded.after.channels, strict=True)
    print_table(
        ("block", "stride", "before", "after", "change"),
        [
            (index, block.stride, old, new, new - old)
            for index, (block, (old, new)) in enumerate(
                zip(upgraded.before.blocks, pairs, strict=True)
            )
        ],
    )
    print()
    rows = [
        (
            name,
            count(cost.params),
            count(cost.macs),
            count(cost.memory_access),
            r_squared,
        )
        for name, cost, r_squared in (
            ("before", upgraded.before_cost, f"{upgraded.before_fit.r_squared:.3f}"),
            ("after", upgraded.after_cost, f"{upgraded.after_fit.r_squared:.3f}"),
        )
    ]
    print_table(("", "params", "macs", "memory access", "R2 of a line"), rows)
    print(
        f"channels {upgraded.line.slope:.4g} i + {upgraded.line.intercept:.4g}, "
        f"{kept(upgraded)}: "
        f"{100 * upgraded.after_cost.macs / upgraded.before_cost.macs:.2f} % of the macs, "
        f"{100 * upgraded.after_cost.params / upgraded.before_cost.params:.2f} % of the "
        "params"
    )
    for timing in upgraded.timings:
        ms, ratio = timing.latency_ms, timing.ratio
        print(
            f"{timing.name}: {ms.median:.2f} ms [{ms.low:.2f}, {ms.high:.2f}], "
            f"{ratio.median:.3f} [{ratio.low:.3f}, {ratio.high:.3f}] times before "
            f"(median and quartiles of {ms.count} interleaved rounds)"
        )


def kept(upgraded: "Upgrade") -> str:
    """What was kept equal; for latency, the ratio that the last timing measured."""
    if upgraded.keep != "latency":
        return f"{upgraded.keep} kept"
    ratio = upgraded.timings[-1].ratio
    return (
        f"latency measured at {ratio.median:.3f} times before (quartiles "
        f"{ratio.low:.3f} to {ratio.high:.3f})"
    )


def show_verdict(summary: "ComparisonSummary") -> None:
    """Every accuracy, and the mean of the paired differences with its interval."""
    for name, side in (("before", summary.before), ("after", summary.after)):
        accuracies = ", ".join(f"{value:.2f}" for value in side.accuracies)
        print(f"{name}: {accuracies} % ({summary.evaluated_on} images)")
    gain = summary.gain
    assert gain is not None
    if gain.low is None or gain.high is None:
        print(f"gain {gain.mean:+.2f} points; one seed has no interval")
        return
    print(
        f"{summary.verdict}: the new channels gain {gain.mean:+.2f} points, "
        f"{100 * summary.confidence:.0f} % interval [{gain.low:+.2f}, {gain.high:+.2f}] "
        f"over {gain.count} paired seeds"
    )
