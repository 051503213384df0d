"""NETWORK on the command line: what may be typed, and the names that a shell completes."""

from collections.abc import Sequence
from typing import Any

import typer

NETWORK_HELP = (
    "A name from `rexpand list`, optionally with :control=value,...; a spec file, a "
    "checkpoint, hf:OWNER/NAME, timm:NAME, torchvision:NAME or package.module:factory. "
    "Add @FILE to load weights."
)


def network_argument(
    *,
    help: str = NETWORK_HELP,
    metavar: str = "NETWORK[@WEIGHTS]",
    verbs: Sequence[str] = (),
    show_default: bool = True,
) -> Any:
    """An argument for a network, or for several; `verbs` are below the verb itself."""

    def completions(incomplete: str) -> list[str]:
        below = [verb for verb in verbs if verb.startswith(incomplete)]
        return below + catalogue_names(incomplete)

    return typer.Argument(
        metavar=metavar,
        help=help,
        show_default=show_default,
        autocompletion=completions,
    )


def network_option(*, help: str) -> Any:
    """An option --network."""
    return typer.Option(
        "--network", metavar="NETWORK", help=help, autocompletion=catalogue_names
    )


def catalogue_names(incomplete: str) -> list[str]:
    """The names of `rexpand list` that begin with what was typed.

    A shell completes files where there is none.
    """
    from rexpand.spec import CATALOGUE

    return [name for name in CATALOGUE if name.startswith(incomplete)]
