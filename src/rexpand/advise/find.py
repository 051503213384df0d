"""The network behind a name, read back as a spec where it is not ours."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from rexpand.advise.shortcuts import inverted_residuals
from rexpand.spec import NetworkSpec, find_network, is_foreign

if TYPE_CHECKING:
    from torch import nn

    from rexpand.models import Network

_LIBRARIES = ("timm", "torchvision")  # their modules come with random weights


@dataclass(frozen=True, kw_only=True)
class Found:
    """A spec, and the trained module where there are weights."""

    spec: NetworkSpec
    trained: "Network | None"


def find_spec(name: str, resolution: int | None = None) -> NetworkSpec:
    """The spec of anything that NETWORK can be; foreign modules are read back."""
    if is_foreign(name):
        from rexpand.models import find_module

        return _read(name, find_module(name), resolution).spec
    return _at(find_network(name), resolution)


def find_inverted(name: str, resolution: int | None = None) -> Found:
    """The inverted-residual network of a name, or of NAME@FILE with its weights.

    A checkpoint of ours and a factory bring weights with them. Raises SpecError for a
    network of another kind, naming the block.
    """
    label, _, weights = name.partition("@")
    if is_foreign(label):
        return _foreign(label, weights, resolution)
    spec = _at(find_network(label), resolution)
    inverted_residuals(spec)
    trained = None
    if label.endswith(".safetensors") or weights:
        trained = _ours(spec, label, weights)
    return Found(spec=spec, trained=trained)


def _ours(spec: NetworkSpec, label: str, weights: str) -> "Network":
    """Our module with the weights of a checkpoint, or of a file by our names."""
    from rexpand.models import build, load_network, load_weights

    if label.endswith(".safetensors"):
        return load_network(Path(label))
    network = build(spec)
    load_weights(network, Path(weights))
    return network


def _foreign(label: str, weights: str, resolution: int | None) -> Found:
    from rexpand.models import find_module, load_weights

    module = find_module(label)
    if weights:
        load_weights(module, Path(weights))
    network = _read(label, module, resolution)
    has_weights = weights or label.partition(":")[0] not in _LIBRARIES
    return Found(spec=network.spec, trained=network if has_weights else None)


def _read(name: str, module: "nn.Module", resolution: int | None) -> "Network":
    from rexpand.advise.reading import read_module

    channels, side = _image(module)
    return read_module(
        module,
        name=name.partition(":")[2],
        resolution=resolution or side,
        in_channels=channels,
    )


def _image(module: "nn.Module") -> tuple[int, int]:
    """Channels and side of the images that a module says it takes, or 3 and 224."""
    from torch import nn

    said = getattr(module, "pretrained_cfg", None)
    if isinstance(said, dict) and "input_size" in said:
        channels, side, _ = said["input_size"]
        return int(channels), int(side)
    first = (part for part in module.modules() if isinstance(part, nn.Conv2d))
    convolution = next(first, None)
    return (convolution.in_channels if convolution else 3), 224


def _at(spec: NetworkSpec, resolution: int | None) -> NetworkSpec:
    return replace(spec, resolution=resolution) if resolution else spec
