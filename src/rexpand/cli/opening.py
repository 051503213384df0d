"""A network for the verbs that run one, with a word where its weights are random."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rexpand.cli.console import note

if TYPE_CHECKING:
    from torch import nn

    from rexpand.models import Opened
    from rexpand.spec import ImageContract, Source


@dataclass(frozen=True, kw_only=True, eq=False)
class Classifier:
    """What gives scores of images: a network, or an exported file of one."""

    label: str
    weights: str | None
    module: "nn.Module"
    contract: "ImageContract"


def opened_classifier(network: str) -> Classifier:
    """The network or the exported file that a person names, ready to run."""
    from rexpand.spec import Source, is_exported

    if is_exported(network):
        from rexpand.deploy import open_exported

        exported = open_exported(network)
        return Classifier(
            label=network,
            weights=None,
            module=exported.as_module(),
            contract=exported.contract,
        )
    source = Source.parse(network)
    opened = opened_source(source)
    return Classifier(
        label=source.label,
        weights=str(source.weights) if source.weights else None,
        module=opened.module,
        contract=opened.contract,
    )


def opened_source(source: "Source") -> "Opened":
    """The module of a source; weights that no file gives are always the same."""
    import torch

    from rexpand.models import open_source

    if not source.has_weights:
        note(f"{source} has random weights; give {source}@FILE")
    torch.manual_seed(0)
    return open_source(source)
