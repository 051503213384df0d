"""Proxies over a study: which trials, which weights, what is left, what is refused."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from rexpand.data.dataset import DataSet
from rexpand.errors import DataError, StudyError, UnknownNameError
from rexpand.models import build_for_training
from rexpand.records import ProxyComparison, read_record
from rexpand.search.configuration import configurations_of
from rexpand.search.design import StudyDesign, create_study, drawn
from rexpand.search.proxies.catalogue import proxy_names
from rexpand.search.proxies.comparison import ProxyPlan, compare_proxies, proxy_study
from rexpand.search.proxies.features import feature_nuclear_norm
from rexpand.search.proxies.scoring import training_images
from rexpand.search.stored import storage_of
from rexpand.search.summary import summarise
from rexpand.train.training import fitted

TRIALS = 12
PLAN = ProxyPlan(names=("nuclear_norm", "synflow"), initialisations=2, images=16)
Make = Callable[..., Path]


@pytest.fixture
def make(design: StudyDesign, tmp_path: Path) -> Make:
    """A study whose trials nobody trained; some of them are finished."""

    def made(finished: int, *, seeds: int = 2) -> Path:
        folder = tmp_path / "study"
        asked = replace(design, trials=TRIALS)
        create_study(asked, folder)
        rng = np.random.default_rng(0)
        with storage_of(folder) as storage:
            storage.add(configurations_of(drawn(asked)), first=0)
            for _ in range(finished):
                trial = storage.take()
                assert trial is not None
                told = rng.uniform(40, 60, seeds).tolist()
                outcome = {"seeds": [*range(seeds)], "accuracies": told, "seconds": 2.0}
                storage.report(trial, {0: 30.0, 1: 50.0})
                storage.complete(trial, 50.0, outcome)
        return folder

    return made


@pytest.mark.kernels
def test_a_comparison_scores_the_finished_trials_and_is_kept(
    make: Make, digits: DataSet, design: StudyDesign
) -> None:
    folder, heard = make(11), []

    found = compare_proxies(proxy_study(folder, PLAN), on_trial=heard.append)

    assert found == read_record(ProxyComparison, folder / "proxies.json")
    assert found == summarise(folder).proxies
    assert found.trials == tuple(range(11))
    assert heard == [1] * 11
    assert [each.name for each in found.proxies] == [
        *("params", "macs", "nuclear_norm", "synflow")
    ]
    counted, norm = found.proxies[0], found.proxies[2]
    assert counted.scores == tuple(map(float, found.params))
    assert counted.margin is None
    assert norm.margin is not None
    # The mean over the weights that trainings of seeds 0 and 1 begin with.
    spec = fitted(design.spec, digits).with_channels(
        summarise(folder).trials[3].channels
    )
    images = training_images(digits, design, 16, torch.device("cpu"))
    alone = []
    for seed in (0, 1):
        torch.manual_seed(seed)
        alone.append(feature_nuclear_norm(build_for_training(spec), images))
    assert norm.scores[3] == pytest.approx(sum(alone) / 2)


def test_the_images_are_training_images_of_every_class(
    digits: DataSet, design: StudyDesign
) -> None:
    images = training_images(digits, design, 50, torch.device("cpu"))
    more = training_images(digits, design, 10_000, torch.device("cpu"))

    assert images.shape == (50, 1, 8, 8)
    # No more than the study trains on.
    assert len(more) == design.train_subset == 100


def test_of_many_trials_some_are_drawn_by_the_seed(make: Make) -> None:
    plan = replace(PLAN, trials=10)
    folder = make(TRIALS)

    chosen = [each.number for each in proxy_study(folder, plan).trials]

    assert len(chosen) == 10
    assert chosen == sorted(chosen)
    assert chosen == [each.number for each in proxy_study(folder, plan).trials]


def test_nine_trials_are_too_few(make: Make) -> None:
    with pytest.raises(StudyError, match=r"has 9 finished trials, .* at least 10; run"):
        proxy_study(make(9))


def test_trials_without_accuracies_of_seeds_are_refused(make: Make) -> None:
    with pytest.raises(
        StudyError, match=r"trial 0 of .* has no accuracies of its seeds"
    ):
        proxy_study(make(11, seeds=0))


def test_an_unknown_proxy_is_refused_with_the_nearest() -> None:
    with pytest.raises(
        UnknownNameError, match="'naswat'; the nearest are naswot; choose"
    ):
        proxy_names(["naswat"])
    with pytest.raises(StudyError, match="'zen' is unknown; choose from params"):
        ProxyPlan(names=("zen",))  # type: ignore[arg-type]
    with pytest.raises(StudyError, match="images is 1; give 2 to 4096"):
        ProxyPlan(images=1)


def test_data_that_is_away_is_one_line(make: Make, tmp_path: Path) -> None:
    folder = make(11)
    design = (folder / "study.json").read_text("utf-8")
    changed = design.replace('"data":"digits"', '"data":"cifar100"')
    changed = changed.replace('"data": "digits"', '"data": "cifar100"')
    (folder / "study.json").write_text(changed, "utf-8")

    with pytest.raises(DataError, match="cifar100"):
        compare_proxies(proxy_study(folder, PLAN), data_root=tmp_path)

    assert not (folder / "proxies.json").exists()
