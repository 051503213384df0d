import re

import pytest

from rexpand.errors import UnknownNameError
from rexpand.spec import CATALOGUE, network


def test_names_are_sorted():
    # The order of `rexpand list`.
    assert list(CATALOGUE) == sorted(CATALOGUE)


@pytest.mark.parametrize("name", CATALOGUE)
def test_a_network_bears_its_name_and_has_no_free_choice(name):
    assert network(name).name == name
    assert network(name) == network(name)


@pytest.mark.parametrize("name", CATALOGUE)
def test_every_entry_says_what_its_source_prints(name):
    published = CATALOGUE[name].published

    # Figures stay as printed; each has a source.
    assert published.source
    for figure in (published.params, published.macs):
        assert figure is None or re.fullmatch(r"[0-9.]+[MB]", figure)
    assert published.top1 is None or 40 < published.top1 < 90


def test_the_catalogue_cannot_be_edited():
    with pytest.raises(TypeError):
        CATALOGUE["mine"] = CATALOGUE["rexnet_100"]


def test_an_unknown_name_is_told_with_the_nearest():
    with pytest.raises(
        UnknownNameError, match=r"'rexnet_101'; the nearest are rexnet_1"
    ):
        network("rexnet_101")
