"""Data sets as device-resident tensors or as streams of files, and their augmentation.

    from rexpand.data import load
    data = load("digits")

This file imports nothing that needs torch, so that `rexpand.data.catalogue` answers
without it. Take `check` from `rexpand.data.check`, and so on.
"""

from rexpand.surface import on_first_use

__all__ = ["load"]

__getattr__ = on_first_use(__name__, {}, rooms=("load",))
