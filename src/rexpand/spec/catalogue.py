"""Every network by name, with the numbers of its source; one file per family."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

from rexpand.errors import UnknownNameError
from rexpand.spec.cifar import for_cifar
from rexpand.spec.families import (
    atomnas,
    condensenet,
    darts,
    efficientnet,
    fairnas,
    fbnet,
    mixnet,
    mnasnet,
    mobile_darts,
    mobilenet,
    mobilenetv3,
    nasnet,
    proxylessnas,
    resnet,
    rexnet,
    search,
    shufflenet,
    squeezenet,
    xception,
)
from rexpand.spec.families.entry import Entry, Published
from rexpand.spec.multipliers import check_multiplier
from rexpand.spec.network import NetworkSpec

Input = Literal["imagenet", "cifar"]

_FAMILIES: tuple[Mapping[str, Entry], ...] = (
    atomnas.ENTRIES,
    condensenet.ENTRIES,
    darts.ENTRIES,
    efficientnet.ENTRIES,
    fairnas.ENTRIES,
    fbnet.ENTRIES,
    mixnet.ENTRIES,
    mnasnet.ENTRIES,
    mobile_darts.ENTRIES,
    mobilenet.ENTRIES,
    mobilenetv3.ENTRIES,
    nasnet.ENTRIES,
    proxylessnas.ENTRIES,
    resnet.ENTRIES,
    rexnet.ENTRIES,
    search.ENTRIES,
    shufflenet.ENTRIES,
    squeezenet.ENTRIES,
    xception.ENTRIES,
)

CATALOGUE: Mapping[str, Entry] = MappingProxyType(
    dict(sorted(pair for family in _FAMILIES for pair in family.items()))
)

# The papers' own names, where the catalogue has timm's.
ALIASES: Mapping[str, str] = MappingProxyType(
    {alias: name for name, entry in CATALOGUE.items() for alias in entry.aliases}
)


def network(
    name: str,
    *,
    width_mult: float | None = None,
    depth_mult: float | None = None,
    input: Input = "imagenet",
) -> NetworkSpec:
    """The spec of a name of the catalogue, or of an alias.

    `width_mult` and `depth_mult` replace the entry's own, by the rule of its family;
    `input` "cifar" gives the form for images of 32 pixels. Raises UnknownNameError for
    an unknown name, SpecError for a multiplier that leaves no network.
    """
    check_known(name)
    multipliers = {"width_mult": width_mult, "depth_mult": depth_mult}
    given = {key: value for key, value in multipliers.items() if value is not None}
    for key, value in given.items():
        check_multiplier(key, value)
    spec = CATALOGUE[ALIASES.get(name, name)].build(name=name, **given)
    return for_cifar(spec) if input == "cifar" else spec


def entry_of(name: str) -> Entry | None:
    """The entry of a name of the catalogue or of an alias; None for any other name."""
    return CATALOGUE.get(ALIASES.get(name, name))


def check_known(name: str, hint: str = "see `rexpand list`") -> None:
    """Raise UnknownNameError, with the nearest names, unless a network has the name."""
    if name not in CATALOGUE and name not in ALIASES:
        raise UnknownNameError("network", name, (*CATALOGUE, *ALIASES), hint)


__all__ = [
    "ALIASES",
    "CATALOGUE",
    "Entry",
    "Input",
    "Published",
    "check_known",
    "entry_of",
    "network",
]
