"""What a trained network makes of the images that judge it, image by image."""

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass
from heapq import nlargest

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.nn.functional import cross_entropy

from rexpand.data.split import Split
from rexpand.data.streams import StreamSplit
from rexpand.models import Network
from rexpand.records.judgement import Confusion, Example, Judgement
from rexpand.spec import ImageContract
from rexpand.trace.evaluating import evaluating
from rexpand.train.scores import scores_of

_WORST = 24  # images that are kept: four rows of a page
_SIDE = 112  # pixels of a picture at most
_SMALL = 64  # pixels up to which a picture is kept without loss


@dataclass(frozen=True, kw_only=True)
class _Judged:
    """An image with the network's answer; pixels are (channels, height, width)."""

    image: int
    label: int
    guess: int
    probability: float
    loss: float
    pixels: Tensor


@torch.inference_mode()
def judge(
    network: Network,
    split: Split,
    device: torch.device,
    batch_size: int,
    class_names: Sequence[str] = (),
) -> Judgement:
    """Judge a split in eval mode, in order, without augmentation.

    Names that are not as many as the classes are left out: a class is then its number.
    """
    batches = split.batches(
        batch_size=batch_size, device=device, seed=None, augmentation=None
    )
    pairs: list[Tensor] = []
    worst: list[_Judged] = []
    classes = seen = 0
    with evaluating(network):
        for images, labels in batches:
            scores = scores_of(network, images)
            classes = scores.shape[1]
            pairs.append(labels * classes + scores.argmax(1))
            found = _worst_of(images, labels, scores, seen)
            worst = nlargest(_WORST, [*worst, *found], key=lambda each: each.loss)
            seen += len(labels)
    names = tuple(class_names)
    if len(names) != classes:
        names = tuple(map(str, range(classes)))
    return Judgement(
        class_names=names,
        confusions=_confusions(torch.cat(pairs).cpu(), classes),
        worst=tuple(_example(each, split) for each in worst),
    )


def _worst_of(
    images: Tensor, labels: Tensor, scores: Tensor, first: int
) -> list[_Judged]:
    """The images of a batch with the highest loss; the first one is number `first`."""
    losses = cross_entropy(scores, labels, reduction="none")
    # A network that diverged has losses that are not numbers; they are the worst.
    losses = torch.nan_to_num(losses, nan=torch.inf)
    found = losses.topk(min(_WORST, len(losses))).indices
    probabilities, guesses = scores[found].softmax(1).nan_to_num(0).max(1)
    rows = zip(
        found.tolist(),
        labels[found].tolist(),
        guesses.tolist(),
        probabilities.tolist(),
        losses[found].tolist(),
        images[found].cpu(),
        strict=True,
    )
    return [
        _Judged(
            image=first + place,
            label=label,
            guess=guess,
            probability=min(probability, 1.0),
            loss=loss,
            pixels=pixels,
        )
        for place, label, guess, probability, loss, pixels in rows
    ]


def _confusions(pairs: Tensor, classes: int) -> tuple[Confusion, ...]:
    found, counts = np.unique(pairs.numpy(), return_counts=True)
    return tuple(
        Confusion(label=pair // classes, guess=pair % classes, images=count)
        for pair, count in zip(found.tolist(), counts.tolist(), strict=True)
    )


def _example(judged: _Judged, split: Split) -> Example:
    name = None  # images of an array have none
    if isinstance(split, StreamSplit):
        name = split.images[judged.image].name
    return Example(
        image=judged.image,
        label=judged.label,
        guess=judged.guess,
        probability=judged.probability,
        loss=judged.loss,
        picture=picture_of(judged.pixels, split.contract),
        name=name,
    )


def picture_of(pixels: Tensor, contract: ImageContract) -> str:
    """An image as the network saw it (channels, height, width), as a `data:` address.

    Colours come back as they were before normalisation. Of channels that are no colours
    the first is shown.
    """
    values = pixels.double()
    if contract.mean is not None and contract.std is not None:
        mean, std = torch.tensor(contract.mean), torch.tensor(contract.std)
        values = values * std[:, None, None] + mean[:, None, None]
    values = values if len(values) == 3 else values[:1]
    rows = (255 * values).round().clamp(0, 255).byte().permute(1, 2, 0).numpy()
    image = Image.fromarray(np.ascontiguousarray(rows.squeeze()))
    image.thumbnail((_SIDE, _SIDE))
    kind = "png" if max(image.size) <= _SMALL else "jpeg"
    file = io.BytesIO()
    image.save(file, kind, quality=85)
    return f"data:image/{kind};base64,{base64.b64encode(file.getvalue()).decode()}"
