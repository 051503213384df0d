"""The backbone of a detector: opened, with the maps that the detector takes."""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from torch import Tensor, nn

from rexpand.errors import SpecError, quoted
from rexpand.models import FeatureExtractor, Network, build, open_source
from rexpand.models.contracts import module_contract, spec_contract
from rexpand.models.same_padding import pad_as_tensorflow
from rexpand.spec import (
    DetectorSpec,
    FeatureLevel,
    ForeignBackbone,
    ImageContract,
    NetworkSpec,
    Source,
    SpecLike,
    spec_or_source,
)
from rexpand.trace.foreign import foreign_code
from rexpand.transfer.detection.offered import (
    Offered,
    offered_by_module,
    offered_by_spec,
)

# Not with |, which cannot join a name that is known later only.
BackboneLike: TypeAlias = SpecLike | nn.Module


@dataclass(frozen=True, kw_only=True, eq=False)
class Backbone:
    """A network under a detector: its module, its images, the maps that it offers."""

    described: NetworkSpec | ForeignBackbone
    module: nn.Module
    contract: ImageContract
    offered: Offered
    has_weights: bool


class LevelMaps(nn.Module):
    """The maps of a backbone that a detector takes, as torchvision's detectors ask.

    Maps (batch, channels, height, width) to maps by the names "0", "1", ..., shallow to
    deep; `channels` has the width of each.
    """

    def __init__(self, extractor: nn.Module, levels: Sequence[FeatureLevel]) -> None:
        super().__init__()
        self.extractor = extractor
        self.channels = [level.channels for level in levels]

    def forward(self, images: Tensor) -> "OrderedDict[str, Tensor]":
        found = self.extractor(images)
        maps = found.values() if isinstance(found, dict) else found
        return OrderedDict((str(place), each) for place, each in enumerate(maps))


def opened_backbone(backbone: BackboneLike) -> Backbone:
    """What is meant by a name, a spec, a source or a module, with its weights.

    Raises as `open_source` does, and SpecError for a module without maps.
    """
    if isinstance(backbone, nn.Module):
        return _of_module(backbone)
    found = spec_or_source(backbone)
    if isinstance(found, NetworkSpec):
        return _of_network(build(found), spec_contract(found, None), has_weights=False)
    opened = open_source(found)
    if isinstance(opened.module, Network):
        return _of_network(
            opened.module, opened.contract, has_weights=found.has_weights
        )
    return _foreign(opened.module, found.label, opened.contract, found.has_weights)


def rebuilt_module(spec: DetectorSpec) -> nn.Module:
    """The backbone that a spec describes, with new weights.

    No code that a spec names is run but timm's and torchvision's. Raises SpecError for
    another module, and for one without the maps of the spec.
    """
    if isinstance(spec.backbone, NetworkSpec):
        module: nn.Module = build(spec.backbone)
    else:
        module = _rebuilt_foreign(spec.backbone, spec.levels)
    if spec.padding == "tensorflow_same":
        pad_as_tensorflow(module)
    return module


def level_maps(module: nn.Module, levels: Sequence[FeatureLevel]) -> LevelMaps:
    """A backbone's module up to its deepest level, with the maps of the levels."""
    names = [level.name for level in levels]
    if isinstance(module, Network):
        return LevelMaps(FeatureExtractor(module, names), levels)
    with foreign_code(f"taking maps out of {type(module).__name__}"):
        return LevelMaps(_foreign_maps(module, names), levels)


def _of_network(
    network: Network, contract: ImageContract, *, has_weights: bool
) -> Backbone:
    return Backbone(
        described=network.spec.with_classes(0),
        module=network,
        contract=contract,
        offered=offered_by_spec(network.spec),
        has_weights=has_weights,
    )


def _of_module(module: nn.Module) -> Backbone:
    """A module that was given with its weights."""
    if isinstance(module, Network):
        contract = spec_contract(module.spec, None)
        return _of_network(module, contract, has_weights=True)
    kind = type(module)
    name = f"{kind.__module__}:{kind.__qualname__}"
    said = getattr(module, "pretrained_cfg", None)
    if isinstance(said, dict) and said.get("architecture"):
        name = f"timm:{said['architecture']}"
    return _foreign(module, name, module_contract(module), has_weights=True)


def _foreign(
    module: nn.Module, name: str, contract: ImageContract, has_weights: bool
) -> Backbone:
    return Backbone(
        described=ForeignBackbone(name=name),
        module=module,
        contract=contract,
        offered=offered_by_module(module, contract.image),
        has_weights=has_weights,
    )


def _rebuilt_foreign(
    backbone: ForeignBackbone, levels: Sequence[FeatureLevel]
) -> nn.Module:
    if backbone.name.partition(":")[0] not in ("timm", "torchvision"):
        raise SpecError(
            f"the backbone {quoted(backbone.name)} is of neither timm nor torchvision, so "
            "that it cannot be built from its name; give its module"
        )
    found = opened_backbone(Source.parse(backbone.name))
    for level in levels:
        if found.offered.by_name(level.name) != level:
            raise SpecError(
                f"{backbone.name} has {found.offered.by_name(level.name)} where the "
                f"detector has {level}; give the backbone's own levels"
            )
    return found.module


def _foreign_maps(module: nn.Module, names: Sequence[str]) -> nn.Module:
    """timm's own wrapper where it lists the maps; else the traced graph, cut."""
    wanted = {name: name for name in names}
    listed = getattr(module, "feature_info", None)
    if not isinstance(listed, list):
        from torchvision.models import feature_extraction

        return feature_extraction.create_feature_extractor(module, wanted)
    from timm import models
    from timm.models._features import FeatureGetterNet

    places = {each["module"]: place for place, each in enumerate(listed)}
    if not places.keys() >= wanted.keys():
        return models.create_feature_extractor(module, wanted)
    return FeatureGetterNet(module, tuple(places[name] for name in names))
