"""Data sets as device-resident tensors or as streams of files, and their augmentation.

This file imports nothing, so that `rexpand.data.catalogue` answers without torch. Take
`load` from `rexpand.data.load`, `check` from `rexpand.data.check`, and so on.
"""
