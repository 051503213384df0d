"""From bytes to numbers of mean 0 and deviation 1, channel by channel.

Means and deviations are on the scale where a byte of 255 is 1.
"""

from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor

from rexpand.errors import DataError
from rexpand.spec import ImageContract


@dataclass(frozen=True, kw_only=True)
class Normalisation:
    """Per channel (x / 255 - mean) / std."""

    mean: tuple[float, ...]
    std: tuple[float, ...]

    def apply(self, images: Tensor) -> Tensor:
        """Map uint8 (batch, height, width, channels) to float32 of that shape."""
        batch, height, width, channels = images.shape
        scale, offset = _rows(self, width, images.device)
        rows = images.reshape(batch, height, width * channels).to(torch.float32)
        return rows.mul_(scale).add_(offset).view(images.shape)

    def mean_bytes(self) -> tuple[int, ...]:
        """The byte of each channel that becomes 0, nearly."""
        return tuple(min(255, max(0, round(255 * mean))) for mean in self.mean)


def normalisation_of(contract: ImageContract) -> Normalisation | None:
    """What a network's contract says; None where it says nothing."""
    if contract.mean is None or contract.std is None:
        return None
    return Normalisation(mean=contract.mean, std=contract.std)


# torchvision, references/classification/presets.py
IMAGENET = Normalisation(mean=(0.485, 0.456, 0.406), std=(0.229, 0.224, 0.225))
IMAGENET_GREY = Normalisation(mean=(0.449,), std=(0.226,))  # the means of those


class Moments:
    """Running sums over the pixels of images, exact because they are integers."""

    def __init__(self) -> None:
        self._count = 0
        self._sum = torch.zeros(1, dtype=torch.int64)
        self._squares = torch.zeros(1, dtype=torch.int64)

    def add(self, images: Tensor) -> None:
        """Add uint8 images (..., channels)."""
        pixels = images.reshape(-1, images.shape[-1])
        self._count += len(pixels)
        self._sum = self._sum + pixels.sum(0, dtype=torch.int64)
        # uint8 would overflow in the square, int32 holds 255 ** 2
        squares = pixels.to(torch.int32).square_()
        self._squares = self._squares + squares.sum(0, dtype=torch.int64)

    def normalisation(self) -> Normalisation:
        """Mean and deviation (of the population) of what was added."""
        mean = self._sum.double() / self._count
        variance = self._squares.double() / self._count - mean.square()
        return Normalisation(
            mean=tuple((mean / 255).tolist()),
            std=tuple((variance.clamp(min=0).sqrt() / 255).tolist()),
        )


def measured(images: Tensor) -> Normalisation:
    """The normalisation that fits uint8 (images, height, width, channels).

    Raises DataError if a channel is the same everywhere.
    """
    moments = Moments()
    for chunk in torch.split(images, 4096):
        moments.add(chunk)
    found = moments.normalisation()
    if min(found.std) == 0:
        raise DataError(
            f"channel {found.std.index(0)} has one value in all training images; "
            "there is nothing to learn from, check how they were saved"
        )
    return found


@lru_cache(maxsize=16)
def _rows(
    normalisation: Normalisation, width: int, device: torch.device
) -> tuple[Tensor, Tensor]:
    """Factor and offset of a byte, repeated along a row of (width * channels).

    An inner dimension of 3 would not vectorise; a whole row does.
    """
    mean = torch.tensor(normalisation.mean, dtype=torch.float64)
    std = torch.tensor(normalisation.std, dtype=torch.float64)
    scale, offset = 1 / (255 * std), -mean / std
    return (
        scale.float().repeat(width).to(device),
        offset.float().repeat(width).to(device),
    )
