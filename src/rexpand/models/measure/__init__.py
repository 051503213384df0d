"""Cost measured on any module by running it once: the second derivation of every cost.

The pass runs on `meta`, where nothing is computed, wherever the module lies; a module
whose path depends on its data runs where its weights are. Mode, state, gradients and
hooks stay as they were.
"""

from rexpand.models.measure.counting import layer_seconds, measure, module_cost
from rexpand.models.measure.named import find_cost, find_weightless
from rexpand.models.measure.peaks import measured_peaks, measured_roofline

__all__ = [
    "find_cost",
    "find_weightless",
    "layer_seconds",
    "measure",
    "measured_peaks",
    "measured_roofline",
    "module_cost",
]
