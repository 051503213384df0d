"""The proxies by name: what is counted, and what a new network is asked."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, get_args

from rexpand.errors import UnknownNameError
from rexpand.records.proxies import ProxyName

if TYPE_CHECKING:
    from torch import Tensor

    from rexpand.models import Network

Proxy = Callable[["Network", "Tensor"], float]

NAMES: tuple[ProxyName, ...] = get_args(ProxyName)
BASELINES: tuple[ProxyName, ...] = ("params", "macs")  # that a proxy must beat
COUNTED: tuple[ProxyName, ...] = (*BASELINES, "activations")


def proxy_names(names: Sequence[str]) -> tuple[ProxyName, ...]:
    """Names of proxies, in the order of the table; UnknownNameError for another."""
    for name in names:
        if name not in NAMES:
            raise UnknownNameError(
                "proxy", name, NAMES, f"choose from {', '.join(NAMES)}"
            )
    return tuple(name for name in NAMES if name in names)


def measured_proxies() -> Mapping[ProxyName, Proxy]:
    """What is asked of a network with new weights, by name."""
    from rexpand.search.proxies.features import feature_nuclear_norm, feature_rank
    from rexpand.search.proxies.naswot import naswot
    from rexpand.search.proxies.synflow import synflow

    return {
        "nuclear_norm": feature_nuclear_norm,
        "effective_rank": feature_rank,
        "synflow": synflow,
        "naswot": naswot,
    }
