"""Records of latencies from readings, without measuring anything."""

from collections.abc import Mapping, Sequence

from rexpand.latency.intervals import LEAST_DIFFERENCE, median_spread, verdict_of
from rexpand.records import (
    Fingerprint,
    LatencyComparison,
    LatencyRow,
    LatencyStudy,
    Machine,
    Provenance,
    Steadiness,
)

_MACHINE = Machine(
    cpu="AMD EPYC", cores=2, memory_gb=8, system="Linux x86_64", device="cpu"
)
STEADY = Steadiness(
    seconds=1.0,
    others=0.0,
    stolen=0.0,
    waits=0.0,
    slowdown=1.0,
    throttles=None,
    stops=None,
    is_throttled=False,
    is_disturbed=False,
    problems=(),
)


def comparison(
    readings: Mapping[str, Sequence[float]],
    *,
    runtime: str = "onnxruntime",
    precision: str = "fp32",
    threads: int = 1,
    batch_size: int = 1,
) -> LatencyComparison:
    """Networks with their milliseconds, round by round."""
    first = next(iter(readings.values()))
    rows = []
    for network, own in readings.items():
        ratio = median_spread(
            [mine / one for mine, one in zip(own, first, strict=True)]
        )
        rows.append(
            LatencyRow(
                network=network,
                runtime=runtime,
                precision=precision,
                channels=3,
                height=224,
                width=224,
                params=None,
                macs=None,
                latency_ms=median_spread(own),
                ratio=ratio,
                verdict=verdict_of(ratio) if rows else None,
                readings_ms=tuple(own),
                ratios=tuple(mine / one for mine, one in zip(own, first, strict=True)),
            )
        )
    return LatencyComparison(
        threads=threads, batch_size=batch_size, rows=tuple(rows), steadiness=STEADY
    )


def study(*comparisons: LatencyComparison) -> LatencyStudy:
    """Some comparisons on a machine that was steady."""
    return LatencyStudy(
        device="cpu",
        comparisons=comparisons,
        least_difference=LEAST_DIFFERENCE,
        seconds=1.0,
        fingerprint=Fingerprint(
            processors=2,
            cores=2,
            instruction_sets=("avx2",),
            caches=(),
            governor=None,
            most_mhz=None,
            is_virtual=False,
        ),
        provenance=Provenance(
            command=("rexpand", "bench"),
            commit=None,
            has_changes=None,
            versions={"rexpand": "0.1.0"},
            machine=_MACHINE,
            threads=None,
            seeds=(),
            data_fingerprint=None,
        ),
    )
