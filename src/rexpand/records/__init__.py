"""What every run leaves behind: versioned JSON, written atomically."""

from rexpand.records.files import append_line, write_atomic
from rexpand.records.machine import Machine, library_versions, this_machine
from rexpand.records.record import Epoch, Record
from rexpand.records.study import (
    GroupSummary,
    PermutationTest,
    StudySummary,
    TrialSummary,
)

__all__ = [
    "Epoch",
    "GroupSummary",
    "Machine",
    "PermutationTest",
    "Record",
    "StudySummary",
    "TrialSummary",
    "append_line",
    "library_versions",
    "this_machine",
    "write_atomic",
]
