"""Worker processes: each runs one task at a time, and none outlives its driver."""

from rexpand.workers.death import end_with_parent
from rexpand.workers.processes import Processes
from rexpand.workers.worker import Tell

__all__ = ["Processes", "Tell", "end_with_parent"]
