"""One axis of a protocol at a time: what the result owes to each open choice."""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

from rexpand.rank.definitions import definition_name
from rexpand.rank.layers import Advance, LayerDesign, measure_all
from rexpand.rank.protocol import Protocol, choices_text
from rexpand.rank.published import deviations
from rexpand.rank.tolerance import Energy, Relative, TorchDefault, describe
from rexpand.rank.verdicts import counted_once, verdicts
from rexpand.records import (
    AxisRow,
    LayerPoint,
    SensitivityStudy,
    this_provenance,
)

# The values each axis is tried at; the preset's own is the first row of all.
AXES: Mapping[str, tuple[Any, ...]] = {
    "inputs": ("uniform", "symmetric", "normal", "rectified"),
    "input_scale": (0.1, 1.0, 10.0),
    "weights": (
        *("normal", "symmetric", "kaiming", "kaiming_out", "xavier", "lecun", "torch"),
    ),
    "norm": ("none", "before", "after"),
    "norm without centring": ("before", "after"),
    "sizes": ((20, 60), (20, 200), (70, 130), (140, 200)),
    "samples_per_channel": (1.2, 2.0, 4.0, 8.0),
    "tolerance": (
        TorchDefault(),
        Relative(1e-2),
        Relative(1e-3),
        Relative(1e-4),
        Relative(1e-5),
        Energy(0.99),
    ),
    "spatial_size": (1, 2, 4),
    "expansions": ((1,), (1, 2, 3, 4), (1, 2, 3, 4, 5, 6), (3,), (6,), (1, 6)),
    "shortcut": ("padded", "equal", "none"),
    "activated": ("both", "first", "second", "all", "rexnet"),
    "expands_by_one": (True, False),
    "definition": ("numerical", "entropy", "stable", "participation", "nuclear"),
}


def study_sensitivity(
    design: LayerDesign,
    *,
    workers: int = 1,
    device: str = "cpu",
    advance: Advance = lambda networks: None,
) -> SensitivityStudy:
    """Repeat a design with each axis changed alone; its own protocol comes first."""
    started = time.perf_counter()
    changes = [*variations(design.protocol)]
    measured = measure_all(
        [replace(design, protocol=changed) for _, _, changed in changes],
        workers=workers,
        device=device,
        advance=advance,
    )
    rows = (
        _row(axis, value, changed, points, is_default=changed == design.protocol)
        for (axis, value, changed), points in zip(changes, measured, strict=True)
    )
    return SensitivityStudy(
        preset=design.preset,
        networks=design.networks,
        seed=design.seed,
        rows=tuple(rows),
        seconds=time.perf_counter() - started,
        workers=workers,
        provenance=this_provenance(
            ("rexpand", "torch", "numpy"),
            threads=1,  # each worker's
            device=device,
            seeds=(design.seed,),
        ),
    )


def _row(
    axis: str,
    value: str,
    protocol: Protocol,
    points: Sequence[LayerPoint],
    *,
    is_default: bool,
) -> AxisRow:
    name = definition_name(protocol)
    counted = counted_once(points, protocol.spatial_size)
    own = [each for each in verdicts(counted, name) if each.definition == name]
    return AxisRow(
        axis=axis,
        value=value,
        is_default=is_default,
        deviations={
            each.structure: round(each.mean_absolute, 4) for each in deviations(points)
        },
        verdicts={each.claim: each.verdict for each in own},
    )


def variations(protocol: Protocol) -> Iterator[tuple[str, str, Protocol]]:
    """Axis, value in words and protocol: the protocol itself, then every change."""
    yield "none", "the preset", protocol
    for axis, values in AXES.items():
        for value in values:
            changed = _changed(protocol, axis, value)
            if changed != protocol:
                yield axis, _words(axis, value), changed


def _changed(protocol: Protocol, axis: str, value: Any) -> Protocol:
    if axis == "norm without centring":
        return replace(protocol, norm=value, centres=False)
    assert axis in {field.name for field in fields(protocol)}
    return replace(protocol, **{axis: value})


def _words(axis: str, value: Any) -> str:
    match axis:
        case "sizes":
            return f"{value[0]}-{value[1]}"
        case "expansions":
            return choices_text(value)
        case "tolerance":
            return describe(value)
    return f"{value}"
