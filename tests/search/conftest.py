"""A small study on digits, and a server for studies."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from postgresql import Server, served
from rexpand.budget import Budget
from rexpand.data.dataset import DataSet
from rexpand.recipe import RECIPES
from rexpand.search.design import StudyDesign, fitted_to
from rexpand.spec import network


@pytest.fixture(scope="session")
def design(digits: DataSet) -> StudyDesign:
    """Four configurations of a thin network, 100 images, two epochs, two seeds."""
    return StudyDesign(
        spec=fitted_to(network("search_18"), digits),
        data="digits",
        budget=Budget(macs=500_000),
        trials=4,
        seeds=2,
        recipe=replace(RECIPES["digits"].with_epochs(2), nuclear_norm=True),
        train_subset=100,
    )


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    """A PostgreSQL server, or a skip where none is installed."""
    with served() as server:
        yield server
