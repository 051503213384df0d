"""One field of attack for all tests of this folder."""

from collections.abc import Iterator

import pytest

from fuzz.field import Field


@pytest.fixture(scope="session")
def field(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Field]:
    with Field(tmp_path_factory.mktemp("fuzz")) as made:
        yield made
