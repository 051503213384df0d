"""What every proxy gives for networks with new weights, on images of a study."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from rexpand.cost import cost_of
from rexpand.data.dataset import DataSet, with_train_subset
from rexpand.data.load import load
from rexpand.data.split import hold_out, stratified_subset
from rexpand.models import build_for_training, check_runs
from rexpand.records import TrialSummary
from rexpand.records.proxies import ProxyName
from rexpand.search.design import StudyDesign
from rexpand.search.proxies.catalogue import COUNTED, Proxy, measured_proxies
from rexpand.spec import NetworkSpec


@dataclass(frozen=True, kw_only=True, eq=False)
class Scored:
    """The scores of a proxy, (trials, initialisations), and the seconds for a trial."""

    name: ProxyName
    scores: NDArray[np.float64]
    seconds: float


def training_images(
    data: DataSet, design: StudyDesign, count: int, device: torch.device
) -> Tensor:
    """Images that the study trains on, each class in its share, none that judges."""
    held_out, seed = design.recipe.validation, design.sampling_seed
    data = with_train_subset(data, design.train_subset, held_out=held_out, seed=seed)
    training, _ = hold_out(data.train, held_out, seed=0)
    count = min(count, len(training))
    part = stratified_subset(training, count, seed=seed)
    batches = part.batches(
        batch_size=count, device=device, seed=None, augmentation=None
    )
    return next(iter(batches))[0]


def study_data(design: StudyDesign, root: str | Path | None) -> DataSet:
    """The data set of a study, at the size of its networks; DataError as `load` does."""
    return load(design.data, root=root, resolution=design.spec.side)


def scores_of(
    spec: NetworkSpec,
    trials: Sequence[TrialSummary],
    names: Sequence[ProxyName],
    initialisations: int,
    images: Tensor,
    on_trial: Callable[[int], None],
) -> list[Scored]:
    """The scores of trials, whose networks are `spec` with their channels.

    Initialisation n has the weights that a training of seed n begins with.
    """
    known = measured_proxies()
    measured = {name: known[name] for name in names if name in known}
    found: dict[ProxyName, list[list[float]]] = {name: [] for name in names}
    spent = dict.fromkeys(names, 0.0)
    for trial in trials:
        one = spec.with_channels(trial.channels)
        start = time.perf_counter()
        counts = _counts(one, trial)
        seconds = time.perf_counter() - start
        for name in (name for name in names if name in COUNTED):
            found[name].append([float(counts[name])])
            spent[name] += seconds
        for name, proxy in measured.items():
            start = time.perf_counter()
            found[name].append(
                [_score(proxy, one, seed, images) for seed in range(initialisations)]
            )
            spent[name] += time.perf_counter() - start
        on_trial(1)
    return [
        Scored(name=name, scores=np.array(rows), seconds=spent[name] / len(trials))
        for name, rows in found.items()
    ]


def _counts(spec: NetworkSpec, trial: TrialSummary) -> Mapping[ProxyName, int]:
    """What is counted: params and macs as the study's budget counts them."""
    activations = int(cost_of(spec).activations)
    return {"params": trial.params, "macs": trial.macs, "activations": activations}


def _score(proxy: Proxy, spec: NetworkSpec, seed: int, images: Tensor) -> float:
    torch.manual_seed(seed)
    network = build_for_training(spec)
    check_runs(network, images=len(images), resolution=images.shape[-1])
    return proxy(network.to(images.device), images)
