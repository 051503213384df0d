"""The error of ranking by short trainings, and what a rule of pruning does by it.

A study without pruning has every training in full, so its records tell what each rule
would have done. In one with pruning the trials that the rule spares tell it.
"""

from bisect import insort
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

import numpy as np

from rexpand.records import RankingError, ShortTraining, StoppingOutcome
from rexpand.records.study_pruning import StoppingRule
from rexpand.search.design import StudyDesign
from rexpand.search.intervals import jackknifed
from rexpand.search.pruning import (
    ELDERS,
    cohort_of,
    is_spared,
    pauses,
    rungs,
    survivors,
)
from rexpand.search.ranking import kendall

_RULES: tuple[StoppingRule, ...] = ("median", "halving")
_LEAST = 3  # trials, for a correlation
_MOST_EPOCHS = 20  # whose order is compared with the final one
_MOST_ORDERS = 100
_WORK = 200_000  # epochs that are looked at in all orders together


@dataclass(frozen=True, kw_only=True)
class Curve:
    """A trial that is over: the accuracies of its first seed after each epoch.

    `final` is the accuracy of the trial, None for one that was stopped or that failed.
    """

    number: int
    accuracies: tuple[float, ...]
    final: float | None
    is_stopped: bool = False

    def after(self, epochs: int) -> float:
        """The accuracy after so many epochs, or the last one before; -1 without any."""
        return self.accuracies[:epochs][-1] if self.accuracies else -1.0


def ranking_error(design: StudyDesign, curves: Sequence[Curve]) -> RankingError | None:
    """What the trials that are over tell of short trainings.

    None where there is nothing to tell of: no epoch before the last, or no trial that
    was trained in full.
    """
    seed, rule = design.sampling_seed, design.pruning
    whole = [
        each
        for each in curves
        if each.final is not None
        and each.accuracies
        and (rule == "none" or is_spared(each.number, seed))
    ]
    if not whole or design.recipe.epochs < 2:
        return None
    rules = _RULES if rule == "none" else (rule,)
    found = (_outcome(each, design, curves, whole) for each in rules)
    return RankingError(
        rule=rule,
        epochs=design.recipe.epochs,
        trials=tuple(each.number for each in whole),
        stopped=sum(each.is_stopped for each in curves),
        short=_short(whole, design.recipe.epochs),
        outcomes=tuple(each for each in found if each is not None),
    )


def _short(whole: Sequence[Curve], epochs: int) -> tuple[ShortTraining, ...]:
    """Tau of the accuracy after some epochs and the final one; none of too few trials."""
    if len(whole) < _LEAST:
        return ()
    final = np.array([each.final for each in whole], dtype=float)
    spaced = np.linspace(1, epochs, min(epochs, _MOST_EPOCHS)).round().astype(int)
    chosen = sorted({*spaced.tolist(), *rungs(epochs)})

    def short(count: int) -> ShortTraining:
        early = np.array([each.after(count) for each in whole])
        tau = jackknifed(lambda rows: kendall(early[rows], final[rows]), len(whole))
        return ShortTraining(epochs=count, tau=tau)

    return tuple(short(count) for count in chosen)


