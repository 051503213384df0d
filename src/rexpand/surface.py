"""The root package's public names, each loaded on first use (PEP 562).

Only the root needs it: costing, solving and sampling are in packages of their own, and
`import rexpand` loads none of them. Every other package imports its names directly, or
has none.

Two verbs have the names of their rooms, `rexpand.train` and `rexpand.search`. As soon as
anything imports such a room, Python binds that name of the root to the room, so a function
of the name would be replaced by it. Therefore these two rooms can be called themselves.
"""

import sys
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from types import ModuleType
from typing import Any


def on_first_use(
    package: str, modules: Mapping[str, Sequence[str]], rooms: Sequence[str] = ()
) -> Callable[[str], Any]:
    """A `__getattr__` for a package, from the names that each module defines.

    `rooms` are packages in it that are names of their own.
    """
    home = {name: module for module, names in modules.items() for name in names}

    def load(name: str) -> Any:
        if name in rooms:
            return import_module(f"{package}.{name}")
        if name not in home:
            raise AttributeError(f"module '{package}' has no attribute '{name}'")
        return getattr(import_module(home[name]), name)

    return load


def called_as(room: str, module: str, function: str) -> None:
    """Let a room be called as one of its functions, which loads on the first call."""

    def call(*arguments: Any, **options: Any) -> Any:
        return getattr(import_module(module), function)(*arguments, **options)

    call.__doc__ = f"`{module}.{function}`."
    sys.modules[room].__class__ = type(
        "Room", (ModuleType,), {"__call__": staticmethod(call)}
    )
