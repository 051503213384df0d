"""The ways out of a mistake as options: the library speaks of macs, a line of --macs.

The one place where a message of the library becomes one of the command line.
"""

from collections.abc import Sequence
from typing import Any

from typer.core import TyperGroup

# What the library says, the option that does it, and what the line says.
_WAYS_OUT = (
    ("raise the macs", "--macs", "raise --macs"),
    ("raise the params", "--params", "raise --params"),
    ("raise the latency_ms", "--latency-ms", "raise --latency-ms"),
    ("lower the resolution", "--resolution", "lower --resolution"),
    ("give an intercept of", "--intercept", "give --intercept of"),
    ("give data to rank the layers on", "--data", "give --data"),
    ("give measure, to time the layers", "--measure", "give --measure"),
    ("give multiple_of, above 1", "--multiple-of", "give --multiple-of, above 1"),
    ("give pruning none", "--prune", "give --prune none"),
    ("allow the change", "--allow-change", "add --allow-change"),
    ("give target int8", "--target", "give --target int8"),
    ("a linear rule has no knots; make it piecewise", "--parameterization",
     "--knots needs --parameterization piecewise; give that"),
    ("needs knots, block:height pairs; write", "--knots", "needs --knots, e.g."),
)  # fmt: skip


def with_options(message: str, command: Any, words: Sequence[str]) -> str:
    """A message with the options of the verb that was typed, where it has them."""
    known = _options(command, words)
    for said, option, ours in _WAYS_OUT:
        if option in known:
            message = message.replace(said, ours)
    return message


def _options(command: Any, words: Sequence[str]) -> set[str]:
    """The options of the verb that words begin with."""
    for word in words:
        if not isinstance(command, TyperGroup) or word not in command.commands:
            break
        command = command.commands[word]
    return {name for each in command.params for name in each.opts}
