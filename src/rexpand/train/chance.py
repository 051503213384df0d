"""The generators that a step draws from, so that an epoch goes on with the same draws."""

import json

import numpy as np
import torch
from torch import Tensor

_CPU, _DEVICE = "cpu", "device"


def torch_states(device: torch.device) -> dict[str, Tensor]:
    """The state of torch's generator on the CPU, and of the device's own."""
    states = {_CPU: torch.get_rng_state()}
    if device.type == "cuda":
        states[_DEVICE] = torch.cuda.get_rng_state(device)
    if device.type == "mps":
        states[_DEVICE] = torch.mps.get_rng_state()
    return states


def set_torch_states(device: torch.device, states: dict[str, Tensor]) -> None:
    """Put the states back; KeyError or RuntimeError if they are not those of a device.

    What the device has no generator for is left out.
    """
    torch.set_rng_state(states[_CPU])
    if device.type == "cuda":
        torch.cuda.set_rng_state(states[_DEVICE], device)
    if device.type == "mps":
        torch.mps.set_rng_state(states[_DEVICE])


def state_of(generator: np.random.Generator) -> str:
    """The state of a generator of numpy, as JSON."""
    return json.dumps(generator.bit_generator.state)


def generator_at(state: str) -> np.random.Generator:
    """The generator of numpy that stands at a state; ValueError for text that is none."""
    generator = np.random.default_rng()
    try:
        generator.bit_generator.state = json.loads(state)
    except (TypeError, KeyError, OverflowError) as error:
        raise ValueError(f"it holds no state of a generator: {error}") from None
    return generator
