"""A network for the verbs that run one, with a word where its weights are random."""

from typing import TYPE_CHECKING

from rexpand.cli.console import note

if TYPE_CHECKING:
    from rexpand.models import Opened
    from rexpand.spec import Source


def opened_source(source: "Source") -> "Opened":
    """The module of a source; weights that no file gives are always the same."""
    import torch

    from rexpand.models import open_source

    if not source.has_weights:
        note(f"{source} has random weights; give {source}@FILE")
    torch.manual_seed(0)
    return open_source(source)
