"""One pass over a split as a value: its order and the draws of its augmentation.

Both come from one generator on the CPU, seeded with `seed` alone: an epoch is the same
on every device and after a resume.
"""

from dataclasses import dataclass, field, replace

import torch
from torch import Tensor

from rexpand.data.draws import Draws, augment, draw
from rexpand.data.erasing import draw_noise
from rexpand.data.normalisation import Normalisation
from rexpand.data.part import Part
from rexpand.errors import DataError
from rexpand.memory import check_memory
from rexpand.recipe import Augmentation
from rexpand.spec import ImageContract


@dataclass(frozen=True, kw_only=True, eq=False)
class Epoch:
    """`order` (images,) int64 on the CPU; row i of `draws` is for image `order[i]`.

    `augmentation` and `draws` are None together. `noise` (numbers,) is what random
    erasing takes its pixels from.
    """

    order: Tensor
    augmentation: Augmentation | None = None
    draws: Draws | None = None
    noise: Tensor = field(default_factory=lambda: torch.empty(0))

    def to(self, device: torch.device) -> "Epoch":
        """The epoch with its draws on a device."""
        if self.draws is None:
            return self
        return replace(self, draws=self.draws.to(device), noise=self.noise.to(device))

    def without_changes(self) -> "Epoch":
        """The epoch without what `rexpand.data.changes` makes of each image."""
        if self.augmentation is None:
            return self
        rest = replace(self.augmentation, flip=False, rand_augment=None)
        return replace(self, augmentation=rest)

    def pixels(
        self, images: Tensor, span: slice, normalisation: Normalisation
    ) -> Tensor:
        """Normalise the batch at `span`, and augment it as drawn.

        Maps uint8 (batch, height, width, channels) to float32 (batch, channels,
        height, width) in channels_last memory.
        """
        if self.augmentation is None or self.draws is None:
            pixels = normalisation.apply(images)
        else:
            pixels = augment(
                images,
                augmentation=self.augmentation,
                draws=self.draws.rows(span),
                normalisation=normalisation,
                noise=self.noise,
            )
        return pixels.permute(0, 3, 1, 2)


def plan_epoch(
    count: int,
    *,
    seed: int | None,
    augmentation: Augmentation | None,
    resolution: int,
    channels: int,
) -> Epoch:
    """Order `count` images of `resolution`, and draw; without a seed, as they are.

    Raises DataError for an augmentation without a seed.
    """
    if seed is None and augmentation is not None:
        raise DataError(f"{augmentation} draws at random; give batches a seed")
    if seed is None:
        return Epoch(order=torch.arange(count))
    generator = torch.Generator().manual_seed(seed)
    order = torch.randperm(count, generator=generator)
    if augmentation is None:
        return Epoch(order=order)
    draws = draw(augmentation, count=count, resolution=resolution, generator=generator)
    run = resolution * resolution * channels
    noise = draw_noise(augmentation.erasing, run, generator)
    return Epoch(order=order, augmentation=augmentation, draws=draws, noise=noise)


def check_batch(count: int, batch_size: int, image: ImageContract) -> None:
    """Raise SpecError if one batch of `count` images takes more than all memory."""
    taken = min(count, batch_size)
    check_memory(
        f"a batch of {taken} images of {image.channels}x{image.height}x{image.width}",
        4 * taken * image.channels * image.height * image.width,
        "give a smaller batch or resolution",
    )


def batch_spans(
    count: int, batch_size: int, drop_last: bool, part: Part
) -> list[slice]:
    """Cut `count` images into batches; `drop_last` leaves out one that is not full.

    Of these, those of `part`. Raises DataError if the epoch has no batch.
    """
    if batch_size < 1:
        raise DataError(f"batch_size {batch_size} is below 1")
    if drop_last and count < batch_size:
        raise DataError(
            f"batch_size {batch_size} is more than the {count} images; "
            f"use {count} or fewer"
        )
    stop = count - count % batch_size if drop_last else count
    whole = [
        slice(start, min(start + batch_size, stop))
        for start in range(0, stop, batch_size)
    ]
    return part.of(whole)
