"""A package's public names, each loaded on first use.

A room that only prices or reports must not wait for torch because a room beside it
trains, so packages list their names and let Python ask for them (PEP 562).
"""

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any


def on_first_use(
    package: str, modules: Mapping[str, Sequence[str]]
) -> Callable[[str], Any]:
    """A `__getattr__` for a package, from the names that each of its modules gives."""
    home = {name: module for module, names in modules.items() for name in names}

    def load(name: str) -> Any:
        if name not in home:
            raise AttributeError(f"module '{package}' has no attribute '{name}'")
        return getattr(import_module(home[name]), name)

    return load
