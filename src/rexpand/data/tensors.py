"""A split held whole in memory as bytes, on the device that asks for it."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Self

import torch
from torch import Tensor
from torch.nn import functional

from rexpand.data.epoch import Epoch, batch_spans, check_batch, plan_epoch
from rexpand.data.normalisation import Normalisation, normalisation_of
from rexpand.data.part import WHOLE, Part
from rexpand.data.split import (
    Digest,
    Indices,
    Labels,
    checked_indices,
    checked_side,
    parted_rows,
    stratified,
)
from rexpand.errors import DataError
from rexpand.recipe import Augmentation
from rexpand.spec import ImageContract, Interpolation


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class TensorSplit:
    """Images as uint8 (stored, height, width, channels), square.

    `rows` picks the images of this split among those stored, all without it, so that
    subsets share the bytes; `labels` has one label for each row. Batches are resized
    to `resolution` / `crop` after augmentation where that is not the images' own side,
    and their centre is cut out. The bytes move to a device once and stay there as long
    as a split lives that shares them.
    """

    images: Tensor
    labels: Labels
    normalisation: Normalisation
    resolution: int
    crop: float = 1.0
    interpolation: Interpolation = "bilinear"
    rows: Labels | None = None
    _on_device: dict[torch.device, Tensor] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        expected = len(self.images) if self.rows is None else len(self.rows)
        if len(self.labels) != expected or expected == 0:
            raise DataError(
                f"{expected} images have {len(self.labels)} labels; "
                "give each image one label, and at least one image"
            )
        channels, expected = self.images.shape[-1], len(self.normalisation.mean)
        if channels != expected:
            raise DataError(
                f"images of {channels} channels do not fit a normalisation of {expected}"
            )

    def __repr__(self) -> str:
        return f"<TensorSplit of {len(self):,} images, {self.resolution} pixels>"

    def __len__(self) -> int:
        return len(self.labels)

    def subset(self, indices: Indices) -> Self:
        picked = checked_indices(indices, len(self))
        rows = picked if self.rows is None else self.rows[picked]
        return replace(self, rows=rows, labels=self.labels[picked])

    def fair_part(self, count: int, seed: int) -> Self:
        return self.subset(stratified(self.labels, count, seed))

    def parted(self, count: int, seed: int) -> tuple[Self, Self]:
        rest, part = parted_rows(self.labels, count, seed)
        return self.subset(rest), self.subset(part)

    def renumbered(self, places: Labels) -> Self:
        return replace(self, labels=places[self.labels])

    @property
    def converted(self) -> frozenset[str]:
        return frozenset()

    @property
    def stored_side(self) -> int | None:
        return self.images.shape[1]

    @property
    def contract(self) -> ImageContract:
        return ImageContract(
            channels=self.images.shape[-1],
            height=self.resolution,
            width=self.resolution,
            mean=self.normalisation.mean,
            std=self.normalisation.std,
            interpolation=self.interpolation,
            crop=self.crop,
            origin="data",
        )

    def seen_as(self, contract: ImageContract) -> Self:
        side = checked_side(contract, self.images.shape[-1])
        return replace(
            self,
            resolution=side,
            crop=contract.crop,
            interpolation=contract.interpolation,
            normalisation=normalisation_of(contract) or self.normalisation,
        )

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
        check_batch(len(self), batch_size, self.contract)
        spans = batch_spans(len(self), batch_size, drop_last, part)
        epoch = plan_epoch(
            len(self),
            seed=seed,
            augmentation=augmentation,
            resolution=self.images.shape[1],
            channels=self.images.shape[-1],
        )
        return self._run(epoch, spans, device)

    def feed(self, digest: Digest) -> None:
        """The bytes of all stored images, which of them are picked, and the labels."""
        digest.update(repr(tuple(self.images.shape)).encode())
        digest.update(self.images.contiguous().numpy().data)
        for whole in (self.rows, self.labels):
            digest.update(b"all" if whole is None else whole.tobytes())

    def stored_images(self) -> Iterator[Tensor]:
        """The bytes of each image in order, (height, width, channels)."""
        rows = range(len(self)) if self.rows is None else self.rows
        return (self.images[int(row)] for row in rows)

    def _run(
        self, epoch: Epoch, spans: list[slice], device: torch.device
    ) -> Iterator[tuple[Tensor, Tensor]]:
        images = self._resident(device)
        order = epoch.order.numpy()
        labels = torch.from_numpy(self.labels[order]).to(device)
        picked = order if self.rows is None else self.rows[order]
        rows = torch.from_numpy(picked).to(device)
        epoch = epoch.to(device)
        for span in spans:
            batch = images.index_select(0, rows[span])
            pixels = epoch.pixels(batch, span, self.normalisation)
            yield self._resized(pixels), labels[span]

    def _resident(self, device: torch.device) -> Tensor:
        if device not in self._on_device:
            self._on_device[device] = self.images.to(device)
        return self._on_device[device]

    def _resized(self, pixels: Tensor) -> Tensor:
        side = round(self.resolution / self.crop)
        if pixels.shape[-1] != side:
            pixels = _interpolated(pixels, side, self.interpolation)
        if side == self.resolution:
            return pixels
        first = (side - self.resolution) // 2
        cut = slice(first, first + self.resolution)
        return pixels[..., cut, cut].contiguous(memory_format=torch.channels_last)


def _interpolated(pixels: Tensor, side: int, interpolation: Interpolation) -> Tensor:
    """Pixels at another size; torch knows no Lanczos on tensors, which bicubic is near."""
    size = (side, side)
    if interpolation == "nearest":
        resized = functional.interpolate(pixels, size=size, mode="nearest-exact")
    else:
        mode = "bilinear" if interpolation == "bilinear" else "bicubic"
        resized = functional.interpolate(pixels, size=size, mode=mode, antialias=True)
    return resized.contiguous(memory_format=torch.channels_last)
