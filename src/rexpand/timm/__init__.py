"""The catalogue in timm's registry: importing this room is what puts it there.

The one import of rexpand whose purpose is a side effect. Afterwards
`timm.create_model` knows every entry as `rexpand_NAME`, and as NAME where timm has no
network of that name: none of timm's own is replaced.
"""

from rexpand.errors import MissingExtraError

try:
    from timm.models import register_notrace_module
except ImportError:
    raise MissingExtraError("timm", "timm") from None

from rexpand.blocks import Factorized
from rexpand.blocks.relu6 import ReLU6
from rexpand.blocks.split_convolution import SplitConvolution
from rexpand.timm.network import TimmNetwork
from rexpand.timm.registry import ENTRIES, register

register(ENTRIES)

# Their forward pass asks for numbers, which a graph of timm's tools does not have yet.
for layer in (Factorized, ReLU6, SplitConvolution):
    register_notrace_module(layer)

__all__ = ["ENTRIES", "TimmNetwork"]
