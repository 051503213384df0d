"""One pass over any module: its operators with their edges, shapes, counts and times.

The pass runs on `meta`, where nothing is computed, wherever the module lies; a module
whose path depends on its data runs where its weights are. Mode, state, gradients and
hooks stay as they were. The values that come out (`rexpand.cost.Graph`) need no torch.
"""

from rexpand.trace.peaks import measured_peaks, measured_roofline
from rexpand.trace.tracing import layer_seconds, measure, trace

__all__ = [
    "layer_seconds",
    "measure",
    "measured_peaks",
    "measured_roofline",
    "trace",
]
