"""The command line's own declaration: every verb with its arguments and options.

Nothing is listed here: a new verb or option is attacked from the day it is added.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import Any, get_args

import typer

from rexpand.cli.main import app
from rexpand.cli.verb_group import VerbGroup


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """An option, or an argument if it has no flags.

    `kind` is the Python type of one value; a flag takes none.
    """

    name: str
    flags: tuple[str, ...]
    kind: type
    minimum: float | None
    maximum: float | None
    choices: tuple[str, ...]
    required: bool
    is_flag: bool
    repeats: bool


@dataclass(frozen=True, kw_only=True)
class Verb:
    words: tuple[str, ...]
    parameters: tuple[Parameter, ...]

    @property
    def name(self) -> str:
        return " ".join(self.words)

    @property
    def options(self) -> tuple[Parameter, ...]:
        return tuple(each for each in self.parameters if each.flags)


@cache
def verbs() -> tuple[Verb, ...]:
    """Every verb of `rexpand`."""
    return tuple(_walk(typer.main.get_command(app), ()))


def _walk(command: Any, words: tuple[str, ...]) -> Iterator[Verb]:
    if hasattr(command, "commands"):
        for name, inner in command.commands.items():
            yield from _walk(inner, (*words, name))
    if hasattr(command, "commands") and not isinstance(command, VerbGroup):
        return
    parameters = tuple(_parameter(each) for each in command.params)
    yield Verb(words=words, parameters=parameters)


def _parameter(declared: Any) -> Parameter:
    annotation = declared.type_descriptor.annotation
    kind = (get_args(annotation) or (annotation,))[0]
    flags = declared.opts + declared.secondary_opts
    return Parameter(
        name=declared.name,
        flags=tuple(flags) if flags[0].startswith("-") else (),
        kind=kind,
        minimum=declared.min,
        maximum=declared.max,
        choices=tuple(each.value for each in kind) if issubclass(kind, Enum) else (),
        required=declared.required,
        is_flag=bool(getattr(declared, "is_flag", False)),
        repeats=declared.multiple or declared.nargs == -1,
    )
