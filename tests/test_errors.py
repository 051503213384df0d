import inspect
import pickle

import pytest

from rexpand import errors
from rexpand.errors import (
    MissingExtraError,
    MistakeError,
    RexpandError,
    RunError,
    UnknownNameError,
    quoted,
)

CLASSES = {
    name: kind
    for name, kind in vars(errors).items()
    if inspect.isclass(kind) and issubclass(kind, BaseException)
}
LEAVES = [kind for kind in CLASSES.values() if kind not in (RexpandError, MistakeError)]


@pytest.mark.parametrize("kind", LEAVES, ids=lambda kind: kind.__name__)
def test_every_error_is_a_mistake_or_a_failed_run(kind):
    # The command line exits with 2 for the one and with 1 for the other.
    assert issubclass(kind, MistakeError) != issubclass(kind, RunError)


def test_a_mistake_is_a_value_error():
    # Who uses the library need not know our classes.
    assert issubclass(MistakeError, ValueError)
    assert not issubclass(RunError, ValueError)


def test_the_tree_in_the_docstring_is_the_tree():
    drawn = [line for line in errors.__doc__.splitlines() if "Error" in line]

    # Each class once, under its parent.
    parents, tree = [], {}
    for line in drawn:
        name = line.lstrip(" │├└─").split()[0]
        level = line.index(name) // 4
        parents[level:] = [name]
        tree[name] = parents[level - 1] if level else "Exception"
    assert tree == {name: kind.__bases__[0].__name__ for name, kind in CLASSES.items()}


@pytest.mark.parametrize("kind", CLASSES.values(), ids=CLASSES)
def test_every_error_says_when_it_is_raised(kind):
    assert kind.__doc__


def test_an_unknown_name_is_quoted_with_the_nearest_and_a_hint():
    error = UnknownNameError(
        "network", "rexnet_10", ["rexnet_100", "vgg"], "see a list"
    )

    # One line; names that are nothing like it stay out.
    assert str(error) == (
        "unknown network 'rexnet_10'; the nearest are rexnet_100; see a list"
    )


def test_a_name_like_no_other_has_no_nearest():
    error = UnknownNameError("network", "zzz", ["rexnet_100"], "see a list")

    assert str(error) == "unknown network 'zzz'; see a list"


def test_at_most_three_names_are_nearest():
    known = [f"rexnet_{index}" for index in range(10)]

    error = UnknownNameError("network", "rexnet_x", known, "see a list")

    assert str(error).count("rexnet_") == 1 + 3


def test_a_missing_extra_gives_its_install_line():
    assert str(MissingExtraError("timm", "timm")) == (
        "timm is not installed; run: pip install 'rexpand[timm]'"
    )


def test_control_characters_from_outside_are_shown_escaped():
    error = MistakeError("there is no file a\x1b[31mb\nc\x00d\u202ee\udcff")

    # They would colour, split or turn around the line on a terminal.
    assert str(error) == r"there is no file a\x1b[31mb\nc\x00d\u202ee\udcff"


def test_a_long_message_is_cut_in_the_middle():
    error = MistakeError(f"unknown file {'x' * 10_000}; give another")

    # What is wrong and the way out stay.
    assert len(str(error)) <= 1000
    assert str(error).startswith("unknown file xxx")
    assert str(error).endswith("xxx; give another")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a\nb", r"'a\nb'"),
        (3, "3"),
        pytest.param(10**5000, "a number of 5001 digits", id="endless"),
        ([[[[[[[[[[1]]]]]]]]]], "[[[[[[[...]]]]]]]"),
        (None, "None"),
    ],
)
def test_a_value_is_quoted_in_one_short_line(value, text):
    assert quoted(value) == text


def test_a_long_value_is_quoted_shortened():
    assert len(quoted("x" * 10_000)) <= 120
    assert len(quoted("\0" * 10_000)) <= 120
    assert len(quoted({str(i): "x" * 500 for i in range(500)})) <= 120


def test_an_error_of_several_arguments_survives_a_process_boundary():
    error = UnknownNameError("network", "rexnet_10", ["rexnet_100"], "see a list")

    # A worker's error reaches its driver by pickle.
    copied = pickle.loads(pickle.dumps(error))

    assert type(copied) is UnknownNameError
    assert str(copied) == str(error)
