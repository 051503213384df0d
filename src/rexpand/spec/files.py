"""Networks in files: TOML, JSON, and the header of a checkpoint.

A file holds the fields of `NetworkSpec`, without those at their default; a block names
its `kind`. Or it names a network of the catalogue, `network = "rexnet_100"`, with a
table `[controls]` and optionally a `name`. Unknown keys are refused, so a typo never
becomes a default.
"""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any

from rexpand.codec import from_content, to_short_content
from rexpand.documents import naming, parsed_json, read_document, read_header
from rexpand.errors import SpecError
from rexpand.ranges import NAME
from rexpand.spec.as_spec import SpecLike, as_spec
from rexpand.spec.catalogue import network
from rexpand.spec.image_contract import ImageContract, contract_from_json
from rexpand.spec.named_controls import Controls
from rexpand.spec.network import NetworkSpec

SUFFIXES = (".toml", ".json", ".safetensors")


@dataclass(frozen=True, kw_only=True)
class _Named:
    """A file that names a network of the catalogue."""

    network: str
    name: Annotated[str, NAME] | None = None
    controls: Controls = field(default_factory=Controls)


def read_network(path: str | Path) -> NetworkSpec:
    """Read a spec from TOML, JSON or a checkpoint, by the file's suffix.

    Raises SpecError, or CheckpointError for a file that is no checkpoint.
    """
    path = Path(path)
    if path.suffix == ".safetensors":
        return network_from_json(read_header(path).texts.get("spec", "{}"), str(path))
    return read_document(path, _spec, SpecError)


def read_contract(path: str | Path) -> ImageContract | None:
    """The image contract in a checkpoint's header; None if it has none."""
    text = read_header(Path(path)).texts.get("contract")
    if not text:
        return None
    return replace(contract_from_json(text, str(path)), origin="checkpoint")


def network_from_json(text: str, origin: str) -> NetworkSpec:
    """Read a spec from JSON text; `origin` names it in errors."""
    with naming(origin, SpecError):
        return _spec(parsed_json(text))


def network_to_dict(spec: SpecLike) -> dict[str, Any]:
    """The fields of a spec that differ from their defaults, ready for JSON or TOML."""
    spec = as_spec(spec)
    content = to_short_content(spec)
    assert isinstance(content, dict)
    return content


def network_to_toml(spec: SpecLike) -> str:
    """The text of a spec file."""
    spec = as_spec(spec)
    import tomli_w

    return tomli_w.dumps(network_to_dict(spec))


def _spec(content: Any) -> NetworkSpec:
    """The spec of a file's content, every key, type and value checked."""
    if not isinstance(content, dict):
        raise ValueError(
            "it is not a table of fields, such as name, stem, blocks and head"
        )
    if "network" in content:
        return _controlled(from_content(_Named, content))
    spec = from_content(NetworkSpec, content)
    for index, block in enumerate(spec.blocks):
        if block.is_relaxed:
            raise ValueError(
                f"blocks[{index}] rounds to multiples of 0; write 1 for whole widths"
            )
    return spec


def _controlled(named: _Named) -> NetworkSpec:
    """A network of the catalogue with controls."""
    spec = named.controls.built(
        lambda **multipliers: network(named.network, **multipliers)
    )
    return replace(spec, name=named.name or spec.name)
