"""Closed-form cost of a network as data, without building it."""

from rexpand.cost.blocks import block_cost, squeeze_cost
from rexpand.cost.layers import Cost
from rexpand.cost.network import Part, price, price_many, price_parts

__all__ = [
    "Cost",
    "Part",
    "block_cost",
    "price",
    "price_many",
    "price_parts",
    "squeeze_cost",
]
