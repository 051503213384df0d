import sys
from pathlib import Path

import pytest
import torch
from torch import nn

from rexpand.errors import MissingExtraError, SpecError, UnknownNameError
from rexpand.models import Network, build, find_module, save_network
from rexpand.spec import is_foreign, network, network_to_toml


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A user's package with factories, on the path."""
    code = """
from torch import nn
def linear(): return nn.Linear(3, 2)
def nothing(): return None
def broken(): raise KeyError("the user's own mistake")
"""
    folder = tmp_path / "users_networks"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "zoo.py").write_text(code)
    monkeypatch.syspath_prepend(tmp_path)
    yield "users_networks.zoo"
    for name in [name for name in sys.modules if name.startswith("users_networks")]:
        del sys.modules[name]


def test_a_name_of_the_catalogue_is_built():
    found = find_module("search_18")

    assert isinstance(found, Network)
    assert found.spec == network("search_18")


def test_a_spec_file_is_built(tmp_path):
    (tmp_path / "net.toml").write_text(network_to_toml(network("search_18")))

    assert find_module(str(tmp_path / "net.toml")).spec == network("search_18")


def test_a_checkpoint_gives_its_architecture(tmp_path):
    path = tmp_path / "net.safetensors"
    save_network(build(network("search_18")), path)

    assert find_module(str(path)).spec == network("search_18")


def test_a_network_of_timm_is_created():
    pytest.importorskip("timm")

    with torch.device("meta"):
        found = find_module("timm:rexnet_100")

    assert sum(p.numel() for p in found.parameters()) == 4_796_873


def test_a_network_of_torchvision_is_created():
    found = find_module("torchvision:mobilenet_v3_small")

    # As torchvision's own table has it.
    assert sum(p.numel() for p in found.parameters()) == 2_542_856


def test_a_factory_of_the_user_is_called(package):
    assert isinstance(find_module(f"{package}:linear"), nn.Linear)


def test_a_mistake_inside_a_factory_is_not_hidden(package):
    # Their traceback is what helps them.
    with pytest.raises(KeyError, match="the user's own mistake"):
        find_module(f"{package}:broken")


@pytest.mark.parametrize(
    "name", ["absent.package:factory", "json:absent", ":factory", ".zoo:factory", ":"]
)
def test_a_factory_that_is_not_there_is_named(name):
    with pytest.raises(
        UnknownNameError, match=f"unknown factory '{name}'; give package"
    ):
        find_module(name)


def test_a_factory_that_gives_no_module_is_refused(package):
    with pytest.raises(UnknownNameError, match=r"factory\(\) returns an nn.Module"):
        find_module(f"{package}:nothing")


def test_an_unknown_network_of_timm_is_met_with_the_nearest():
    pytest.importorskip("timm")

    with pytest.raises(UnknownNameError, match=r"timm network 'rexnet_10'; .*rexnet_1"):
        find_module("timm:rexnet_10")


def test_an_unknown_network_of_torchvision_is_met_with_the_nearest():
    with pytest.raises(UnknownNameError, match="'resnet'; the nearest are resnet"):
        find_module("torchvision:resnet")


def test_without_timm_the_install_line_is_given(monkeypatch):
    monkeypatch.setitem(sys.modules, "timm", None)  # as if it were not installed

    with pytest.raises(MissingExtraError, match=r"pip install 'rexpand\[timm\]'"):
        find_module("timm:rexnet_100")


@pytest.mark.parametrize("name", ["rexnet_10", "absent.toml", "net.onnx"])
def test_what_stands_for_nothing_is_refused(name):
    with pytest.raises((UnknownNameError, SpecError), match=name):
        find_module(name)


@pytest.mark.parametrize(
    ("name", "foreign"),
    [
        ("timm:rexnet_100", True),
        ("package.zoo:factory", True),
        ("rexnet_100", False),
        ("C:\\nets\\net.toml", False),
        ("run:3/last.safetensors", False),
    ],
)
def test_a_colon_marks_a_foreign_module_unless_a_file_ends_the_name(name, foreign):
    assert is_foreign(name) == foreign