def _outcome(
    rule: StoppingRule,
    design: StudyDesign,
    curves: Sequence[Curve],
    whole: Sequence[Curve],
) -> StoppingOutcome | None:
    """What a rule does to the trials in full, or would have done.

    None where it has no epoch to stop them at, or has not come there.
    """
    if not pauses(rule, design.recipe.epochs):
        return None
    if design.pruning == "none":
        curves = whole
    if rule == "halving":
        cohorts = _cohorts(design, curves)
        orders = [_halved(design, curves, cohorts)]
        whole = [each for each in whole if any(each.number in c for c in cohorts)]
    elif design.pruning == rule:
        orders = [_below_median(design, curves)]
    else:
        orders = list(_in_random_orders(design, curves))
    if not whole:
        return None
    tenth = max(len(whole) // 10, 1)
    lost = [_points_lost(whole, stops) for stops in orders]
    known = [each for each in lost if each is not None]
    return StoppingOutcome(
        rule=rule,
        rungs=rungs(design.recipe.epochs) if rule == "halving" else (),
        orders=len(orders),
        best_stopped=fmean(_share_stopped(whole, 1, stops) for stops in orders),
        top_stopped=fmean(_share_stopped(whole, tenth, stops) for stops in orders),
        points_lost=fmean(known) if known else None,
        epochs_saved=fmean(_saved(design, curves, stops) for stops in orders),
    )


Stops = Mapping[int, int]  # the epochs after which a rule stops trials, by number


def _cohorts(
    design: StudyDesign, curves: Sequence[Curve]
) -> Collection[Collection[int]]:
    """The cohorts that halving compares, as far as all of their trials are over.

    Without pruning, those trials alone that are trained in full.
    """
    sizes = design.cohorts
    found: dict[range, set[int]] = {}
    for each in curves:
        found.setdefault(cohort_of(each.number, sizes), set()).add(each.number)
    if design.pruning == "none":
        return found.values()
    return [own for cohort, own in found.items() if len(own) == len(cohort)]


def _halved(
    design: StudyDesign, curves: Sequence[Curve], cohorts: Iterable[Collection[int]]
) -> Stops:
    """Where halving stops the trials of cohorts, spared ones too."""
    stops: dict[int, int] = {}
    rounds: list[Mapping[int, float | None]] = []
    for rung in rungs(design.recipe.epochs):
        rounds.append({each.number: each.after(rung) for each in curves})
        for cohort in cohorts:
            going = survivors(cohort, rounds)
            assert going is not None  # all of them are over
            out = set(cohort) - going - stops.keys()
            stops |= dict.fromkeys(out, rung)
    return stops


def _in_random_orders(design: StudyDesign, curves: Sequence[Curve]) -> Iterator[Stops]:
    """Where the median rule stops trials that come in one random order after another."""
    rng = np.random.default_rng(design.sampling_seed)
    orders = _WORK // max(len(curves) * design.recipe.epochs, 1)
    for _ in range(min(max(orders, 1), _MOST_ORDERS)):
        drawn = rng.permutation(len(curves))
        yield _below_median(design, [curves[each] for each in drawn])


def _below_median(design: StudyDesign, curves: Sequence[Curve]) -> Stops:
    """Where the median rule stops trials that come in their order, spared ones too."""
    elders: dict[int, list[float]] = {}
    complete = 0
    stops: dict[int, int] = {}
    for each in curves:
        stop = _first_below(each, elders, design.recipe.epochs)
        if stop is not None and complete >= ELDERS:
            stops[each.number] = stop
        if each.final is None or _is_stopped(design, each, stops):
            continue
        complete += 1
        for epochs, accuracy in enumerate(each.accuracies, start=1):
            insort(elders.setdefault(epochs, []), accuracy)
    return stops


def _is_stopped(design: StudyDesign, curve: Curve, stops: Stops) -> bool:
    """Whether a trial was stopped or, in a study without pruning, would have been."""
    is_free = is_spared(curve.number, design.sampling_seed)
    would = curve.number in stops and not is_free
    return curve.is_stopped or (design.pruning == "none" and would)


def _first_below(
    curve: Curve, elders: Mapping[int, Sequence[float]], epochs: int
) -> int | None:
    """After how many epochs a trial is first below the median of its elders, if ever."""
    best = max(curve.accuracies[:1], default=0.0)
    for count, accuracy in enumerate(curve.accuracies[1 : epochs - 1], start=2):
        best = max(best, accuracy)
        known = elders.get(count, ())
        if known and best < (known[(len(known) - 1) // 2] + known[len(known) // 2]) / 2:
            return count
    return None


def _share_stopped(whole: Sequence[Curve], count: int, stops: Collection[int]) -> float:
    """The share of the best trials that a rule stops."""
    ranked = sorted(whole, key=lambda each: (-(each.final or 0.0), each.number))
    return fmean(each.number in stops for each in ranked[:count])


def _points_lost(whole: Sequence[Curve], stops: Collection[int]) -> float | None:
    """From the best trial to the best one that is not stopped; None if all are."""
    kept = [each.final or 0.0 for each in whole if each.number not in stops]
    return max(each.final or 0.0 for each in whole) - max(kept) if kept else None


def _saved(design: StudyDesign, curves: Sequence[Curve], stops: Stops) -> float:
    """The share of the study's epochs that a rule saves, with the trials that it spares."""
    whole = design.seeds * design.recipe.epochs
    saved = sum(
        whole - (len(each.accuracies) if each.is_stopped else stops[each.number])
        for each in curves
        if _is_stopped(design, each, stops)
    )
    return saved / (len(curves) * whole)
