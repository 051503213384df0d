"""A foreign module as our spec and our module, proved equal before it is given out."""

import torch
from torch import Tensor, nn

from rexpand.advise.reading.network import Reading, read_graph
from rexpand.cost import Cost, Graph, cost_of
from rexpand.errors import SpecError
from rexpand.models import Network, build
from rexpand.size import Resolution, Size
from rexpand.spec import NetworkSpec
from rexpand.trace import trace
from rexpand.trace.evaluating import evaluating
from rexpand.trace.factory import kind_of
from rexpand.trace.foreign import foreign_code

TOLERANCE = 1e-4  # of the largest score
_READING = "reading a module as a spec"  # what needs the blocks, in an error


def read_module(
    module: nn.Module,
    *,
    name: str,
    resolution: Resolution = 224,
    in_channels: int = 3,
    asker: str = _READING,
) -> Network:
    """The network of an inverted-residual module, with its weights.

    The module is traced once, without values, and runs once, for its scores; what was
    read is built and compared: params and macs exactly, scores of an image to 1e-4 of
    the largest. Raises SpecError, naming the `asker`, the block and the reason, for a
    module that is no such network, and MistakeError for one that does not run on the
    image; the module is left as it was.
    """
    if next(module.parameters(), None) is None:
        raise SpecError(f"{name} holds no weights; give a module with layers")
    size = Size.of(resolution)
    graph = trace(module, (in_channels, size.height, size.width))
    network = _with_weights(_read(graph, name, _dropout(module), asker), module)
    _check_scores(network, module)
    return network


def spec_of(graph: Graph, *, name: str) -> NetworkSpec:
    """The spec of a graph without the module: params and macs compared, no scores.

    Raises SpecError as `read_module`.
    """
    return _read(graph, name, 0.0, _READING).spec


def _read(graph: Graph, name: str, dropout: float, asker: str) -> Reading:
    if len(graph.ends) != 1:
        raise SpecError(
            f"{name} gives {len(graph.ends)} tensors, not one of scores; give a factory "
            "whose module does"
        )
    reading = read_graph(graph, name=name, dropout=dropout, asker=asker)
    _check_cost(reading, graph.total)
    return reading


def _with_weights(reading: Reading, module: nn.Module) -> Network:
    network = build(reading.spec)
    theirs = dict((*module.named_parameters(), *module.named_buffers()))
    state: dict[str, Tensor] = {}
    for ours, tensor in network.state_dict().items():
        if ours in reading.names:
            state[ours] = theirs[reading.names[ours]].detach().reshape(tensor.shape)
        elif ours.endswith("num_batches_tracked"):
            state[ours] = tensor
        else:
            raise SpecError(f"{reading.spec.name} holds nothing for our {ours}")
    network.load_state_dict(state)
    return network.eval()


def _check_cost(reading: Reading, theirs: Cost) -> None:
    ours = cost_of(reading.spec)
    if (ours.params, ours.macs) != (theirs.params, theirs.macs):
        raise SpecError(
            f"{reading.spec.name} is not read whole: the module has {theirs.params:,} "
            f"params and {theirs.macs:,} macs, the blocks that were read "
            f"{ours.params:,} and {ours.macs:,}; nothing was changed"
        )


def _check_scores(network: Network, module: nn.Module) -> None:
    """Give both an image, and compare; the network goes to where the module is."""
    spec, like = network.spec, next(module.parameters())
    network.to(like.device, like.dtype)
    generator = torch.Generator().manual_seed(0)
    shape = (1, *spec.image)
    image = torch.randn(shape, generator=generator).to(like.device, like.dtype)
    with evaluating(module), torch.inference_mode():
        ours, theirs = network(image), _scores(spec.name, module, image)
        gap = float((ours - theirs.reshape(ours.shape)).abs().max())
        if not gap <= TOLERANCE * max(1.0, float(theirs.abs().max())):
            raise SpecError(
                f"{spec.name} is not read faithfully: the scores of what was read "
                f"differ by {gap:.2g}; nothing was changed"
            )


def _scores(name: str, module: nn.Module, image: Tensor) -> Tensor:
    with foreign_code(f"{name} could be traced but does not run"):
        scores = module(image)
    if not isinstance(scores, Tensor):
        raise SpecError(
            f"{name} gives {kind_of(scores)}, not one tensor of scores; give a "
            "factory whose module does"
        )
    return scores


def _dropout(module: nn.Module) -> float:
    """The rate before the classifier, where the module says one."""
    rates = [part.p for part in module.modules() if isinstance(part, nn.Dropout)]
    rate = rates[-1] if rates else getattr(module, "drop_rate", 0.0)
    return float(rate) if 0 <= float(rate) < 1 else 0.0
