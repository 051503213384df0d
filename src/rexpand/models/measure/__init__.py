"""The counts of whatever a command takes for NETWORK."""

from rexpand.models.measure.named import find_cost, find_weightless

__all__ = ["find_cost", "find_weightless"]
