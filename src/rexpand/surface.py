"""The root package's public names, each loaded on first use (PEP 562).

Only the root needs it: costing, solving and sampling are in packages of their own, and
`import rexpand` loads none of them. Every other package imports its names directly, or
has none.
"""

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any


def on_first_use(
    package: str, modules: Mapping[str, Sequence[str]]
) -> Callable[[str], Any]:
    """A `__getattr__` for a package, from the names that each module defines."""
    home = {name: module for module, names in modules.items() for name in names}

    def load(name: str) -> Any:
        if name not in home:
            raise AttributeError(f"module '{package}' has no attribute '{name}'")
        return getattr(import_module(home[name]), name)

    return load
