"""The hours, split: what each step may take and what that buys, before it is done.

Every time here is a prediction from the first steps of each candidate, one training at a
time. The search and the last trainings are planned again when they begin, from what was
left by then.
"""

from collections.abc import Sequence
from dataclasses import replace
from math import floor
from pathlib import Path

import torch

from rexpand.data.catalogue import recipe_for, search_recipe_for
from rexpand.data.load import load
from rexpand.design.candidates import FAMILIES, candidates_at, sizes_for, spec_of
from rexpand.design.looking import look
from rexpand.design.order import DesignOrder
from rexpand.design.timing import Pace, pace_of
from rexpand.errors import BudgetError, DataError
from rexpand.recipe import Recipe
from rexpand.records import this_provenance
from rexpand.records.design import (
    DataLook,
    DesignCandidate,
    DesignPlan,
    DesignSize,
    TimeShare,
)
from rexpand.search.design import holding_out

# What the hours go to. Training gets most: what is handed over is trained there, beside
# the network that it is compared with.
_TRIALS, _SEARCH, _TRAINING, _EVALUATION = 0.15, 0.35, 0.45, 0.05
_MOST_TRIAL_EPOCHS = 30
_LEAST_FAMILIES = 2
MOST_SEARCH_EPOCHS, MOST_CONFIGURATIONS, LEAST_CONFIGURATIONS = 30, 100, 4
_MOST_EPOCHS, _MOST_SEEDS = 300, 5
# Each seed more is worth it where every one still has so many epochs.
_EPOCHS_FOR_SEEDS = ((5, 60), (3, 20), (2, 5))
LIBRARIES = ("rexpand", "torch", "accelerate", "numpy")


def planned(order: DesignOrder, data_root: str | Path | None) -> DesignPlan:
    """Look at the data, find and time the candidates, and split the hours.

    Leaves no file. Raises DataError for a data set that no design can be made of, or
    where not even one trial fits into the hours, BudgetError where no family fits.
    """
    found, budget = look(order.data, data_root), order.budget
    sizes = sizes_for(found, budget)
    search_recipe = _search_recipe(order.data, found, data_root)
    there = [*candidates_at(sizes[0], found, budget)]
    timed = [_timed(each, found, search_recipe, order, data_root) for each in there]
    fast, left_out = _fast_enough(timed, order)
    left_out += _missing(sizes[0], there)
    seconds = 3600 * order.hours
    shares, kept, tried = split_hours(seconds, fast, sizes, found)
    left_out += [
        f"{each.network}: its trial would not fit into the hours"
        for each in fast
        if each not in kept
    ]
    return DesignPlan(
        data=found,
        budget_macs=order.macs,
        budget_params=order.params,
        most_latency_ms=order.most_latency_ms,
        runtime=order.runtime,
        seconds=seconds,
        teacher=order.teacher,
        candidates=tuple(kept),
        sizes=tuple(tried),
        left_out=tuple(left_out),
        reasons=_reasons(found, sizes, tried, search_recipe),
        shares=shares,
        search_recipe=search_recipe,
        recipe=replace(recipe_for(order.data, data_root), validation=0, patience=0),
        provenance=this_provenance(LIBRARIES, threads=torch.get_num_threads()),
    )


def search_share(
    seconds: float, epoch_seconds: float, ready_seconds: float
) -> tuple[int, int]:
    """How many configurations, and of how many epochs each, fill so many seconds.

    Twice as many configurations as epochs, for as long as those are few.
    """
    for epochs in range(MOST_SEARCH_EPOCHS, 0, -1):
        trials = floor(seconds / (epochs * epoch_seconds + ready_seconds))
        if trials >= max(2 * epochs, LEAST_CONFIGURATIONS):
            return min(trials, MOST_CONFIGURATIONS), epochs
    return LEAST_CONFIGURATIONS, 1


