"""The readings of a made-up measurement of a study."""

from latency_studies import STEADY
from rexpand.records import (
    Fingerprint,
    LatencyBatch,
    Machine,
    Provenance,
    TrialReadings,
)

BATCH = LatencyBatch(
    reference_ms=(1.0, 1.1),
    trials=(
        TrialReadings(
            trial=0, channels=(8, 16), readings_ms=(2.0, 2.2), ratios=(2.0, 2.0)
        ),
    ),
    steadiness=STEADY,
    fingerprint=Fingerprint(
        processors=2,
        cores=1,
        instruction_sets=("avx2",),
        caches=("L1d 32K",),
        governor=None,
        most_mhz=None,
        is_virtual=True,
    ),
    seconds=1.0,
    provenance=Provenance(
        command=("rexpand", "search", "measure"),
        commit=None,
        has_changes=None,
        versions={"python": "3.11.2"},
        machine=Machine(cpu="none", cores=1, memory_gb=1.0, system="Linux x86_64"),
        threads=1,
        seeds=(),
        data_fingerprint=None,
    ),
)
