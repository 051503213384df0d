"""Do proxies order the trials of a finished study better than counting params and macs?

A trial's network gets new weights and sees training images; nothing is trained. Every
trial of a study uses the same budget, so params and macs have little left to tell there.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from statistics import fmean
from typing import Annotated

import numpy as np
import torch
from numpy.typing import NDArray

from rexpand.allowed import check_fields
from rexpand.codec import to_document
from rexpand.errors import StudyError
from rexpand.ranges import PROXY_IMAGES, SEEDS, TRIALS
from rexpand.records import (
    ProxyComparison,
    ProxyScores,
    StudySummary,
    TrialSummary,
    this_provenance,
    write_atomic,
)
from rexpand.records.proxies import FILE, ProxyName
from rexpand.search.design import StudyDesign, read_study
from rexpand.search.proxies.agreement import Agreement, interval_of, margins
from rexpand.search.proxies.catalogue import BASELINES, COUNTED, NAMES, proxy_names
from rexpand.search.proxies.scoring import (
    Scored,
    scores_of,
    study_data,
    training_images,
)
from rexpand.search.ranking import kendall
from rexpand.search.summary import summarise
from rexpand.train.training import fitted

LEAST_TRIALS = 10  # fewer order nothing
_LIBRARIES = ("rexpand", "torch", "numpy")


@dataclass(frozen=True, kw_only=True)
class ProxyPlan:
    """What is asked of how many trials: proxies, initialisations and images of each.

    Params and macs always are. Of more than `trials` finished ones so many are drawn by
    the study's seed. Raises StudyError for a value that is not allowed.
    """

    names: tuple[ProxyName, ...] = NAMES
    initialisations: Annotated[int, SEEDS] = 5
    images: Annotated[int, PROXY_IMAGES] = 128
    trials: Annotated[int, TRIALS] = 1000

    def __post_init__(self) -> None:
        check_fields(self, StudyError)


@dataclass(frozen=True, kw_only=True)
class ProxyStudy:
    """The trials of a study that proxies are compared over."""

    folder: Path
    design: StudyDesign
    summary: StudySummary
    trials: tuple[TrialSummary, ...]
    plan: ProxyPlan


def proxy_study(folder: str | Path, plan: ProxyPlan | None = None) -> ProxyStudy:
    """The finished trials of a study, of many so many as the plan says.

    Raises StudyError for a study with fewer than ten, or without the accuracies of their
    seeds.
    """
    folder, plan = Path(folder), plan or ProxyPlan()
    design, summary = read_study(folder), summarise(folder)
    if design.detector is not None:
        raise StudyError(
            f"the trials of {folder} are detectors, and proxies score classifiers; give a "
            "study of classifiers"
        )
    finished = [each for each in summary.random_trials if each.state == "complete"]
    if len(finished) < LEAST_TRIALS:
        raise StudyError(
            f"{folder} has {len(finished)} finished trials, and proxies are compared over "
            f"at least {LEAST_TRIALS}; run `rexpand search resume {folder}`, or give it more"
        )
    if bare := [each.number for each in finished if not each.accuracies]:
        raise StudyError(
            f"trial {bare[0]} of {folder} has no accuracies of its seeds; give a study that "
            "`rexpand search` trained"
        )
    rng = np.random.default_rng(design.sampling_seed)
    drawn = sorted(rng.permutation(len(finished))[: plan.trials])
    return ProxyStudy(
        folder=folder,
        design=design,
        summary=summary,
        trials=tuple(finished[each] for each in drawn),
        plan=plan,
    )


def compare_proxies(
    study: ProxyStudy,
    *,
    data_root: str | Path | None = None,
    device: torch.device | None = None,
    on_trial: Callable[[int], None] = lambda count: None,
) -> ProxyComparison:
    """Score the trials, and write what that tells into the folder of the study.

        compare_proxies(proxy_study("runs/search")).proxies

    `on_trial` hears of each one that is scored. Raises DataError as `load` does, and
    RankError where a proxy has no value.
    """
    design, plan = study.design, study.plan
    data = study_data(design, data_root)
    images = training_images(data, design, plan.images, device or torch.device("cpu"))
    names = proxy_names((*BASELINES, *plan.names))
    spec = fitted(design.spec, data)
    scored = scores_of(
        spec, study.trials, names, plan.initialisations, images, on_trial
    )
    comparison = ProxyComparison(
        study=study.summary.name,
        data=design.data,
        resolution=spec.side,
        images=len(images),
        initialisations=tuple(range(plan.initialisations)),
        seeds=design.seeds,
        trials=tuple(each.number for each in study.trials),
        accuracies=tuple(fmean(each.accuracies) for each in study.trials),
        params=tuple(each.params for each in study.trials),
        macs=tuple(each.macs for each in study.trials),
        proxies=_ordered(study, scored),
        seed_tau=study.summary.noise.tau.mean if study.summary.noise else None,
        training_seconds=fmean(each.seconds for each in study.trials),
        provenance=this_provenance(
            _LIBRARIES,
            threads=torch.get_num_threads(),
            device=images.device.type,
            seeds=tuple(range(plan.initialisations)),
            data_fingerprint=data.fingerprint,
        ),
    )
    write_atomic(study.folder / FILE, to_document(comparison))
    return comparison


def _ordered(study: ProxyStudy, scored: Sequence[Scored]) -> tuple[ProxyScores, ...]:
    """How the scores order the trials."""
    accuracies = [fmean(each.accuracies) for each in study.trials]
    agreement = Agreement(accuracies, seed=study.design.sampling_seed)
    taus = {each.name: agreement.taus(each.scores.mean(axis=1)) for each in scored}
    ahead = margins(taus, BASELINES)
    return tuple(
        ProxyScores(
            name=each.name,
            is_counted=each.name in COUNTED,
            scores=tuple(each.scores.mean(axis=1).tolist()),
            tau=interval_of(taus[each.name]),
            margin=interval_of(ahead[each.name]) if each.name in ahead else None,
            agreement=_between(each.scores),
            seconds=each.seconds,
        )
        for each in scored
    )


def _between(scores: NDArray[np.float64]) -> float | None:
    """Mean tau of two initialisations; None of one."""
    pairs = [*combinations(scores.T, 2)]
    return fmean(kendall(*pair) for pair in pairs) if pairs else None
