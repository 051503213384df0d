"""`package.module:factory`: a function of the user's, found by its name."""

import inspect
from collections.abc import Callable
from importlib import import_module
from types import ModuleType
from typing import Any

from torch import nn

from rexpand.errors import MistakeError, UnknownNameError
from rexpand.trace.foreign import foreign_code

_FORM = "give package.module:factory"


def find_factory(path: str, arguments: tuple[str, ...] = ()) -> Callable[..., Any]:
    """The function of that path, which takes `arguments`; its module is imported.

    Raises UnknownNameError for a module or a name that is not there, ForeignCodeError
    for a module that fails, and MistakeError for what cannot be called like that.
    """
    package, _, name = path.partition(":")
    if package[:1] in ("", ".") or not name:  # not the absolute name of a module
        raise UnknownNameError("factory", path, (), _FORM)
    with foreign_code(f"importing {package}"):
        module = _imported(package, path)
        found = getattr(module, name, None)
        if found is None:
            names = [f"{package}:{each}" for each in vars(module) if each[:1] != "_"]
            raise UnknownNameError("factory", path, names, _FORM)
        if not callable(found) or isinstance(found, nn.Module):
            raise MistakeError(
                f"{path} is {kind_of(found)}, not a function; {_FORM}, a function "
                "that returns the module"
            )
        _check_arguments(path, found, arguments)
    return found


def kind_of(value: object) -> str:
    """What a value is, as a message says it: `a dict`, `the class Net`, `None`."""
    if value is None:
        return "None"
    if isinstance(value, type):
        return f"the class {value.__name__}"
    name = type(value).__name__
    return f"{'an' if name[:1] in 'aeiouAEIOU' else 'a'} {name}"


def _imported(package: str, path: str) -> ModuleType:
    try:
        return import_module(package)
    except ModuleNotFoundError as error:
        missing = error.name or ""
        if missing != package and not package.startswith(f"{missing}."):
            raise  # something that the module needs
        raise UnknownNameError(
            "factory",
            path,
            (),
            f"cannot import module '{missing}' (searched the current folder and "
            f"installed packages); {_FORM}",
        ) from None


def _check_arguments(
    path: str, function: Callable[..., Any], arguments: tuple[str, ...]
) -> None:
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):  # written in C: the call will tell
        return
    try:
        signature.bind(*arguments)
    except TypeError:
        given = f"({', '.join(arguments)})" if arguments else "no arguments"
        raise MistakeError(
            f"{path} takes {signature}, and is called with {given}; give a function "
            "that can be called so"
        ) from None
