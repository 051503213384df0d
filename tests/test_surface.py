import subprocess
import sys
from importlib import import_module

import pytest

import rexpand

ROOMS = [
    "blocks",
    "budget",
    "cost",
    "deploy",
    "models",
    "rank",
    "recipe",
    "records",
    "spec",
    "timm",
    "train",
    "transfer",
]


def test_public_names_are_sorted_and_there():
    assert rexpand.__all__ == sorted(rexpand.__all__)
    for name in rexpand.__all__:
        assert getattr(rexpand, name).__name__.rpartition(".")[2] == name


@pytest.mark.parametrize(
    "verb", ["build", "finetune", "lint", "search", "solve", "train", "upgrade"]
)
def test_every_verb_of_the_root_has_an_example(verb):
    found = getattr(rexpand, verb)

    # `name(...)`, as it is typed: in the docstring of the verb.
    assert f"{verb}(" in found.__doc__


def test_rooms_that_are_verbs_are_called_whatever_was_imported_before():
    # Importing a room binds its name in the root; it stays a verb.
    program = (
        "import rexpand; first = rexpand.train, rexpand.search; "
        "import rexpand.train, rexpand.search.design; "
        "from rexpand.train import evaluate; "
        "assert (rexpand.train, rexpand.search) == first; "
        "assert callable(rexpand.train) and callable(rexpand.search); "
        "assert rexpand.search.design.StudyDesign"
    )

    assert "torch" in loaded_by(program)


def test_a_star_import_brings_the_public_names():
    namespace = {}

    exec("from rexpand import *", namespace)

    assert set(rexpand.__all__) <= namespace.keys()


def test_public_names_are_those_of_their_room():
    from rexpand.cost import cost_of
    from rexpand.spec import NetworkSpec

    # One object under two names, not a copy.
    assert rexpand.cost_of is cost_of
    assert rexpand.NetworkSpec is NetworkSpec


def test_dir_lists_the_public_names():
    assert set(rexpand.__all__) <= set(dir(rexpand))
    assert "__version__" in dir(rexpand)


def test_a_name_that_is_not_there_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'prise'"):
        rexpand.prise  # noqa: B018


@pytest.mark.parametrize("room", ROOMS)
def test_the_names_of_a_room_are_sorted_and_there(room):
    module = import_module(f"rexpand.{room}")

    # Constants, classes, functions: the order of ruff's `__all__`.
    names = module.__all__
    assert len(set(names)) == len(names)
    assert names == sorted(names, key=lambda name: (_rank(name), name))
    assert all(hasattr(module, name) for name in names)
    assert module.__doc__


def _rank(name: str) -> int:
    return 0 if name.isupper() else 1 if name[0].isupper() else 2


def loaded_by(program: str) -> set[str]:
    """Top-level modules that a fresh interpreter holds after a program."""
    ending = "; import sys; print(*{name.partition('.')[0] for name in sys.modules})"
    done = subprocess.run(
        [sys.executable, "-c", program + ending],
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stdout.split())


FRAMEWORKS = {"torch", "torchvision", "timm", "accelerate", "safetensors"}


def test_paper_rooms_and_the_command_line_load_no_torch():
    loaded = loaded_by(
        "import rexpand, rexpand.spec, rexpand.cost, rexpand.budget, rexpand.records, "
        "rexpand.report, rexpand.recipe, rexpand.cli.main"
    )

    # Costing and `--help` answer at once; torch takes seconds.
    assert "rexpand" in loaded
    assert loaded & FRAMEWORKS == set()


@pytest.mark.parametrize(
    "module",
    [
        *("search.summary", "search.factor_summary", "search.comparison"),
        *("advise.rounding", "data.catalogue"),
    ],
)
def test_what_only_reads_and_computes_loads_no_torch(module):
    loaded = loaded_by(f"import rexpand.{module}")

    # A room that trains has modules that do not: its package imports nothing.
    assert loaded & FRAMEWORKS == set()


def test_costing_and_solving_load_no_torch():
    loaded = loaded_by(
        "import rexpand as r; spec = r.Source.parse('rexnet_100').spec; r.cost_of(spec); "
        "budget = r.Budget(macs=4e8); r.solve(spec, budget, r.Linear(intercept=16)); "
        "r.sample(spec, budget, 5, seed=0)"
    )

    # Not by importing, and not by working either.
    assert loaded & FRAMEWORKS == set()


@pytest.mark.parametrize(
    "command",
    [
        ["--help"],
        ["cost", "rexnet_100"],
        ["list", "rexnet*"],
        ["solve", "rexnet_100", "--macs", "400M"],
        ["data", "list"],
    ],
    ids=" ".join,
)
def test_commands_that_only_compute_load_no_torch(command, tmp_path):
    program = (
        "import contextlib, sys; from rexpand.cli.main import run; "
        f"sys.argv = ['rexpand', *{command!r}]\n"
        "with contextlib.suppress(SystemExit): run()\n"
        "print(*{'torch', 'optuna', 'sklearn'} & sys.modules.keys(), file=sys.stderr)"
    )

    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
    )

    # The whole way from the command line to the answer.
    assert done.stdout
    assert done.stderr.strip() == ""


def test_the_root_loads_its_rooms_on_first_use():
    loaded = loaded_by("import rexpand")

    assert loaded & (FRAMEWORKS | {"numpy", "typer"}) == set()
