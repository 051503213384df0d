"""The module behind whatever a command takes for NETWORK."""

from importlib import import_module

from torch import nn

from rexpand.errors import MissingExtraError, UnknownNameError
from rexpand.models.network import build
from rexpand.spec import find_network, is_foreign


def find_module(name: str) -> nn.Module:
    """The module of a spec, of `timm:NAME`, `torchvision:NAME` or `package:factory`.

    A factory runs the user's own code: it is imported and called without arguments.
    """
    if not is_foreign(name):
        return build(find_network(name))
    source, _, inner = name.partition(":")
    match source:
        case "timm":
            return _timm(inner)
        case "torchvision":
            return _torchvision(inner)
        case _:
            return _factory(source, inner)


def _timm(name: str) -> nn.Module:
    try:
        import timm
    except ImportError:
        raise MissingExtraError("timm", "timm") from None
    if not timm.is_model(name):
        raise UnknownNameError(
            "timm network", name, timm.list_models(), "see timm.list_models()"
        )
    return timm.create_model(name, pretrained=False)


def _torchvision(name: str) -> nn.Module:
    from torchvision import models

    known = models.list_models(module=models)
    if name not in known:
        raise UnknownNameError(
            "torchvision network", name, known, "see torchvision.models.list_models()"
        )
    return models.get_model(name, weights=None)


def _factory(source: str, name: str) -> nn.Module:
    hint = "give package.module:factory, where factory() returns an nn.Module"
    unknown = UnknownNameError("factory", f"{source}:{name}", (), hint)
    if source[:1] in ("", "."):  # no absolute name of a module
        raise unknown
    try:
        factory = getattr(import_module(source), name)
    except (ImportError, AttributeError):
        raise unknown from None
    module = factory()
    if not isinstance(module, nn.Module):
        raise unknown
    return module
