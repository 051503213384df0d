"""Reading an inverted-residual network back as a spec, from what its module does."""

from rexpand.advise.reading.module import read_module

__all__ = ["read_module"]
