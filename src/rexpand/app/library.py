"""Gradio, imported where the page is made; none of its calls leave the machine."""

import os
from typing import Any

from rexpand.errors import MissingExtraError


def gradio() -> Any:
    """The module `gradio`, which asks nobody for its newest version and tells nobody.

    Raises MissingExtraError without the `app` extra.
    """
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # read while it is imported too
    try:
        import gradio
    except ImportError as absent:
        raise MissingExtraError("gradio", "app") from absent
    return gradio
