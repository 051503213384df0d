"""The spec of any source, read back from the module where it is not ours."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rexpand.advise.shortcuts import inverted_residuals
from rexpand.size import Resolution
from rexpand.spec import Controls, NetworkSpec, Source, SpecLike, spec_or_source

if TYPE_CHECKING:
    from rexpand.models import Network
    from rexpand.spec import ImageContract
    from rexpand.train import Start


@dataclass(frozen=True, kw_only=True)
class Found:
    """A spec, and the trained network with its images where there are weights.

    `trained` has the spec without the controls of a module of another make: they
    change what is built anew, not the weights that are there.
    """

    spec: NetworkSpec
    trained: "Network | None" = None
    contract: "ImageContract | None" = None


def find_spec(network: SpecLike, resolution: Resolution | None = None) -> NetworkSpec:
    """The spec of any network, at its own image size or at `resolution`.

    Raises SpecError for a module that is no inverted-residual network.
    """
    found = spec_or_source(network)
    if isinstance(found, NetworkSpec):
        return _at(found, resolution)
    if (spec := found.spec) is not None:
        return _at(spec, resolution)
    return _read(found, resolution, _reading(found)).spec


def find_start(
    source: Source, resolution: Resolution | None = None
) -> "tuple[NetworkSpec, Start | None]":
    """The network that a training of any source is of, and the weights it begins with.

    Those are what the source names: a checkpoint's, or a file's after @. A module of the
    user's own without a file has none that are named, so it begins with fresh ones. Raises
    SpecError for a module that cannot be read as a spec.
    """
    from rexpand.train import Start, start_from

    if not source.is_foreign:
        start = start_from(source, resolution) if source.has_weights else None
        return start.network.spec if start else source.known_spec(), start
    found = _read(source, resolution, _reading(source))
    if source.weights is None or not found.trained or not found.contract:
        return found.spec, None
    start = Start(origin=str(source), network=found.trained, contract=found.contract)
    return found.spec, start


def find_inverted(source: Source, resolution: Resolution | None = None) -> Found:
    """The inverted-residual network of a source, with its weights if it has any.

    Raises SpecError for a network of another kind, naming the block.
    """
    spec = source.spec
    if spec is None:
        return _read(source, resolution, "upgrade")
    spec = _at(spec, resolution)
    inverted_residuals(spec)
    if not source.has_weights:
        return Found(spec=spec)
    from rexpand.models import Network, open_source

    opened = open_source(source)
    assert isinstance(opened.module, Network)
    return Found(spec=spec, trained=opened.module, contract=opened.contract)


def _reading(source: Source) -> str:
    return f"reading {source.label} as a spec"


def _read(source: Source, resolution: Resolution | None, asker: str) -> Found:
    """The network that a module of another make is; controls change what was read."""
    from rexpand.advise.reading import read_module
    from rexpand.models import open_source

    opened = open_source(replace(source, controls=Controls()))
    contract = opened.contract.at(resolution)
    network = read_module(
        opened.module,
        name=source.name.partition(":")[2] or source.name,
        resolution=contract.resolution,
        in_channels=contract.channels,
        asker=asker,
    )
    return Found(
        spec=source.controls.applied(network.spec),
        trained=network if source.has_weights else None,
        contract=contract,
    )


def _at(spec: NetworkSpec, resolution: Resolution | None) -> NetworkSpec:
    return replace(spec, resolution=resolution) if resolution else spec
