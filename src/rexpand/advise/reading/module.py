"""A foreign module as our spec and our module, proved equal before it is given out."""

import torch
from torch import Tensor, nn

from rexpand.advise.reading.network import Reading, read_steps
from rexpand.advise.reading.trace import trace
from rexpand.cost import cost_of
from rexpand.errors import SpecError
from rexpand.models import Network, build
from rexpand.trace import measure

TOLERANCE = 1e-4  # of the largest score


def read_module(
    module: nn.Module, *, name: str, resolution: int = 224, in_channels: int = 3
) -> Network:
    """The network of an inverted-residual module, with its weights.

    What was read is built and compared: params and macs exactly, scores of an image to
    1e-4 of the largest. Raises SpecError, naming the block and the reason, for a module
    that is no such network; the module is left as it was.
    """
    parameter = next(module.parameters(), None)
    if parameter is None:
        raise SpecError(f"{name} holds no weights; give a module with layers")
    generator = torch.Generator().manual_seed(0)
    image = torch.randn(1, in_channels, resolution, resolution, generator=generator)
    image = image.to(parameter.device, parameter.dtype)
    traced = trace(module, image)
    reading = read_steps(traced, name=name, dropout=_dropout(module))
    network = _with_weights(reading, module).to(parameter.device, parameter.dtype)
    _check_cost(reading, module)
    _check_scores(name, network, image, traced.output)
    return network


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


def _check_cost(reading: Reading, module: nn.Module) -> None:
    spec = reading.spec
    ours = cost_of(spec)
    params = sum(p.numel() for p in module.parameters())
    macs = measure(module, (spec.in_channels, spec.resolution, spec.resolution)).macs
    if (ours.params, ours.macs) != (params, macs):
        raise SpecError(
            f"{spec.name} is not read whole: the module has {params:,} params and "
            f"{macs:,} macs, the blocks that were read {ours.params:,} and "
            f"{ours.macs:,}; nothing was changed"
        )


@torch.no_grad()
def _check_scores(name: str, network: Network, image: Tensor, theirs: Tensor) -> None:
    ours = network(image)
    gap = float((ours - theirs.reshape(ours.shape)).abs().max())
    if not gap <= TOLERANCE * max(1.0, float(theirs.abs().max())):
        raise SpecError(
            f"{name} is not read faithfully: the scores of what was read differ by "
            f"{gap:.2g}; nothing was changed"
        )


def _dropout(module: nn.Module) -> float:
    """The rate in front of the classifier, where the module says one."""
    rates = [part.p for part in module.modules() if isinstance(part, nn.Dropout)]
    rate = rates[-1] if rates else getattr(module, "drop_rate", 0.0)
    return float(rate) if 0 <= float(rate) < 1 else 0.0
