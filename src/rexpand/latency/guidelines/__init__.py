"""ShuffleNetV2's four guidelines (arXiv 1807.11164), put to the test on this machine.

The names below load on first use: not all of them need torch.
"""

from typing import TYPE_CHECKING

from rexpand.surface import on_first_use

if TYPE_CHECKING:
    from rexpand.latency.guidelines.experiments import (
        GUIDELINES,
        Guideline,
        find_guidelines,
        stacks,
    )
    from rexpand.latency.guidelines.lab import LabPlan, findings, run_guidelines
    from rexpand.latency.guidelines.modules import build_stack, in_channels
    from rexpand.latency.guidelines.published import published_speeds

__all__ = [
    "GUIDELINES",
    "Guideline",
    "LabPlan",
    "build_stack",
    "find_guidelines",
    "findings",
    "in_channels",
    "published_speeds",
    "run_guidelines",
    "stacks",
]

__getattr__ = on_first_use(
    __name__,
    {
        "rexpand.latency.guidelines.experiments": (
            "GUIDELINES",
            "Guideline",
            "find_guidelines",
            "stacks",
        ),
        "rexpand.latency.guidelines.lab": ("LabPlan", "findings", "run_guidelines"),
        "rexpand.latency.guidelines.modules": ("build_stack", "in_channels"),
        "rexpand.latency.guidelines.published": ("published_speeds",),
    },
)