def training_share(
    seconds: float, epoch_seconds: float, ready_seconds: float
) -> tuple[int, int]:
    """How many seeds, and of how many epochs each, fill so many seconds of two networks."""
    epochs = 1
    for seeds, least in (*_EPOCHS_FOR_SEEDS, (1, 1)):
        each = seconds / (2 * seeds) - ready_seconds
        epochs = floor(each / epoch_seconds)
        if epochs >= least:
            return seeds, min(epochs, _MOST_EPOCHS)
    return 1, max(epochs, 1)


def _search_recipe(name: str, found: DataLook, root: str | Path | None) -> Recipe:
    """The data set's own for searches, without what only a study of rank needs."""
    recipe = holding_out(search_recipe_for(name, root), load(name, root=root))
    return replace(recipe, validation=found.held_out, patience=0, nuclear_norm=False)


def _timed(
    candidate: DesignCandidate,
    found: DataLook,
    recipe: Recipe,
    order: DesignOrder,
    data_root: str | Path | None,
) -> DesignCandidate:
    """The candidate with its pace, and its latency where that is bounded."""
    spec, side = spec_of(candidate, found), candidate.size.resolution
    images = load(order.data, root=data_root, resolution=side)
    pace = pace_of(spec, recipe, images)
    latency = None
    if order.most_latency_ms is not None:
        from rexpand.latency.networks import time_networks
        from rexpand.latency.runtimes import find_runtime

        (timing,) = time_networks({spec.name: spec}, find_runtime(order.runtime))
        latency = timing.latency_ms.median
    return replace(
        candidate,
        images_per_second=pace.images_per_second,
        ready_seconds=pace.ready_seconds,
        latency_ms=latency,
    )


def _fast_enough(
    timed: Sequence[DesignCandidate], order: DesignOrder
) -> tuple[list[DesignCandidate], list[str]]:
    """Those within the latency, and what is said of the others; BudgetError for none."""
    most = order.most_latency_ms
    if most is None:
        return [*timed], []
    fast = [each for each in timed if (each.latency_ms or 0.0) <= most]
    if not fast:
        best = min(timed, key=lambda each: each.latency_ms or 0.0)
        raise BudgetError(
            f"no family runs within {most:g} ms under {order.runtime} on this machine; "
            f"the fastest, {best}, takes {best.latency_ms:.3g} ms: allow that, or lower "
            "the macs"
        )
    return fast, [
        f"{each.network}: {each.latency_ms:.3g} ms under {order.runtime}, above {most:g}"
        for each in timed
        if each not in fast
    ]


def _missing(size: DesignSize, there: Sequence[DesignCandidate]) -> list[str]:
    names = {each.network for each in there}
    return [
        f"{name}: no width of it fills the budget at {size}"
        for name in FAMILIES[size.form]
        if name not in names
    ]


def split_hours(
    seconds: float,
    candidates: Sequence[DesignCandidate],
    sizes: Sequence[DesignSize],
    found: DataLook,
) -> tuple[tuple[TimeShare, ...], list[DesignCandidate], list[DesignSize]]:
    """The shares, and the candidates and sizes whose trials fit into theirs.

    Where time is short sizes go first, from the last, then the slowest families.
    """
    kept = sorted(candidates, key=lambda each: _epoch(each, found))
    tried = [*sizes]
    while True:
        epochs = _trial_epochs(_TRIALS * seconds, kept, tried, found)
        if epochs >= 2 or (len(kept) <= _LEAST_FAMILIES and len(tried) == 1):
            break
        if len(tried) > 1:
            tried.pop()
        else:
            kept.pop()
    _check_hours(seconds, epochs, kept[-1], found)
    slowest = kept[-1]
    ready, epoch = slowest.ready_seconds, _epoch(slowest, found)
    trials, search_epochs = search_share(_SEARCH * seconds, epoch, ready)
    pace = _pace(slowest)
    whole = pace.epoch_seconds(found.train_images, found.test_images)
    seeds, last = training_share(_TRAINING * seconds, whole, ready)
    count = len(kept) + len(tried) - 1
    return (
        (
            TimeShare(
                step="trials",
                seconds=_TRIALS * seconds,
                trainings=count,
                epochs=min(epochs, _MOST_TRIAL_EPOCHS),
                reason=f"families ({len(kept)}) and other sizes ({len(tried) - 1}), one "
                "training each: enough to leave out the worst, not to rank the best",
            ),
            TimeShare(
                step="search",
                seconds=_SEARCH * seconds,
                trainings=trials,
                epochs=search_epochs,
                reason="about twice as many channel configurations as epochs of each, up "
                f"to {MOST_SEARCH_EPOCHS} epochs",
            ),
            TimeShare(
                step="training",
                seconds=_TRAINING * seconds,
                trainings=2 * seeds,
                epochs=last,
                reason="the found network and the best of the catalogue, trained alike "
                "on all training images",
            ),
            TimeShare(
                step="evaluation",
                seconds=_EVALUATION * seconds,
                trainings=0,
                epochs=0,
                reason="test images, export with its check, and what was predicted wrongly",
            ),
        ),
        kept,
        tried,
    )


