"""A name does wherever a spec is asked, and a string wherever a path is."""

import inspect
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from rexpand.advise.equal_cost import upgrade
from rexpand.advise.rounding import roundings
from rexpand.budget import Budget, sample, solve
from rexpand.cost import cost_of, costs_of, part_costs, peak_activations
from rexpand.data.arrays import read_npz
from rexpand.data.dataset import DataSet
from rexpand.data.load import load
from rexpand.errors import SpecError, UnknownNameError
from rexpand.models import build, load_network, save_network
from rexpand.records import write_atomic
from rexpand.report import network_row
from rexpand.spec import (
    CATALOGUE,
    Linear,
    NetworkSpec,
    Source,
    as_spec,
    feature_levels,
    network,
    network_to_toml,
    parameterization_of,
    positions,
    read_contract,
    read_network,
    with_squeeze_excite,
)

ROOMS = (
    *("spec", "cost", "budget", "models", "records", "report", "deploy", "train"),
    "transfer",
    *("search.design", "search.driver", "search.summary", "search.comparison"),
    "search.table",
    *("data.load", "data.labelled", "data.check", "data.arrays", "data.catalogue"),
    *("advise.equal_cost", "advise.lint", "advise.rounding", "advise.shortcuts"),
)
SPEC = network("search_18")


def public_functions() -> Iterator[Any]:
    for room in ROOMS:
        module = import_module(f"rexpand.{room}")
        names = getattr(module, "__all__", None) or [
            name
            for name, found in vars(module).items()
            if getattr(found, "__module__", "") == module.__name__ and name[0] != "_"
        ]
        for name in names:
            if inspect.isfunction(found := getattr(module, name)):
                yield pytest.param(found, id=f"{room}.{name}")


@pytest.mark.parametrize("function", [*public_functions()])
def test_no_public_function_takes_only_a_spec_or_only_a_path(function: Any) -> None:
    for name, hint in inspect.get_annotations(function).items():
        written = str(hint)
        if name == "return" or "Callable" in written or "Mapping" in written:
            continue
        # A parameter that may be a path may be a string, one that may be a spec a name.
        takes = re.findall(r"[\w.]+", written)
        if any(each.rpartition(".")[2] in ("Path", "NetworkSpec") for each in takes):
            assert "str" in takes, f"{name}: {written}"


NAMED = {
    "cost_of": lambda spec: cost_of(spec),
    "costs_of": lambda spec: costs_of(spec, [SPEC.channels]).macs.tolist(),
    "part_costs": lambda spec: part_costs(spec),
    "peak_activations": lambda spec: peak_activations(spec),
    "solve": lambda spec: solve(spec, Budget(macs=20e6), Linear(intercept=9)),
    "sample": lambda spec: sample(spec, Budget(macs=20e6), 3, seed=0).channels.tolist(),
    "build": lambda spec: build(spec).spec,
    "feature_levels": lambda spec: feature_levels(spec),
    "positions": lambda spec: positions(spec),
    "parameterization_of": lambda spec: parameterization_of(spec, "free"),
    "with_squeeze_excite": lambda spec: with_squeeze_excite(spec, None),
    "network_to_toml": lambda spec: network_to_toml(spec),
    "network_row": lambda spec: network_row(spec),
    "upgrade": lambda spec: upgrade(spec),
    "roundings": lambda spec: roundings(spec, [8]).spec,
}


@pytest.mark.parametrize("asked", NAMED.values(), ids=NAMED.keys())
def test_a_name_gives_what_its_spec_gives(asked: Any) -> None:
    assert asked("search_18") == asked(SPEC)


def test_a_name_is_what_the_command_line_takes(tmp_path: Path) -> None:
    wider = network("search_18", width_mult=2.0)
    write_atomic(str(tmp_path / "net.toml"), network_to_toml(wider))

    # Controls, an alias, a source, the path of a file as a path and as a string.
    for asked in (
        "search_18:width_mult=2.0",
        Source.parse("search_18:width_mult=2.0"),
        tmp_path / "net.toml",
        str(tmp_path / "net.toml"),
    ):
        assert as_spec(asked) == wider
    assert as_spec(wider) is wider


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (7, "7 is no network; give a NetworkSpec, a name such as 'rexnet_100'"),
        (None, "None is no network"),
        ("timm:rexnet_100", "a module without a spec"),
    ],
)
def test_what_is_no_network_is_said_in_one_line(asked: Any, said: str) -> None:
    with pytest.raises(SpecError, match=re.escape(said)):
        cost_of(asked)


def test_an_unknown_name_has_its_nearest() -> None:
    with pytest.raises(UnknownNameError, match="nearest are rexnet_150"):
        cost_of("rexnet_10")


def test_without_a_parameterization_the_channels_are_a_line() -> None:
    spec, budget = network("rexnet_100"), Budget(macs=300e6)

    found = solve("rexnet_100", budget)

    # What the command line does: a line from the network's first width.
    assert found == solve(spec, budget, Linear(intercept=float(spec.channels[0])))


def test_paths_are_strings_too(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)

    save_network(build("search_18"), "net.safetensors")

    assert read_network("net.safetensors") == SPEC
    assert load_network("net.safetensors", "search_18").spec == SPEC
    assert read_contract("net.safetensors") is None
    with pytest.raises(ValueError, match=re.escape("nothing.npz")):
        read_npz("nothing.npz")
    assert load("digits", root=".").name == "digits"


@pytest.mark.parametrize("name", CATALOGUE)
def test_a_spec_is_written_in_three_lines_of_a_terminal(name: str) -> None:
    spec = network(name)

    written = repr(spec)

    assert len(written) <= 3 * 88
    assert "\n" not in written
    # Its name, its image, and all of its widths.
    assert written.startswith(f"<NetworkSpec {name}: 3 x {spec.resolution} pixels, ")
    assert str(spec) == written


def test_the_widths_of_a_spec_are_written_from_stem_to_classifier() -> None:
    assert repr(network("mobilenetv3_small_100")) == (
        "<NetworkSpec mobilenetv3_small_100: 3 x 224 pixels, 1000 classes, 11 blocks "
        "(inverted_bottleneck), channels 16 | 16-24x2-40x3-48x2-96x3 | 576 | 1024>"
    )
    assert "no classifier" in repr(SPEC)


def test_a_result_that_holds_specs_is_written_on_one_screen() -> None:
    found = upgrade("mobilenetv2_100")

    # 24 lines of 88 letters.
    assert len(repr(found)) <= 24 * 88
    assert isinstance(found.after, NetworkSpec)


def test_a_split_is_written_in_one_line(digits: DataSet) -> None:
    assert repr(digits.test) == "<TensorSplit of 360 images, 8 pixels>"
