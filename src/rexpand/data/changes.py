"""What is done to single images while they are read: the flip and RandAugment, in Pillow.

On CPUs this is faster than to batches of large images, and done by all threads that read.
"""

from dataclasses import dataclass

from PIL import Image

from rexpand.data.draws import Draws
from rexpand.data.epoch import Epoch
from rexpand.data.normalisation import Normalisation
from rexpand.data.rand_augment_image import Fill, rand_augmented_image


@dataclass(frozen=True, kw_only=True, eq=False)
class ImageChanges:
    """Those of an epoch, by the place of an image in it, as drawn."""

    is_flipping: bool
    has_operations: bool
    draws: Draws
    fill: Fill

    def made(self, image: Image.Image, place: int) -> Image.Image:
        """The image after its changes; of the same size and mode, grey or RGB."""
        if self.is_flipping and self.draws.is_flipped[place]:
            image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        if not self.has_operations:
            return image
        return rand_augmented_image(
            image,
            self.draws.operations[place].tolist(),
            self.draws.magnitudes[place].tolist(),
            self.fill,
        )


def changes_of(epoch: Epoch, normalisation: Normalisation) -> ImageChanges | None:
    """The changes that the epoch's augmentation asks for; its draws are on the CPU."""
    augmentation, draws = epoch.augmentation, epoch.draws
    if augmentation is None or draws is None:
        return None
    return ImageChanges(
        is_flipping=augmentation.flip,
        has_operations=augmentation.rand_augment is not None,
        draws=draws,
        fill=normalisation.mean_bytes(),
    )
