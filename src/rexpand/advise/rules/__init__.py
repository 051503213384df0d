"""Rules about networks: one file a rule, or a family of rules."""

from rexpand.advise.rules import (
    dim_ratio,
    elementwise,
    expansion,
    fragmentation,
    groups,
    memory_access,
    multiples,
    nonlinearity,
    penultimate,
    quantisation,
    rank_ratio,
    slice_writes,
    stages,
)
from rexpand.advise.rules.rule import (
    LEVELS,
    WHOLE,
    Fact,
    Finding,
    Level,
    Need,
    Observation,
    Rule,
)
from rexpand.advise.rules.subject import Subject, Target
from rexpand.advise.rules.thresholds import Thresholds

RULES: tuple[Rule, ...] = (
    *expansion.RULES,
    *dim_ratio.RULES,
    *rank_ratio.RULES,
    *nonlinearity.RULES,
    *stages.RULES,
    *memory_access.RULES,
    *groups.RULES,
    *fragmentation.RULES,
    *elementwise.RULES,
    *multiples.RULES,
    *slice_writes.RULES,
    *quantisation.RULES,
    *penultimate.RULES,
)

__all__ = [
    "LEVELS",
    "RULES",
    "WHOLE",
    "Fact",
    "Finding",
    "Level",
    "Need",
    "Observation",
    "Rule",
    "Subject",
    "Target",
    "Thresholds",
]
