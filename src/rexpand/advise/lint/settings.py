"""Which rules look, how strictly, and at what: a value, and the file that holds one."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Any

from rexpand.advise.rules import (
    LEVELS,
    RULES,
    Level,
    Rule,
    Target,
    Thresholds,
)
from rexpand.allowed import Choice, check_fields
from rexpand.codec import from_content
from rexpand.documents import read_document
from rexpand.errors import SpecError, UnknownNameError
from rexpand.ranges import ROUNDING

_HINT = "give an id such as RX001, or a name such as expansion-above-six"


@dataclass(frozen=True, kw_only=True)
class Selector:
    """A rule, and the layers of it that are meant: `RX001@head.*`, or all without @."""

    rule: Rule
    layers: str = "*"

    def matches(self, rule: Rule, layer: str) -> bool:
        """Whether a finding of a rule at a layer is meant."""
        return rule.id == self.rule.id and fnmatchcase(layer, self.layers)


@dataclass(frozen=True, kw_only=True)
class LintSettings:
    """What to look for. Without `select` every rule is, less those of `ignore`.

    `levels` are levels other than the rules' own; `fail_on` is the mildest level that
    fails the run, None for none; `multiple_of` 0 means none.
    """

    select: tuple[Selector, ...] = ()
    ignore: tuple[Selector, ...] = ()
    levels: tuple[tuple[Rule, Level], ...] = ()
    fail_on: Level | None = None
    multiple_of: Annotated[int, ROUNDING] = 0
    target: Target = "float"
    thresholds: Thresholds = field(default_factory=Thresholds)

    def __post_init__(self) -> None:
        check_fields(self, SpecError)
        for _, level in self.levels:
            Choice(names=LEVELS).check("level", level, SpecError)

    def wants(self, rule: Rule, layer: str) -> bool:
        """Whether a finding of a rule at a layer is kept."""
        chosen = not self.select or any(s.matches(rule, layer) for s in self.select)
        return chosen and not any(s.matches(rule, layer) for s in self.ignore)

    def level(self, rule: Rule) -> Level | None:
        """The level that the file gives a rule, if any."""
        return next((level for each, level in self.levels if each is rule), None)

    def fails(self, levels: Iterable[Level]) -> bool:
        """Whether findings of these levels fail the run."""
        if self.fail_on is None:
            return False
        return any(LEVELS.index(each) >= LEVELS.index(self.fail_on) for each in levels)


def find_rule(name: str) -> Rule:
    """The rule of an id or a name, in any case; UnknownNameError for neither."""
    for rule in RULES:
        if name.casefold() in (rule.id.casefold(), rule.name):
            return rule
    known = [each for rule in RULES for each in (rule.id, rule.name)]
    raise UnknownNameError("rule", name, known, _HINT)


def selectors(words: Iterable[str]) -> tuple[Selector, ...]:
    """`RX001`, `RX001@head.*`, several with commas."""
    names = [name.strip() for word in words for name in word.split(",")]
    pairs = [name.partition("@") for name in names if name]
    return tuple(
        Selector(rule=find_rule(rule), layers=layers or "*")
        for rule, _, layers in pairs
    )


@dataclass(frozen=True, kw_only=True)
class _Section:
    """[lint] as a file has it."""

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    levels: Mapping[str, Level] = field(default_factory=dict)
    fail_on: Level | None = None
    multiple_of: int = 0
    target: Target = "float"
    thresholds: Mapping[str, float] = field(default_factory=dict)


def read_settings(path: str | Path) -> LintSettings:
    """The section [lint] of a rexpand.toml; SpecError if it cannot be read."""
    return read_document(Path(path), _settings, SpecError)


def _settings(content: Any) -> LintSettings:
    if not isinstance(content, Mapping):
        raise ValueError("it is not a table; write [lint]")
    found = from_content(_Section, content.get("lint", {}), "lint")
    return LintSettings(
        select=selectors(found.select),
        ignore=selectors(found.ignore),
        levels=tuple((find_rule(r), level) for r, level in found.levels.items()),
        fail_on=found.fail_on,
        multiple_of=found.multiple_of,
        target=found.target,
        thresholds=_thresholds(found.thresholds),
    )


def _thresholds(values: Mapping[str, float]) -> Thresholds:
    known = Thresholds.__dataclass_fields__
    for name in values:
        if name not in known:
            hint = f"choose from {', '.join(known)}"
            raise UnknownNameError("threshold", name, known, hint)
    return replace(Thresholds(), **values)  # type: ignore[arg-type]  # groups counts
