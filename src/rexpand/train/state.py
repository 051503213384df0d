"""Where a training run stands: everything that the next step depends on.

It has the weights, their average, what the optimiser remembers of each parameter
(momentum, and more for some), the weights of the best epoch where the recipe has patience,
and the history. Every epoch seeds itself from the run's seed and its own number; a state
inside one also has the generators of torch and numpy.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Generic, TypeVar

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from rexpand.codec import to_line
from rexpand.documents import from_text, naming
from rexpand.errors import CheckpointError
from rexpand.ranges import MULTIPLIER, STEPS
from rexpand.records import Epoch, RecipeChange
from rexpand.train.chance import set_torch_states, torch_states
from rexpand.train.design import TrainingDesign
from rexpand.train.sealed import Content

Module = TypeVar("Module", bound=nn.Module)

_WEIGHT, _AVERAGE, _BEST = "weight.", "average.", "best."
_OPTIMIZER = "optimizer."
_RANDOM = "random."


@dataclass(frozen=True, kw_only=True)
class UnderWay:
    """An epoch that is begun: its `steps` that are done, and what they left.

    `loss_sum` is over their images, `seconds` is the time that they took, and `mixing`
    the state of the generator that mixes images (`rexpand.train.chance`).
    """

    steps: Annotated[int, STEPS]
    loss_sum: float
    seconds: float
    mixing: str


@dataclass(frozen=True, kw_only=True)
class Progressed:
    """The epochs that are done, the best of them, and the seconds that they took.

    `best` is None where the recipe has no patience, and until a network that chooses its
    inputs has chosen. `under_way` is the epoch after them, None where it is not begun.
    The recipe's learning rate is multiplied by `rate_scale`; `changes` are those of the
    recipe since the beginning.
    """

    epochs: tuple[Epoch, ...] = ()
    seconds: float = 0.0
    best: int | None = None
    under_way: UnderWay | None = None
    rate_scale: Annotated[float, MULTIPLIER] = 1.0
    changes: tuple[RecipeChange, ...] = ()

    @property
    def steps_begun(self) -> int:
        """Steps that are done of the epoch under way; 0 where it is not begun."""
        return self.under_way.steps if self.under_way else 0

    def stops_early(self, patience: int) -> bool:
        """Whether the last `patience` epochs brought nothing better."""
        if self.best is None:
            return False
        return len(self.epochs) - 1 - self.best >= patience


@dataclass(frozen=True, kw_only=True)
class Trained(Generic[Module]):
    """What a training changes: the weights, their average, the optimiser's memory.

    `best` are the tensors of the best epoch's network, by name; none of them before
    there is one.
    """

    network: Module
    average: Module | None
    optimizer: Optimizer
    best: dict[str, Tensor] = field(default_factory=dict)

    @property
    def judged(self) -> Module:
        """The network that is evaluated and kept: the average where there is one."""
        return self.average or self.network

    @property
    def is_finite(self) -> bool:
        """Whether the weights are, and what moves them; the device is waited for.

        Running statistics may be infinite: training does not use them.
        """
        tensors = [*self.network.parameters(), *_memory(self).values()]
        return all(bool(each.isfinite().all()) for each in tensors)

    def keep_as_best(self) -> None:
        """Remember the judged network as it is now."""
        tensors = self.judged.state_dict()
        self.best.update({name: each.clone() for name, each in tensors.items()})

    def return_to_best(self) -> None:
        """Give the judged network the weights of the best epoch, if there is one."""
        if self.best:
            self.judged.load_state_dict(self.best)


def state_of(
    trained: Trained[Module], design: TrainingDesign, done: Progressed
) -> Content:
    """The state of a training: after an epoch or, where one is under way, in it."""
    tensors = tensors_of(trained)
    if done.under_way:
        tensors |= _prefixed(_RANDOM, torch_states(_device(trained)))
    texts = {"design": to_line(design), "done": to_line(done)}
    return Content(texts=texts, tensors=tensors)


def tensors_of(trained: Trained[Module]) -> dict[str, Tensor]:
    """All that a training changes, by name."""
    tensors = _prefixed(_WEIGHT, trained.network.state_dict())
    tensors |= _prefixed(_OPTIMIZER, _memory(trained))
    if trained.average:
        tensors |= _prefixed(_AVERAGE, trained.average.state_dict())
    return tensors | _prefixed(_BEST, trained.best)


def design_of(state: Content, path: Path) -> TrainingDesign:
    """The training of a state that was read from `path`.

    Raises CheckpointError if this version reads none in it.
    """
    try:
        return from_text(TrainingDesign, state.texts["design"])
    except (KeyError, ValueError):
        raise CheckpointError(
            f"{path} is of another training or made by another rexpand; give another "
            "folder to start anew"
        ) from None


def put_back(state: Content, path: Path, trained: Trained[Module]) -> Progressed:
    """Put a state back that was read from `path`.

    Raises CheckpointError if it does not fit.
    """
    if "done" not in state.texts:
        raise CheckpointError(f"{path} does not say what is done; remove it")
    with naming(path, CheckpointError):
        done = from_text(Progressed, state.texts["done"])
    with fitting(path):
        put_tensors_back(trained, state.tensors)
        if done.under_way:
            set_torch_states(_device(trained), _without(_RANDOM, state.tensors))
    return done


@contextmanager
def fitting(path: Path) -> Iterator[None]:
    """Raise CheckpointError for tensors of a file that do not fit inside the `with`."""
    try:
        yield
    except (KeyError, RuntimeError) as error:  # one is missing, or of another shape
        reason = " ".join(str(error).split())
        raise CheckpointError(
            f"{path} does not fit this training; remove it to start anew: {reason}"
        ) from None


def put_tensors_back(trained: Trained[Module], tensors: Mapping[str, Tensor]) -> None:
    """Put back what `tensors_of` gave; KeyError or RuntimeError if it does not fit."""
    trained.network.load_state_dict(_without(_WEIGHT, tensors))
    if trained.average:
        trained.average.load_state_dict(_without(_AVERAGE, tensors))
    trained.best.update(_without(_BEST, tensors))
    _restore_memory(trained, _without(_OPTIMIZER, tensors))


def _device(trained: Trained[Module]) -> torch.device:
    return next(trained.network.parameters()).device


def _memory(trained: Trained[Module]) -> dict[str, Tensor]:
    """What the optimiser remembers: `momentum_buffer.` and the parameter's name, ..."""
    state = trained.optimizer.state
    return {
        f"{key}.{name}": value
        for name, parameter in trained.network.named_parameters()
        for key, value in state[parameter].items()
        if value is not None  # momentum of 0
    }


def _restore_memory(trained: Trained[Module], tensors: Mapping[str, Tensor]) -> None:
    parameters = dict(trained.network.named_parameters())
    for place, tensor in tensors.items():
        key, _, name = place.partition(".")
        parameter = parameters[name]
        if tensor.ndim:  # else a count of steps
            # Same memory order as the parameter: a fused step adds them elementwise.
            tensor = _like(parameter, tensor)
        trained.optimizer.state[parameter][key] = tensor.to(parameter.device)


def _like(parameter: Tensor, tensor: Tensor) -> Tensor:
    """A tensor of the same shape in the memory order of a parameter."""
    if tensor.shape != parameter.shape:
        raise RuntimeError(
            f"the optimiser has {tuple(tensor.shape)} for {tuple(parameter.shape)}"
        )
    return parameter.detach().clone().copy_(tensor)


def _prefixed(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {prefix + name: tensor for name, tensor in tensors.items()}


def _without(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {
        name.removeprefix(prefix): tensor
        for name, tensor in tensors.items()
        if name.startswith(prefix)
    }
