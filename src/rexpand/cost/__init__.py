"""Closed-form cost of a network as data, without building it."""

from rexpand.cost.block_list import Block
from rexpand.cost.blocks import block_cost, squeeze_cost
from rexpand.cost.conventions import Counted, Term, conventions
from rexpand.cost.detectors import check_priced, detector_costs
from rexpand.cost.graph import Graph, Uncounted
from rexpand.cost.layers import Cost
from rexpand.cost.live_maps import Live, Step, most_alive, steps_of
from rexpand.cost.memory import (
    bytes_of_pass,
    bytes_to_build,
    bytes_to_run,
    bytes_to_train,
)
from rexpand.cost.network import Part, cost_of, costs_of, part_costs, section_costs
from rexpand.cost.operators import Edge, Layer, PartialWrite
from rexpand.cost.peak import PeakActivations, peak_activations
from rexpand.cost.roofline import KindTime, Peak, Peaks, Roofline, attainable, kind_of
from rexpand.cost.tree import Node

__all__ = [
    "Block",
    "Cost",
    "Counted",
    "Edge",
    "Graph",
    "KindTime",
    "Layer",
    "Live",
    "Node",
    "Part",
    "PartialWrite",
    "Peak",
    "PeakActivations",
    "Peaks",
    "Roofline",
    "Step",
    "Term",
    "Uncounted",
    "attainable",
    "block_cost",
    "bytes_of_pass",
    "bytes_to_build",
    "bytes_to_run",
    "bytes_to_train",
    "check_priced",
    "conventions",
    "cost_of",
    "costs_of",
    "detector_costs",
    "kind_of",
    "most_alive",
    "part_costs",
    "peak_activations",
    "section_costs",
    "squeeze_cost",
    "steps_of",
]
