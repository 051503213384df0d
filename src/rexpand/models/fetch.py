"""Networks with the weights that timm and torchvision publish.

The library finds, downloads and caches them by its own rules; here only their names
change (`rexpand.models.weights`).
"""

from dataclasses import replace
from typing import Literal

from torch import nn

from rexpand.errors import (
    CheckpointError,
    MissingExtraError,
    RunError,
    UnknownNameError,
)
from rexpand.models.network import Network, build
from rexpand.models.weights import RELEASES, as_released, import_state
from rexpand.spec import ALIASES, CATALOGUE, NetworkSpec, Source, network

Library = Literal["timm", "torchvision"]

# torchvision's names where they are not ours; timm's always are.
_TORCHVISION = {
    "mnasnet_050": "mnasnet0_5",
    "mnasnet_075": "mnasnet0_75",
    "mnasnet_100": "mnasnet1_0",
    "mnasnet_130": "mnasnet1_3",
    "mobilenetv2_100": "mobilenet_v2",
    "mobilenetv3_large_100": "mobilenet_v3_large",
    "mobilenetv3_small_100": "mobilenet_v3_small",
    "shufflenetv2_050": "shufflenet_v2_x0_5",
    "shufflenetv2_100": "shufflenet_v2_x1_0",
    "shufflenetv2_150": "shufflenet_v2_x1_5",
    "shufflenetv2_200": "shufflenet_v2_x2_0",
    "squeezenet_1_0": "squeezenet1_0",
    "squeezenet_1_1": "squeezenet1_1",
}


def pretrained(
    name: str, library: Library = "timm", *, num_classes: int | None = None
) -> Network:
    """A network of the catalogue with a library's default weights.

    With `num_classes` it gets a new classifier of that many classes. Raises
    UnknownNameError for a network that the library does not have, CheckpointError where
    it publishes no weights, RunError where they cannot be fetched.
    """
    name = ALIASES.get(name, name)
    theirs = name_in(library, name)
    if theirs is None:
        Source.parse(name)  # raises for a name that is in no library
        raise UnknownNameError(
            f"network of {library}",
            name,
            (known for known in CATALOGUE if name_in(library, known)),
            "see rexpand.models.name_in, or build it without weights",
        )
    module = _timm(theirs) if library == "timm" else _torchvision(theirs)
    # Weights may come with an epsilon of their own: timm's fbnetc_100 has 1e-3.
    spec = replace(as_released(network(name), library), norm_eps=_norm_eps(module))
    built = build(spec)
    built.load_state_dict(import_state(spec, module.state_dict(), library))
    return built if num_classes is None else with_new_classifier(built, num_classes)


def with_new_classifier(trained: Network, num_classes: int) -> Network:
    """The network with a new classifier, and all its other weights."""
    renewed = build(trained.spec.with_classes(num_classes))
    kept = {
        name: tensor
        for name, tensor in trained.state_dict().items()
        if not name.startswith("head.classifier.")
    }
    missing, _ = renewed.load_state_dict(kept, strict=False)
    assert all(name.startswith("head.classifier.") for name in missing)
    like = next(trained.parameters())
    return renewed.to(like.device, like.dtype).train(trained.training)


def name_in(library: Library, name: str) -> str | None:
    """A library's name for a network of the catalogue, or None if it has none."""
    name = ALIASES.get(name, name)
    if name not in CATALOGUE or (library, network(name).family) not in RELEASES:
        return None
    if library == "torchvision":
        theirs = _TORCHVISION.get(name, name)
        return theirs if theirs in _torchvision_names() else None
    return name if _is_timms(name) else None


def _is_timms(name: str) -> bool:
    """Whether timm itself has a network of that name; `rexpand.timm` adds ours."""
    try:
        from timm import is_model, model_entrypoint
    except ImportError:
        raise MissingExtraError("timm", "timm") from None
    return is_model(name) and model_entrypoint(name).__module__.startswith("timm.")


def _torchvision_names() -> list[str]:
    from torchvision import models

    return models.list_models(module=models)


def _norm_eps(module: nn.Module) -> float:
    norms = (layer for layer in module.modules() if isinstance(layer, nn.BatchNorm2d))
    return next((layer.eps for layer in norms), NetworkSpec.norm_eps)


def _timm(name: str) -> nn.Module:
    import timm

    if not timm.is_model_pretrained(name):
        raise CheckpointError(
            f"timm publishes no weights of {name}; "
            f"see timm.list_pretrained(), or build it without weights"
        )
    try:
        return timm.create_model(name, pretrained=True)
    except OSError as error:
        raise _unreachable("timm", name, error) from None


def _torchvision(name: str) -> nn.Module:
    from torchvision import models

    try:
        return models.get_model(name, weights="DEFAULT")
    except OSError as error:
        raise _unreachable("torchvision", name, error) from None


def _unreachable(library: Library, name: str, error: OSError) -> RunError:
    reason = " ".join(str(error).split())
    return RunError(f"{library} could not fetch its weights of {name}: {reason}")
