"""What the lines of a study's journal may be, checked before Optuna replays them.

Each line is one operation of Optuna's journal storage, by its number. Fields that
Optuna may add are not looked at; operations that are not ours, such as notes of the
dashboard, must at least belong to the study and to a trial of it.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal

from rexpand.codec import from_content
from rexpand.documents import from_text, read_lines
from rexpand.errors import StudyError
from rexpand.ranges import COUNT, PERCENT
from rexpand.records.record import Measured
from rexpand.search.configuration import Configuration, Outcome, params_of

_COMPLETE, _FAIL = 1, 3  # Optuna's numbers of those states

_Attributes = Mapping[str, object]


@dataclass(frozen=True, kw_only=True)
class _CreateStudy:
    study_name: str
    directions: tuple[Literal[2]]  # maximize


@dataclass(frozen=True, kw_only=True)
class _SetOfStudy:
    study_id: Literal[0]
    user_attr: _Attributes | None = None
    system_attr: _Attributes | None = None

    def __post_init__(self) -> None:
        _check_one(self.user_attr, self.system_attr)


@dataclass(frozen=True, kw_only=True)
class _Fixed:
    fixed_params: Mapping[str, int]


@dataclass(frozen=True, kw_only=True)
class _CreateTrial:
    """A configuration that waits to be trained."""

    study_id: Literal[0]
    state: Literal[4]
    user_attrs: Configuration
    system_attrs: _Fixed
    datetime_start: Literal[None]
    value: Literal[None] = None
    values: Literal[None] = None
    params: _Attributes = field(default_factory=dict)
    distributions: _Attributes = field(default_factory=dict)
    intermediate_values: _Attributes = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.params or self.distributions or self.intermediate_values:
            raise ValueError("a trial that waits has values")
        if dict(self.system_attrs.fixed_params) != params_of(self.user_attrs.channels):
            raise ValueError("its params are not its channels")


@dataclass(frozen=True, kw_only=True)
class _OfTrial:
    """An operation on a trial that an earlier line made."""

    trial_id: Annotated[int, COUNT]


@dataclass(frozen=True, kw_only=True)
class _Bounds:
    low: int
    high: int
    step: Literal[1]
    log: Literal[False]


@dataclass(frozen=True, kw_only=True)
class _Distribution:
    name: Literal["IntDistribution"]
    attributes: _Bounds


@dataclass(frozen=True, kw_only=True)
class _SetParam(_OfTrial):
    param_name: str
    param_value_internal: float
    distribution: str

    def __post_init__(self) -> None:
        _check_distribution(self.distribution)


@dataclass(frozen=True, kw_only=True)
class _SetState(_OfTrial):
    """A trial begins or ends; one that is complete has its accuracy."""

    state: Literal[0, 1, 2, 3]
    values: tuple[Annotated[float, PERCENT]] | None
    datetime_start: str | None = None
    datetime_complete: str | None = None

    def __post_init__(self) -> None:
        datetime.fromisoformat(
            (self.datetime_complete if self.state else self.datetime_start) or ""
        )
        if self.values is None and self.state == _COMPLETE:
            raise ValueError("a complete trial has no value")


@dataclass(frozen=True, kw_only=True)
class _SetIntermediate(_OfTrial):
    step: Annotated[int, COUNT]
    intermediate_value: Measured


@dataclass(frozen=True, kw_only=True)
class _SetOfTrial(_OfTrial):
    user_attr: _Attributes | None = None
    system_attr: _Attributes | None = None

    def __post_init__(self) -> None:
        _check_one(self.user_attr, self.system_attr)
        for name, value in (self.user_attr or {}).items():
            if name in _OUTCOMES:
                _check_outcome(name, json.dumps(value))


# By Optuna's numbers; 1 deletes the study.
_OPERATIONS: Mapping[object, type] = {
    0: _CreateStudy,
    2: _SetOfStudy,
    3: _SetOfStudy,
    4: _CreateTrial,
    5: _SetParam,
    6: _SetState,
    7: _SetIntermediate,
    8: _SetOfTrial,
    9: _SetOfTrial,
}
_NAMES = {kind: {each.name for each in fields(kind)} for kind in _OPERATIONS.values()}
_OUTCOMES = {each.name for each in fields(Outcome)}


def check_journal(path: Path) -> None:
    """Raise StudyError, naming the line, for one that is no operation of a study.

    Nor may a line speak of a trial that no line before it made.
    """
    trials = 0
    for line, operation in enumerate(_operations(path), start=1):
        if line == 1 and not isinstance(operation, _CreateStudy):
            raise StudyError(f"{path}, line 1: no study begins here")
        trials += isinstance(operation, _CreateTrial)
        if isinstance(operation, _OfTrial) and operation.trial_id >= trials:
            raise StudyError(
                f"{path}, line {line}: there is no trial {operation.trial_id} yet"
            )


def without_failures(path: Path) -> bytes:
    """The lines of a journal as if no trial had failed: those that did still run."""
    with path.open("rb") as lines:
        return b"".join(
            line
            for line, operation in zip(lines, _operations(path), strict=True)
            if not _is_of_failure(operation)
        )


def _is_of_failure(operation: object) -> bool:
    match operation:
        case _SetState(state=state):
            return state == _FAIL
        case _SetOfTrial(user_attr=attribute):
            return "failure" in (attribute or {})
    return False


def _operations(path: Path) -> Iterator[Any]:
    return read_lines(path, _operation, StudyError)


def _operation(content: Any) -> Any:
    if not isinstance(content, Mapping):
        raise ValueError("it is not a table")
    code = content.get("op_code")
    kind = _OPERATIONS.get(code) if type(code) is int else None
    if kind is None or not isinstance(content.get("worker_id"), str):
        raise ValueError("it is no operation of a study")
    names = _NAMES[kind]
    return from_content(kind, {n: each for n, each in content.items() if n in names})


# Thousands of lines have the same distribution, or come from the same machine.
@lru_cache(maxsize=4096)
def _check_distribution(text: str) -> None:
    from_text(_Distribution, text)


@lru_cache(maxsize=4096)
def _check_outcome(name: str, text: str) -> None:
    from_content(Outcome, {name: json.loads(text)})


def _check_one(*attributes: _Attributes | None) -> None:
    given = [each for each in attributes if each is not None]
    if len(given) != 1 or len(given[0]) != 1:
        raise ValueError("it sets not one attribute")
