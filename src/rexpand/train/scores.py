"""The scores that a network gives to images, whoever wrote the network."""

from torch import Tensor, nn

from rexpand.errors import DataError
from rexpand.trace.factory import kind_of
from rexpand.trace.foreign import foreign_code


def scores_of(network: nn.Module, images: Tensor) -> Tensor:
    """Scores (images, classes) in float32; ForeignCodeError for a network that fails.

    Raises DataError for a network that does not give one vector of scores per image.
    """
    with foreign_code(f"running {type(network).__name__}"):
        scores = network(images)
    if isinstance(scores, Tensor) and scores.ndim == 2 and not scores.is_complex():
        return scores.float()
    if isinstance(scores, Tensor):
        found = f"outputs of {tuple(scores.shape[1:])} per image"
    else:
        found = f"{kind_of(scores)} as its output"
    raise DataError(
        f"the network has {found}, not one score per class; give a classifier"
    )
