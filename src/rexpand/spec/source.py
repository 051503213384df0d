"""NETWORK[@WEIGHTS]: the origin of a network, as one value.

    rexnet_100                                 a name of the catalogue, or an alias
    rexnet_100:width_mult=0.75,input=cifar     with controls
    net.toml  net.json                         a spec file
    best.safetensors                           a checkpoint of ours
    timm:efficientnet_b3  torchvision:resnet18 a module of a library
    package.module:factory                     a module of the user's
    hf:owner/name  hf:owner/name@revision      a checkpoint of ours on the hub
    ...@weights.safetensors                    any but the last with weights from a file

No torch here: `rexpand.models` opens a source.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from rexpand.documents import opened
from rexpand.errors import CheckpointError, SpecError
from rexpand.spec.catalogue import ALIASES, CATALOGUE, check_known, network
from rexpand.spec.files import SUFFIXES, read_network
from rexpand.spec.hub import check_hub_name, hub_file
from rexpand.spec.named_controls import Controls, parse_controls
from rexpand.spec.network import NetworkSpec

SourceKind = Literal[
    "catalogue", "file", "checkpoint", "hf", "timm", "torchvision", "factory"
]
_FILE = re.compile(rf"(?P<file>.+(?:{'|'.join(map(re.escape, SUFFIXES))}))(:(.*))?")
_LIBRARIES = ("timm", "torchvision")
_HUB = "hf:"


@dataclass(frozen=True, kw_only=True)
class Source:
    """A network by its origin: kind, name, controls, and a file of weights.

    `str` gives the text that parses to the same value.
    """

    kind: SourceKind
    name: str
    controls: Controls = field(default_factory=Controls)
    weights: Path | None = None

    @classmethod
    def parse(cls, text: str) -> "Source":
        """The source of NETWORK[@WEIGHTS].

        Raises UnknownNameError for an unknown name or control, with the nearest, and
        SpecError for a control that is not `name=value`. Files, libraries and packages
        are not read here.
        """
        label, weights = _split(text)
        if text.endswith("@"):
            raise SpecError(
                f"{text} names no file of weights after the @; remove it or add one"
            )
        kind, name, controls = _parsed(label)
        return cls(
            kind=kind,
            name=name,
            controls=parse_controls(controls, text) if controls else Controls(),
            weights=Path(weights) if weights else None,
        )

    def __str__(self) -> str:
        return self.label + (f"@{self.weights}" if self.weights else "")

    @property
    def label(self) -> str:
        """The network without its weights, as it is written."""
        prefix = f"{self.kind}:" if self.kind in (*_LIBRARIES, "hf") else ""
        controls = ",".join(self.controls.texts())
        return f"{prefix}{self.name}" + (f":{controls}" if controls else "")

    @property
    def stem(self) -> str:
        """What a file of the network is called: without folder, suffix, package."""
        if self.kind in ("file", "checkpoint"):
            return Path(self.name).stem
        return self.name.rpartition(":")[2].replace("/", "-")

    @property
    def is_foreign(self) -> bool:
        """Whether it is a module without a spec."""
        return self.kind in (*_LIBRARIES, "factory")

    @property
    def has_weights(self) -> bool:
        """Whether it has weights that are not random; a factory has its own."""
        return self.weights is not None or self.kind in ("checkpoint", "hf", "factory")

    def check_weights(self) -> None:
        """Raise CheckpointError if its weights are no file that can be read."""
        if self.weights is not None:
            with opened(self.weights, CheckpointError):
                pass

    @property
    def checkpoint(self) -> Path | None:
        """The file of a checkpoint of ours, fetched if it is on the hub; else None.

        Raises as `hub_file` does.
        """
        match self.kind:
            case "checkpoint":
                return Path(self.name)
            case "hf":
                return hub_file(self.name)
            case _:
                return None

    @property
    def spec(self) -> NetworkSpec | None:
        """The network as data, with its controls; None for a module without a spec.

        Raises SpecError or CheckpointError for a file that holds no network.
        """
        match self.kind:
            case "catalogue":
                return self.controls.built(
                    lambda **multipliers: network(self.name, **multipliers)
                )
            case "file":
                return self.controls.applied(read_network(Path(self.name)))
            case "checkpoint" | "hf":
                assert self.checkpoint
                return self.controls.applied(read_network(self.checkpoint))
            case _:
                return None

    @property
    def stated_resolution(self) -> int | None:
        """The image size that a file or a control names; None for a name without one.

        Image files, which have no size of their own, are then fed at it. Raises as
        `spec` does, and SpecError for one that is not square, since images are cut to
        squares.
        """
        named = self.controls.resolution is not None or self.controls.input == "cifar"
        if self.kind not in ("file", "checkpoint", "hf") and not named:
            return None
        spec = self.spec
        return spec.side if spec else None

    def known_spec(self) -> NetworkSpec:
        """The spec, for a verb that needs one; SpecError for a module without one."""
        spec = self.spec
        if spec is None:
            raise SpecError(
                f"{self.label} is a module without a spec; give a name of `rexpand "
                "list`, a spec file or a checkpoint (`rexpand upgrade` reads the spec "
                "of inverted-residual modules)"
            )
        return spec


def _split(text: str) -> tuple[str, str]:
    """The network and the file of weights: at the first @ that ends a network.

    An @ inside a path does not end one: /data/@me/net.toml is one file. On the hub it
    begins the revision.
    """
    if text.startswith(_HUB):
        return text, ""
    for found in re.finditer("@", text):
        label = text[: found.start()]
        if _FILE.fullmatch(label) or not re.search(r"[/\\]", label):
            return label, text[found.end() :]
    return text, ""


def _parsed(label: str) -> tuple[SourceKind, str, str]:
    """Kind, name and the text of the controls."""
    if label.startswith(_HUB):
        name, _, controls = label.removeprefix(_HUB).partition(":")
        check_hub_name(name)
        return "hf", name, controls
    if found := _FILE.fullmatch(label):
        file = found["file"]
        kind: SourceKind = "checkpoint" if file.endswith(".safetensors") else "file"
        return kind, file, found[3] or ""
    first, colon, rest = label.partition(":")
    if first in CATALOGUE or first in ALIASES or not colon or "=" in rest.split(":")[0]:
        check_known(first, "see `rexpand list`, or give a .toml or .json file")
        return "catalogue", first, rest
    inner, _, controls = rest.partition(":")
    match first:
        case "timm" | "torchvision":
            return first, inner, controls
        case _:
            return "factory", f"{first}:{inner}", controls
