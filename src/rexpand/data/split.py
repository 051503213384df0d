"""A split: images with labels, cut into batches; and fair parts of one."""

from collections.abc import Iterator, Sequence, Set
from typing import Protocol, Self, TypeVar

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from rexpand.data.part import WHOLE, Part
from rexpand.errors import DataError
from rexpand.recipe import Augmentation
from rexpand.spec import ImageContract

Labels = npt.NDArray[np.int64]
Indices = Sequence[int] | Labels


class Digest(Protocol):
    """A hash, as hashlib's are."""

    def update(self, content: bytes | memoryview, /) -> None:
        """Add bytes."""


class Split(Protocol):
    """Images with labels."""

    @property
    def labels(self) -> Labels:
        """Class of each image, (images,); DataError for a stream, which is not read now."""

    def __len__(self) -> int:
        """Number of images."""

    def batches(
        self,
        *,
        batch_size: int,
        device: torch.device,
        seed: int | None,
        augmentation: Augmentation | None,
        drop_last: bool = False,
        part: Part = WHOLE,
    ) -> Iterator[tuple[Tensor, Tensor]]:
        """Each image once: float32 (batch, channels, height, width), int64 (batch,).

        Images are normalised and in channels_last memory. With a seed, order and
        augmentation are a pure function of it; without, the images come in order.
        With `part` only its batches, or its slices of them, come: the same bits.
        Raises DataError for an augmentation without a seed, and if no batch results.
        """

    def subset(self, indices: Indices) -> Self:
        """The images at `indices`, in that order; DataError if one does not exist.

        Also for a stream, which is read in its order alone.
        """

    def feed(self, digest: "Digest") -> None:
        """Give a hash what tells these images and labels from others."""

    def fair_part(self, count: int, seed: int) -> Self:
        """`stratified_subset`; of a stream, whose labels are not known, its beginning."""

    def parted(self, count: int, seed: int) -> tuple[Self, Self]:
        """`hold_out`; of a stream, what comes after its beginning, and that."""

    def renumbered(self, places: Labels) -> Self:
        """The same images; what was of class c is of class places[c]."""

    @property
    def converted(self) -> Set[str]:
        """Colour modes other than RGB (Pillow's names) of the images read so far."""

    @property
    def stored_side(self) -> int | None:
        """Side of the images as they are stored, pixels; None for files of any size."""

    @property
    def contract(self) -> ImageContract:
        """How the images are fed: size, crop, normalisation; no class names."""

    def seen_as(self, contract: ImageContract) -> Self:
        """The same images, fed as a network's contract says.

        Where it has no mean and std, they stay normalised as they were. Raises
        DataError for a contract of other channels, or of images that are not square.
        """


SomeSplit = TypeVar("SomeSplit", bound=Split)


def checked_side(contract: ImageContract, channels: int) -> int:
    """The side of a contract's images; DataError if images of `channels` do not fit."""
    if contract.channels != channels:
        raise DataError(
            f"the network takes images of {contract.channels} channels, the data has "
            f"{channels}; give data of {contract.channels} channels, or a network of "
            f"in_channels={channels}"
        )
    if contract.height != contract.width:
        raise DataError(
            f"the network takes images of {contract.height}x{contract.width}, the data "
            f"is cut to squares; give one side, such as --resolution {contract.height}"
        )
    return contract.height


def checked_indices(indices: Indices, count: int) -> Labels:
    """Indices as int64; raises DataError unless all lie in [0, count)."""
    array = np.asarray(indices)
    if array.ndim != 1 or array.size == 0 or array.dtype.kind not in "iu":
        raise DataError(
            f"indices of type {array.dtype} and shape {array.shape} pick no images; "
            "give a list of integers (numpy.flatnonzero of a mask)"
        )
    if array.min() < 0 or array.max() >= count:
        worst = array.max() if array.max() >= count else array.min()
        raise DataError(f"index {worst} is outside the {count} images of the split")
    return array.astype(np.int64)


def stratified_subset(split: SomeSplit, count: int, seed: int) -> SomeSplit:
    """`count` images, each class in its share (largest remainder), in their order.

    Raises DataError unless 1 <= count <= len(split).
    """
    return split.fair_part(count, seed)


def hold_out(split: SomeSplit, count: int, seed: int) -> tuple[SomeSplit, SomeSplit]:
    """Part a split in two, (rest, held out): a stratified subset, and what is left.

    Raises DataError unless 1 <= count < len(split).
    """
    return split.parted(count, seed)


def check_share(count: int, images: int, *, leaves_some: bool) -> None:
    """Raise DataError unless so many of the images can be taken."""
    if leaves_some and count == images:
        raise DataError(f"holding out all {count} images leaves none; hold out fewer")
    if not 1 <= count <= images:
        raise DataError(
            f"cannot take {count} of {images} images; ask for fewer (those that a "
            "recipe holds out count too)"
        )


def parted_rows(labels: Labels, count: int, seed: int) -> tuple[Labels, Labels]:
    """The rows of `hold_out`: of the rest, and of those that are held out."""
    check_share(count, len(labels), leaves_some=True)
    held_out = stratified(labels, count, seed)
    return np.setdiff1d(np.arange(len(labels)), held_out), held_out


def stratified(labels: Labels, count: int, seed: int) -> Labels:
    """The rows of `stratified_subset`, sorted."""
    check_share(count, len(labels), leaves_some=False)
    generator = np.random.default_rng(seed)
    shares = _shares(np.bincount(labels), count)
    parts = [
        generator.permutation(np.flatnonzero(labels == label))[:share]
        for label, share in enumerate(shares)
    ]
    return np.sort(np.concatenate(parts))


def _shares(class_sizes: Labels, count: int) -> Labels:
    """Part `count` in proportion to `class_sizes`; ties go to the lower class."""
    whole, remainder = np.divmod(class_sizes * count, class_sizes.sum())
    largest_first = np.argsort(-remainder, kind="stable")
    whole[largest_first[: count - whole.sum()]] += 1
    return whole
