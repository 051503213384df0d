"""Optuna, imported where it is used: reading a design needs none of it."""

import warnings
from typing import Any

from rexpand.errors import MissingExtraError


def optuna_library() -> Any:
    """The package, which says nothing; MissingExtraError without it."""
    try:
        import optuna
    except ImportError:
        raise MissingExtraError("optuna", "search") from None
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    warnings.filterwarnings("ignore", category=optuna.exceptions.ExperimentalWarning)
    return optuna
