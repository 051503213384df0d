"""How well a network does on a split."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from rexpand.data.split import Split
from rexpand.errors import DataError
from rexpand.models import Network, check_runs
from rexpand.rank import Spectrum
from rexpand.trace.evaluating import evaluating
from rexpand.train.processes import ALONE, Processes
from rexpand.train.scores import scores_of


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """Top-1 and top-5 accuracy in percent, mean cross-entropy, over `images`."""

    accuracy: float
    top5: float
    loss: float
    images: int


@torch.inference_mode()
def evaluate(
    network: nn.Module,
    split: Split,
    device: torch.device,
    batch_size: int = 256,
    num_classes: int | None = None,
    processes: Processes = ALONE,
) -> Evaluation:
    """Evaluate in eval mode, in order, without augmentation; the mode is put back.

    Several processes each evaluate their share; every image counts once.

    Raises DataError for a network that has not `num_classes` outputs, where that is
    given, and ForeignCodeError for one that fails.
    """
    at_once = min(batch_size, len(split))
    check_runs(network, images=at_once, resolution=split.contract.resolution)
    batches = split.batches(
        batch_size=batch_size,
        device=device,
        seed=None,
        augmentation=None,
        part=processes.part(),
    )
    top1 = top5 = images = 0
    loss = 0.0
    with evaluating(network):
        for batch, labels in batches:
            scores = scores_of(network, batch)
            _check_outputs(scores, num_classes)
            loss += float(cross_entropy(scores, labels, reduction="sum"))
            ranked = scores.topk(min(5, scores.shape[1])).indices == labels[:, None]
            top1 += int(ranked[:, 0].sum())
            top5 += int(ranked.sum())
            images += len(labels)
    if processes.are_many:
        sums = torch.tensor(
            [top1, top5, images, loss], dtype=torch.float64, device=device
        )
        processes.add_up(sums)
        top1, top5, images, loss = sums.tolist()  # counts are exact below 2**53
    return Evaluation(
        accuracy=100 * top1 / images,
        top5=100 * top5 / images,
        loss=loss / images,
        images=int(images),
    )


def _check_outputs(scores: Tensor, num_classes: int | None) -> None:
    if num_classes not in (None, scores.shape[1]):
        raise DataError(
            f"the network has {scores.shape[1]} outputs per image, the data "
            f"{num_classes} classes; give the data that it was trained on"
        )


@torch.inference_mode()
def penultimate_spectrum(
    network: Network, split: Split, device: torch.device, batch_size: int = 256
) -> Spectrum:
    """The spectrum of the penultimate features of a split, (images, features)."""
    batches = split.batches(
        batch_size=batch_size, device=device, seed=None, augmentation=None
    )
    spectrum = None
    with evaluating(network):
        for batch, _ in batches:
            features = network.forward_penultimate(batch)
            spectrum = spectrum or Spectrum(features.shape[1], "the penultimate layer")
            spectrum.update(features)
    assert spectrum is not None  # a split without images cannot be made
    return spectrum
