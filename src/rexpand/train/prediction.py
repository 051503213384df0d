"""The classes that a network gives to images without labels."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from rexpand.data.streams import StreamSplit
from rexpand.models import check_runs
from rexpand.trace.evaluating import evaluating
from rexpand.train.scores import scores_of


@dataclass(frozen=True, kw_only=True)
class Guess:
    """A class by its place among the outputs, its name, and its probability.

    The name is the place where the network's names are not known. Probabilities are the
    softmax of all scores.
    """

    place: int
    name: str
    probability: float


@dataclass(frozen=True, kw_only=True)
class Prediction:
    """An image file and its most probable classes, the most probable first.

    A file that could not be read has a `problem` and no guesses.
    """

    file: str
    guesses: tuple[Guess, ...] = ()
    problem: str | None = None


@torch.inference_mode()
def predict(
    network: nn.Module,
    images: StreamSplit,
    device: torch.device,
    *,
    class_names: Sequence[str] = (),
    top: int = 5,
    batch_size: int = 256,
) -> Iterator[Prediction]:
    """The `top` classes of each image in order, in eval mode; the mode is put back.

    Names that are not as many as the outputs are left out. Raises DataError for a
    network that does not give one vector of scores per image.
    """
    taken = min(batch_size, len(images))
    check_runs(network, images=taken, resolution=images.contract.resolution)
    with evaluating(network):
        for read in images.read(batch_size=batch_size, device=device):
            pixels = read.pixels
            scores = iter(scores_of(network, pixels).cpu() if len(pixels) else ())
            for file, problem in zip(read.names, read.problems, strict=True):
                if problem:
                    yield Prediction(file=file, problem=problem)
                else:
                    guesses = _guesses(next(scores), class_names, top)
                    yield Prediction(file=file, guesses=guesses)


def _guesses(scores: Tensor, names: Sequence[str], top: int) -> tuple[Guess, ...]:
    probabilities, places = scores.softmax(0).topk(min(top, len(scores)))
    named = len(names) == len(scores)
    return tuple(
        Guess(
            place=place,
            name=names[place] if named else str(place),
            probability=probability,
        )
        for probability, place in zip(
            probabilities.tolist(), places.tolist(), strict=True
        )
    )
