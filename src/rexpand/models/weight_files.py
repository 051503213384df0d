"""Weights from a file of any layout into a module, and their image contract."""

from collections.abc import Mapping
from pathlib import Path

from torch import Tensor, nn

from rexpand.errors import CheckpointError
from rexpand.models.network import Network, build
from rexpand.models.state_files import put_state, read_state
from rexpand.models.weights import as_released, import_state, layout_of
from rexpand.models.weights.tensorflow import (
    is_tensorflows,
    tensorflow_contract,
    tensorflow_spec,
    tensorflow_state,
)
from rexpand.spec import ImageContract, NetworkSpec, read_contract


def load_our_weights(
    spec: NetworkSpec, path: Path
) -> tuple[Network, ImageContract | None]:
    """The network of a spec with the weights of a file, and their contract if known.

    The tensors may have our names, or those of a library that has the family; the
    network then computes what the library's does (`as_released`). A spec without a
    classifier gets the one of the weights, if they have our names. Raises
    CheckpointError, naming the tensor, for weights of another network.
    """
    try:
        return _ours(spec, read_state(path), path)
    except CheckpointError as error:
        named = "" if str(path) in str(error) else f"{path}: "
        raise CheckpointError(f"{named}{error}") from None


def _ours(
    spec: NetworkSpec, state: Mapping[str, Tensor], path: Path
) -> tuple[Network, ImageContract | None]:
    if is_tensorflows(state):
        spec = tensorflow_spec(spec)
        network = build(spec)
        put_state(network, tensorflow_state(spec, state, path), path)
        return network, tensorflow_contract(_size(spec))
    spec = _with_their_classifier(spec, state)
    layout = layout_of(spec, state)
    if layout is not None:
        spec = as_released(spec, layout)
        state = import_state(spec, state, layout)
    network = build(spec)
    put_state(network, state, path)
    return network, _header_contract(path)


def _with_their_classifier(
    spec: NetworkSpec, state: Mapping[str, Tensor]
) -> NetworkSpec:
    """A spec without a classifier, such as a search's winner, gets that of its weights."""
    if spec.num_classes:
        return spec
    biases = (
        tensor
        for name, tensor in state.items()
        if name.startswith("head.classifier.") and name.endswith(".bias")
    )
    outputs = next((len(bias) for bias in biases), 0)
    return spec.with_classes(outputs)


def load_foreign_weights(
    module: nn.Module, path: Path, contract: ImageContract
) -> ImageContract:
    """Load a file of weights with the module's own names; returns their contract.

    That is `contract`, the module's, unless the file has another.
    """
    state = read_state(path)
    put_state(module, state, path)
    if is_tensorflows(state):
        return tensorflow_contract(contract)
    return _header_contract(path) or contract


def _header_contract(path: Path) -> ImageContract | None:
    return read_contract(path) if path.suffix == ".safetensors" else None


def _size(spec: NetworkSpec) -> ImageContract:
    return ImageContract(
        channels=spec.in_channels, height=spec.size.height, width=spec.size.width
    )
