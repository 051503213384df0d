"""What a graph takes and gives: what is inside of it besides the network.

The plain form takes normalised images of one size and gives scores.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from rexpand.deploy.parity import BATCHES, device_of
from rexpand.errors import SpecError
from rexpand.spec import Image, ImageContract

# A free size is compared at these many pixels more: multiples of a network's stride.
_GROWN = ((0, 0), (32, 0), (32, 64))  # height, width


@dataclass(frozen=True, kw_only=True)
class GraphForm:
    """Normalisation inside, softmax inside, images of any size.

    With preprocessing inside the graph takes bytes, (batch, height, width, channels) as
    image libraries give them; resizing stays outside.
    """

    has_preprocessing: bool = False
    has_softmax: bool = False
    has_free_size: bool = False


PLAIN = GraphForm()


@dataclass(frozen=True, kw_only=True)
class GraphInput:
    """The images of a graph: an image of (channels, height, width), and its form."""

    image: Image
    form: GraphForm = PLAIN

    def example(self, device: torch.device) -> Tensor:
        """Two images of zeros, for tracing."""
        dtype = torch.uint8 if self.form.has_preprocessing else torch.float32
        return torch.zeros(2, *self._sizes(0, 0), dtype=dtype, device=device)

    def free_axes(self) -> Mapping[int, str]:
        """The axes that may have any size, by name."""
        if not self.form.has_free_size:
            return {0: "batch"}
        height = 1 if self.form.has_preprocessing else 2
        return {0: "batch", height: "height", height + 1: "width"}

    def random(self, seed: int) -> Iterator[Tensor]:
        """Random images to compare scores of, in batches of several numbers and sizes."""
        generator = torch.Generator().manual_seed(seed)
        for down, right in _GROWN if self.form.has_free_size else _GROWN[:1]:
            for batch in BATCHES:
                sizes = batch, *self._sizes(down, right)
                if self.form.has_preprocessing:
                    yield torch.randint(
                        256, sizes, dtype=torch.uint8, generator=generator
                    )
                else:
                    yield torch.randn(sizes, generator=generator)

    def _sizes(self, down: int, right: int) -> tuple[int, int, int]:
        channels, height, width = self.image
        if self.form.has_preprocessing:
            return height + down, width + right, channels
        return channels, height + down, width + right


def as_input(image: Image | GraphInput) -> GraphInput:
    """The input of a plain graph, for an image alone."""
    return image if isinstance(image, GraphInput) else GraphInput(image=image)


def formed(module: nn.Module, contract: ImageContract, form: GraphForm) -> nn.Module:
    """The module with what the form puts inside; itself where that is nothing.

    Raises SpecError for preprocessing whose mean and deviation are not known.
    """
    if form.has_preprocessing:
        module = _Normalised(module, contract)
    return _Softmaxed(module) if form.has_softmax else module


class _Normalised(nn.Module):
    """(byte / 255 - mean) / std of each channel, then the network."""

    scale: Tensor
    offset: Tensor

    def __init__(self, network: nn.Module, contract: ImageContract) -> None:
        super().__init__()
        if contract.mean is None or contract.std is None:
            raise SpecError(
                "mean and std of the network's images are not known, so preprocessing "
                "cannot be inside; give weights that say them, or leave it outside"
            )
        self.network = network
        device = device_of(network)
        mean = torch.tensor(contract.mean, dtype=torch.float64, device=device)
        std = torch.tensor(contract.std, dtype=torch.float64, device=device)
        per_channel = (-1, 1, 1)
        scale, offset = 1 / (255 * std), -mean / std
        self.register_buffer("scale", scale.float().view(per_channel))
        self.register_buffer("offset", offset.float().view(per_channel))

    def forward(self, images: Tensor) -> Tensor:
        pixels = images.permute(0, 3, 1, 2).float()
        return self.network(pixels * self.scale + self.offset)


class _Softmaxed(nn.Module):
    """The probabilities of a network's scores."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, images: Tensor) -> Tensor:
        return self.network(images).softmax(1)
