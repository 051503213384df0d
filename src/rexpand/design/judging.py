"""Which of two networks is better on the test images, and how sure that is."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray

from rexpand.cost import cost_of
from rexpand.data.dataset import DataSet
from rexpand.models import open_source
from rexpand.records import Interval, Record, VerdictWord
from rexpand.records.design import DesignSide, DesignVerdict
from rexpand.records.record import WEIGHTS
from rexpand.search.arms import Arm
from rexpand.search.intervals import CONFIDENCE, interval
from rexpand.spec import Source
from rexpand.trace.evaluating import evaluating
from rexpand.train.scores import scores_of

_RESAMPLES = 10_000
_BATCH = 256


def verdict_of(
    arms: tuple[Arm, Arm],
    records: tuple[Sequence[Record], Sequence[Record]],
    data: DataSet,
    device: torch.device,
    latencies: tuple[float | None, float | None] = (None, None),
) -> DesignVerdict:
    """The verdict on the searched network, the first of both, over the seeds of both."""
    right = [
        np.stack([_right(arm.folder / f"seed-{r.seed}", data, device) for r in theirs])
        for arm, theirs in zip(arms, records, strict=True)
    ]
    gains = 100 * (right[0].mean(axis=1) - right[1].mean(axis=1))
    by_seed = interval([float(gain) for gain in gains])
    assert by_seed is not None
    by_image = paired_bootstrap(100 * (right[0].mean(axis=0) - right[1].mean(axis=0)))
    searched, catalogue = (
        _side(arm, theirs, ms)
        for arm, theirs, ms in zip(arms, records, latencies, strict=True)
    )
    return DesignVerdict(
        searched=searched,
        catalogue=catalogue,
        gains=tuple(float(gain) for gain in gains),
        by_seed=by_seed,
        by_image=by_image,
        verdict=verdict_word(by_seed, by_image),
        confidence=CONFIDENCE,
        test_images=len(data.test),
        seconds=sum(each.seconds for theirs in records for each in theirs),
    )


def paired_bootstrap(differences: ArrayLike) -> Interval:
    """The mean of paired differences, one per image, with its percentile interval.

    Resampling n values with replacement draws from a multinomial distribution over those
    that are different, of which there are few (Efron and Tibshirani, 1993, chapter 13).
    """
    values, counts = np.unique(np.asarray(differences, np.float64), return_counts=True)
    count = int(counts.sum())
    drawn = np.random.default_rng(0).multinomial(count, counts / count, _RESAMPLES)
    means = drawn @ values / count
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(means, [tail, 1 - tail])
    middle = float(counts @ values / count)
    return Interval(mean=middle, low=float(low), high=float(high), count=count)


def verdict_word(by_seed: Interval, by_image: Interval) -> VerdictWord:
    """Better or worse where every interval that is known leaves out 0."""
    known = [
        (each.low, each.high)
        for each in (by_seed, by_image)
        if each.low is not None and each.high is not None
    ]
    if all(low > 0 for low, _ in known):
        return "better"
    return "worse" if all(high < 0 for _, high in known) else "undecided"


@torch.inference_mode()
def _right(folder: Path, data: DataSet, device: torch.device) -> NDArray[np.float64]:
    """1 for each test image whose class a trained network finds, else 0."""
    opened = open_source(Source(kind="checkpoint", name=str(folder / WEIGHTS)))
    network = opened.module.to(device)
    found = []
    batches = data.test.seen_as(opened.contract).batches(
        batch_size=_BATCH, device=device, seed=None, augmentation=None
    )
    with evaluating(network):
        for images, labels in batches:
            found.append(scores_of(network, images).argmax(1) == labels)
    return torch.cat(found).cpu().numpy().astype(np.float64)


def _side(arm: Arm, records: Sequence[Record], latency_ms: float | None) -> DesignSide:
    cost = cost_of(arm.spec)
    accuracies = tuple(record.accuracy for record in records)
    return DesignSide(
        network=arm.spec.name,
        channels=arm.spec.channels,
        params=cost.params,
        macs=cost.macs,
        accuracies=accuracies,
        accuracy=interval(accuracies),
        latency_ms=latency_ms,
    )
