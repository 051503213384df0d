"""Cost measured on any module by running it once: the second derivation of every price.

The pass runs on `meta`, where nothing is computed, wherever the module lies; a module
whose path depends on its data runs where its weights are. Mode, state, gradients and
hooks stay as they were.
"""

from rexpand.models.measure.counting import layer_seconds, measure, module_cost

__all__ = ["layer_seconds", "measure", "module_cost"]
