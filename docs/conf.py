"""Sphinx: MyST pages, furo."""

project = "rexpand"
author = "The rexpand developers"
copyright = "2026, the rexpand developers"
extensions = ["myst_parser"]
myst_enable_extensions = ["dollarmath", "colon_fence"]
myst_heading_anchors = 3
html_theme = "furo"
html_title = "rexpand"
exclude_patterns = ["_build"]
