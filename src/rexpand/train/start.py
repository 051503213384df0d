"""Weights that a training begins with, instead of fresh ones."""

from dataclasses import dataclass, replace

from torch import nn

from rexpand.errors import SpecError
from rexpand.models import Network, open_source, pretrained, with_new_classifier
from rexpand.models.same_padding import pad_as_tensorflow
from rexpand.models.state_files import put_state
from rexpand.size import Resolution
from rexpand.spec import ALIASES, ImageContract, Source


@dataclass(frozen=True, kw_only=True, eq=False)
class Start:
    """A trained network, the images that it takes, and where it is from."""

    origin: str
    network: Network
    contract: ImageContract

    def for_images(self, resolution: int) -> "Start":
        """The same; where not even the size of the images is known, it is theirs."""
        if self.contract.origin != "unknown":
            return self
        return replace(self, contract=self.contract.at(resolution))

    def put_into(self, module: nn.Module, num_classes: int) -> None:
        """Give a network of the same spec these weights, and this padding.

        With another number of classes the classifier is a fresh one. Raises
        CheckpointError for a module that is no such network.
        """
        trained = self.network
        if num_classes != trained.spec.num_classes:
            trained = with_new_classifier(trained, num_classes)
        put_state(module, trained.state_dict(), self.origin)
        if self.contract.padding == "tensorflow_same":
            pad_as_tensorflow(module)


def start_from(source: Source, resolution: Resolution | None = None) -> Start:
    """The weights of a source, for images of its own size or of `resolution`.

    Raises SpecError for a module that has no spec of ours.
    """
    opened = open_source(source)
    if not isinstance(opened.module, Network):
        raise SpecError(
            f"{source.label} is a module without a spec, and training needs one; give a "
            "name of `rexpand list`, or an inverted-residual network, which `rexpand "
            "upgrade --carry-weights` reads with its weights"
        )
    return Start(
        origin=str(source),
        network=opened.module,
        contract=opened.contract.at(resolution),
    )


def start_pretrained(source: Source, resolution: Resolution | None = None) -> Start:
    """The weights that timm publishes of a network of the catalogue.

    Raises SpecError for a source that is more than such a name, and otherwise as
    `rexpand.models.pretrained` does.
    """
    if source.kind != "catalogue" or source.weights or source.controls.texts():
        raise SpecError(
            f"timm publishes weights of networks as they are, not of {source}; give a "
            "name of `rexpand list` alone, or weights as NETWORK@FILE"
        )
    network = pretrained(source.name)
    name = ALIASES.get(source.name, source.name)
    contract = open_source(Source(kind="timm", name=name)).contract
    return Start(
        origin=f"timm's weights of {source.name}",
        network=network,
        contract=contract.at(resolution),
    )
