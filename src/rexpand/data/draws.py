"""Augmentation of whole batches on the device, image by image.

Chance is drawn first, as values (`Draws`), and applied after; pixels that come from
outside the image and pixels cut out are 0 after normalisation, the mean colour.
"""

from dataclasses import dataclass, fields

import torch
from torch import Tensor

from rexpand.data.erasing import draw_rectangles, erase
from rexpand.data.normalisation import Normalisation
from rexpand.data.rand_augment import draw_operations, rand_augmented
from rexpand.data.rand_augment_image import rand_augmented_each
from rexpand.recipe import Augmentation

_LARGE = 64  # pixels a side from which RandAugment is image by image on a CPU
_PILLOWS = (1, 3)  # channels that it knows


@dataclass(frozen=True, kw_only=True, eq=False)
class Draws:
    """What chance decided, one row per image.

    `is_flipped` is (images,); `shifts` and `centres` are (images, 2), a row and a
    column: of the crop in the padded image, and of the pixel that cutout is around.
    `operations` and `magnitudes` are RandAugment's, `rectangles` those of erasing; they
    have no columns where these are not asked for.
    """

    is_flipped: Tensor
    shifts: Tensor
    centres: Tensor
    operations: Tensor
    magnitudes: Tensor
    rectangles: Tensor

    def rows(self, span: slice) -> "Draws":
        """The draws of the images in `span`."""
        return Draws(**{f.name: getattr(self, f.name)[span] for f in fields(self)})

    def to(self, device: torch.device) -> "Draws":
        """The draws on a device."""
        return Draws(**{f.name: getattr(self, f.name).to(device) for f in fields(self)})


def draw(
    augmentation: Augmentation,
    *,
    count: int,
    resolution: int,
    generator: torch.Generator,
) -> Draws:
    """Draw for `count` square images of `resolution`."""
    shifts = 2 * augmentation.crop_padding + 1
    is_flipped = torch.randint(2, (count,), generator=generator) == 1
    shift = torch.randint(shifts, (count, 2), generator=generator)
    centres = torch.randint(resolution, (count, 2), generator=generator)
    operations, magnitudes = draw_operations(
        augmentation.rand_augment, count, generator
    )
    return Draws(
        is_flipped=is_flipped,
        shifts=shift,
        centres=centres,
        operations=operations,
        magnitudes=magnitudes,
        rectangles=draw_rectangles(
            augmentation.erasing,
            count=count,
            resolution=resolution,
            generator=generator,
        ),
    )


def augment(
    images: Tensor,
    *,
    augmentation: Augmentation,
    draws: Draws,
    normalisation: Normalisation,
    noise: Tensor,
) -> Tensor:
    """Map uint8 (batch, height, width, channels) to float32 of the same shape.

    `noise` is what random erasing takes its pixels from.
    """
    if augmentation.flip:
        is_flipped = draws.is_flipped[:, None, None, None]
        # bytes are flipped, not floats: a quarter of the traffic
        images = torch.where(is_flipped, images.flip(2), images)
    if augmentation.rand_augment:
        images = _rand_augmented(images, draws, normalisation.mean_bytes())
    pixels = normalisation.apply(images)
    if augmentation.crop_padding:
        pixels = _cropped(pixels, draws.shifts, augmentation.crop_padding)
    if augmentation.cutout:
        pixels.masked_fill_(_holes(pixels, draws.centres, augmentation.cutout), 0)
    if augmentation.erasing:
        erase(pixels, draws.rectangles, noise)
    return pixels


def _rand_augmented(images: Tensor, draws: Draws, fill: tuple[int, ...]) -> Tensor:
    operations, magnitudes = draws.operations, draws.magnitudes
    is_large = images.shape[1] >= _LARGE and images.shape[3] in _PILLOWS
    if is_large and images.device.type == "cpu":
        return rand_augmented_each(images, operations, magnitudes, fill)
    return rand_augmented(images, operations, magnitudes, torch.tensor(fill))


def _cropped(pixels: Tensor, shifts: Tensor, padding: int) -> Tensor:
    """Pad with zeros, and crop back at the row and the column of `shifts`.

    A row of a crop is one run of memory in the padded batch, so that the batch is a
    single selection of runs, several times faster than indexing by pixel.
    """
    batch, height, width, channels = pixels.shape
    tall, wide = height + 2 * padding, width + 2 * padding
    padded = pixels.new_zeros(batch, tall, wide, channels)
    padded[:, padding : padding + height, padding : padding + width] = pixels
    run = width * channels
    runs = padded.view(-1).as_strided((padded.numel() - run + 1, run), (1, 1))
    top, left = shifts[:, :1], shifts[:, 1:]
    row = torch.arange(batch, device=pixels.device)[:, None] * tall + top
    row = row + torch.arange(height, device=pixels.device)
    starts = (row * wide + left) * channels
    return runs.index_select(0, starts.flatten()).view(pixels.shape)


def _holes(pixels: Tensor, centres: Tensor, side: int) -> Tensor:
    """True in a square around each centre: (batch, height, width, 1)."""
    _, height, width, _ = pixels.shape
    rows = _span(centres[:, :1], side, height)
    columns = _span(centres[:, 1:], side, width)
    return (rows[:, :, None] & columns[:, None, :])[..., None]


def _span(centres: Tensor, side: int, length: int) -> Tensor:
    """True on the `side` places around each centre: (batch, length)."""
    place = torch.arange(length, device=centres.device)
    start = centres - side // 2
    return (place >= start) & (place < start + side)
