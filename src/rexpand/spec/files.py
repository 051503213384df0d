"""Networks in files: TOML, JSON, and the header of a checkpoint.

A file holds the fields of `NetworkSpec`, without those at their default; a block names
its `kind`. Or it names a network of the catalogue, `network = "rexnet_100"`, with a
table `[controls]` and optionally a `name`. Unknown keys are refused, so a typo never
becomes a default.
"""

import json
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from rexpand.codec import to_short_content
from rexpand.errors import CheckpointError, SpecError, UnknownNameError
from rexpand.spec.as_spec import SpecLike, as_spec
from rexpand.spec.catalogue import ALIASES, CATALOGUE, network
from rexpand.spec.image_contract import ImageContract, contract_from_json
from rexpand.spec.named_controls import read_controls
from rexpand.spec.network import NetworkSpec
from rexpand.spec.schema import validate

SUFFIXES = (".toml", ".json", ".safetensors")
_LARGEST_HEADER = 100_000_000  # bytes; the limit of the safetensors format


def read_network(path: str | Path) -> NetworkSpec:
    """Read a spec from TOML, JSON or a checkpoint, by the file's suffix."""
    path = Path(path)
    if not path.is_file():
        raise SpecError(f"there is no file {path}")
    if path.suffix == ".safetensors":
        return network_from_json(read_header(path).get("spec", "{}"), str(path))
    try:
        text = path.read_text(encoding="utf-8")
        content = tomllib.loads(text) if path.suffix == ".toml" else json.loads(text)
    except (ValueError, RecursionError) as error:  # no syntax, no UTF-8, no end
        raise SpecError(
            f"{path} is not valid {path.suffix[1:].upper()}: {error}"
        ) from None
    return _validated(content, str(path))


def read_contract(path: str | Path) -> ImageContract | None:
    """The image contract in a checkpoint's header; None if it has none."""
    path = Path(path)
    text = read_header(path).get("contract")
    if not text:
        return None
    return replace(contract_from_json(text, str(path)), origin="checkpoint")


def network_from_json(text: str, origin: str) -> NetworkSpec:
    """Read a spec from JSON text; `origin` names it in errors."""
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise SpecError(f"{origin} is not valid JSON: {error}") from None
    return _validated(content, origin)


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


def read_header(path: str | Path) -> Mapping[str, str]:
    """The metadata of a safetensors file, read without its tensors and without torch.

    Raises CheckpointError if the file is not a safetensors file or is truncated.
    """
    path = Path(path)
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        text = file.read(length) if length < _LARGEST_HEADER else b""
    try:
        header = json.loads(text)
        end = max((t["data_offsets"][1] for k, t in header.items() if k[0] != "_"))
    except (ValueError, KeyError, TypeError, AttributeError, IndexError):
        raise CheckpointError(f"{path} is not a safetensors checkpoint") from None
    missing = 8 + length + end - path.stat().st_size
    if missing > 0:
        raise CheckpointError(
            f"{path} is truncated: {missing} bytes are missing; use an older checkpoint"
        )
    return dict(header.get("__metadata__", {}))


def _validated(content: Any, origin: str) -> NetworkSpec:
    """Check every key, type and value."""
    if isinstance(content, dict) and "network" in content:
        return _controlled(content, origin)
    try:
        return validate(content)
    except ValueError as error:
        raise SpecError(f"{origin}: {error}") from None


def _controlled(content: dict[str, Any], origin: str) -> NetworkSpec:
    """A network of the catalogue with controls."""
    unknown = sorted(content.keys() - {"network", "name", "controls"})
    if unknown:
        raise SpecError(
            f"{origin}: unknown key {unknown[0]}; next to `network` there may be "
            "`name` and `[controls]`"
        )
    base = content["network"]
    if base not in CATALOGUE and base not in ALIASES:
        raise UnknownNameError(
            "network", str(base), (*CATALOGUE, *ALIASES), f"it is in {origin}"
        )
    controls = read_controls(content.get("controls", {}), origin)
    spec = controls.built(lambda **multipliers: network(base, **multipliers))
    return replace(spec, name=str(content.get("name", spec.name)))
