"""What `rexpand export` prints: a line for each format, a table for the gate."""

from typing import TYPE_CHECKING

from rexpand.cli.console import note, print_table

if TYPE_CHECKING:
    from rexpand.deploy import Exported, Friendliness
    from rexpand.records import Gate

_MOST_NAMED = 5  # layers


def export_line(done: "Exported", tolerance: float) -> str:
    """One format: its files, and how far its scores are from the network's."""
    first, *others = done.files
    files = " and ".join([str(first), *(each.name for each in others)])
    return (
        f"wrote {files}: {done.size_bytes / 1e6:.2f} MB, "
        f"{sum(done.operators.values())} operators; the largest difference from the "
        f"network is {done.difference:.2g} of the largest score (at most {tolerance:g})"
    )


def friendliness_line(found: "Friendliness") -> str:
    """What int8 will do, before it is done."""
    risky = found.at_risk
    named = ", ".join(each.layer.strip("/") for each in risky[:_MOST_NAMED])
    more = f" and {len(risky) - _MOST_NAMED} more" if len(risky) > _MOST_NAMED else ""
    kept = "" if found.agreement is None else f" and {found.agreement:.1%} agreement"
    return (
        f"int8 will leave about {found.decibels:.0f} dB between scores and noise{kept}, "
        f"by a prediction from {found.images} images; half of the noise is of "
        f"{len(risky)} of {len(found.layers)} layers: {named}{more}"
    )


def print_gate(gate: "Gate") -> None:
    """One table: runtime x precision."""
    print_table(
        (
            "runtime",
            "precision",
            "MB",
            "top-1 %",
            "agreement %",
            "ms",
            "95 %",
            "of torch",
        ),
        [
            (
                row.runtime,
                row.precision,
                f"{row.size_bytes / 1e6:.2f}",
                f"{row.accuracy:.2f}",
                f"{100 * row.agreement:.2f}",
                f"{row.latency_ms.median:.2f}",
                f"{row.latency_ms.least:.2f} to {row.latency_ms.most:.2f}",
                f"{row.ratio.median:.2f}",
            )
            for row in gate.rows
        ],
    )
    for row in gate.rows:
        if row.in_float:
            note(
                f"{row.runtime} {row.precision} leaves {len(row.in_float)} layers in "
                f"fp32: {', '.join(each.strip('/') for each in row.in_float)}"
            )
    if gate.steadiness.problems:
        note(
            f"this machine was not steady: {'; '.join(gate.steadiness.problems)}; "
            "trust no latency here"
        )
    print(
        f"{gate.judged_images} images of {gate.data}, {gate.calibration_images} others for "
        f"calibration; milliseconds of one image, {gate.rows[0].latency_ms.count} rounds, "
        f"threads: {gate.provenance.threads}"
    )
