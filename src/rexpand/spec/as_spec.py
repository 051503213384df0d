"""Whatever says which network is meant, as a spec: a name does wherever a spec does."""

from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, Union

from rexpand.errors import SpecError, quoted
from rexpand.spec.network import NetworkSpec

if TYPE_CHECKING:
    from rexpand.spec.source import Source

# Not with |, which cannot join a name that is known later only.
SpecLike: TypeAlias = Union[NetworkSpec, "Source", str, Path]


def as_spec(network: SpecLike) -> NetworkSpec:
    """The spec itself, or that of a NETWORK as the command line takes it, or of a file.

        as_spec("rexnet_100:width_mult=0.75").channels
        as_spec("net.toml").resolution

    Raises as `Source.parse` and `Source.known_spec`, and SpecError for anything else.
    """
    found = spec_or_source(network)
    return found if isinstance(found, NetworkSpec) else found.known_spec()


def spec_or_source(network: SpecLike) -> "NetworkSpec | Source":
    """The value itself, or the source that a text names; raises as `as_spec` does."""
    if isinstance(network, NetworkSpec):
        return network
    from rexpand.spec.source import Source  # which reads specs itself

    if isinstance(network, str | Path):
        return Source.parse(str(network))
    if not isinstance(network, Source):
        raise SpecError(
            f"{quoted(network)} is no network; give a NetworkSpec, a name such as "
            "'rexnet_100' or a spec file"
        )
    return network


def stated_resolution(network: SpecLike) -> int | None:
    """The image size that a spec, a file or a control names; None for a bare name."""
    found = spec_or_source(network)
    return found.side if isinstance(found, NetworkSpec) else found.stated_resolution