def _check_hours(
    seconds: float, epochs: int, slowest: DesignCandidate, found: DataLook
) -> None:
    """Raise DataError for hours that do not hold one epoch of each trial and step."""
    trial = slowest.ready_seconds + _epoch(slowest, found)
    whole = _pace(slowest).epoch_seconds(found.train_images, found.test_images)
    least = max(
        _LEAST_FAMILIES * trial / _TRIALS,
        LEAST_CONFIGURATIONS * trial / _SEARCH,
        2 * (whole + slowest.ready_seconds) / _TRAINING,
    )
    if epochs < 1 or least > seconds:
        hours = float(f"{1.2 * least / 3600:.2g}")
        raise DataError(
            f"{seconds / 3600:g} hours are too few for one epoch of each trial on the "
            f"{found.train_images:,} images of {found.name}; give {hours:g} hours or "
            "more, or a smaller budget"
        )


def _trial_epochs(
    seconds: float,
    kept: Sequence[DesignCandidate],
    tried: Sequence[DesignSize],
    found: DataLook,
) -> int:
    more = len(tried) - 1  # the winner's pace at other sizes is not known yet
    ready = [each.ready_seconds for each in kept]
    epochs = [_epoch(each, found) for each in kept]
    begun = sum(ready) + more * max(ready)
    return floor((seconds - begun) / (sum(epochs) + more * max(epochs)))


def _pace(candidate: DesignCandidate) -> Pace:
    assert candidate.images_per_second is not None
    return Pace(
        images_per_second=candidate.images_per_second,
        ready_seconds=candidate.ready_seconds,
    )


def _epoch(candidate: DesignCandidate, found: DataLook) -> float:
    return _pace(candidate).epoch_seconds(found.learned, found.held_out)


def _reasons(
    found: DataLook,
    sizes: Sequence[DesignSize],
    tried: Sequence[DesignSize],
    recipe: Recipe,
) -> tuple[str, ...]:
    first = sizes[0]
    kind = "files" if found.has_files else "arrays"
    form = (
        "the images are small, so that the stem and the first blocks keep their size"
        if first.form == "cifar"
        else "the images are photographs, which the first layers halve twice or more"
    )
    why = (
        "that of the images"
        if first.form == "cifar"
        else "where MobileNetV2 fills the budget at about half of its width"
    )
    more = ", ".join(str(size) for size in tried[1:]) or "none, for lack of time"
    judged = (
        f"{found.held_out:,} training images judge the trials and the search; test images "
        "judge the last trainings alone"
    )
    return (
        f"{kind} with a median shorter side of {found.side} pixels: {form}",
        f"families are tried at {first}: {why}",
        f"the winner is tried at other sizes of equal cost: {more}",
        judged,
        f"batches of {recipe.batch_size} images, as the data set's recipe says",
    )
