"""The explorer of a network, of a module and of a study, on a machine of given peaks."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from made_up_study import make_study
from rexpand.app import Offer, application, make_offer, served
from rexpand.app.answers import Answers
from rexpand.budget import Budget
from rexpand.cost import Peak, Peaks
from rexpand.recipe import Recipe
from rexpand.search.design import StudyDesign
from rexpand.spec import network

TRIALS = 12


def peak(rate: float) -> Peak:
    return Peak(rate=rate, median=rate, low=rate, high=rate, n=3)


PEAKS = Peaks(macs=peak(50e9), memory=peak(10e9), threads=1)


@pytest.fixture(scope="session")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study whose trials are the more accurate the later they come."""
    design = StudyDesign(
        spec=network("search_18").for_images(resolution=8, in_channels=1),
        data="digits",
        budget=Budget(macs=300e3),
        trials=TRIALS,
        seeds=2,
        recipe=Recipe(epochs=1, validation=300),
    )
    accuracies = [(50.0 + trial, 51.0 + trial) for trial in range(TRIALS)]
    return make_study(
        design, tmp_path_factory.mktemp("studies") / "made-up", accuracies
    )


@pytest.fixture(scope="session")
def offer(study: Path) -> Offer:
    """ReXNet first, and a study."""
    return make_offer("rexnet_100", study)


@pytest.fixture(scope="session")
def answers(offer: Offer) -> Answers:
    return Answers(offer=offer, peaks=PEAKS)


@pytest.fixture(scope="module")
def address(offer: Offer) -> Iterator[str]:
    """Where the explorer is served."""
    pytest.importorskip("gradio")
    with served(application(offer, PEAKS), port=0) as found:
        yield found
