"""Help as a stranger reads it: no types of Python, no sentence cut off."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from typer.core import TyperGroup
from typer.main import get_command
from typer.testing import CliRunner

from rexpand.cli.main import app


def _commands(command: Any, words: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The words of every verb and of every group of verbs."""
    yield words
    if isinstance(command, TyperGroup):
        for name, inner in command.commands.items():
            yield from _commands(inner, (*words, name))


VERBS = [*_commands(get_command(app))]


def help_of(words: tuple[str, ...]) -> str:
    done = CliRunner().invoke(app, [*words, "--help"])
    assert done.exit_code == 0
    return done.stdout


@pytest.mark.parametrize("words", VERBS, ids=" ".join)
def test_an_option_says_what_to_write_and_not_its_type(words: tuple[str, ...]) -> None:
    options = help_of(words).partition("Options:")[2]

    # A choice lists its words; the rest has a word in capitals: --runtime RUNTIME.
    assert re.findall(r"<(?:list|str|path|int|float|Path)\b.*?>", options) == []


@pytest.mark.parametrize(
    "words", [w for w in VERBS if w == () or len(w) == 1], ids=" ".join
)
def test_no_verb_is_described_by_half_a_sentence(words: tuple[str, ...]) -> None:
    verbs = help_of(words).partition("Commands:")[2]

    assert "..." not in verbs


def test_one_name_for_a_subset_of_the_training_images() -> None:
    for words in VERBS:
        found = re.findall(
            r"--[a-z-]*(?:subset|train-images|limit)[a-z-]*", help_of(words)
        )
        assert set(found) <= {"--train-subset"}


def test_the_words_of_options_are_those_of_the_field() -> None:
    train, solve = help_of(("train",)), help_of(("search", "run"))

    for text in (
        "--epochs N Number of epochs (default: the recipe's).",
        "--train-subset N Use only N training images",
    ):
        assert text in " ".join(train.split())
    assert "With both bounds, how far the looser one may be under-used" in " ".join(
        solve.split()
    ).replace("under- used", "under-used")
