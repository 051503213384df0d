"""The fixed sample: once through all verbs, options, kinds of damage and places."""

from collections import Counter

import pytest

from fuzz.damage import kinds_for
from fuzz.declaration import verbs
from fuzz.draws import WORKS, documents, sample, works
from fuzz.field import Field
from fuzz.values import PLACES

_PARTS = 20  # so that processes can share the sample
_SHARES = [
    # The fast tests take every fourth part, the slow ones the rest: all take minutes.
    pytest.param(part, marks=[pytest.mark.slow] if part % 4 else [])
    for part in range(_PARTS)
]


@pytest.mark.parametrize("verb", verbs(), ids=lambda verb: verb.name)
def test_every_verb_works_in_the_world_of_the_cases(verb: object, field: Field) -> None:
    done, broken = field.tried(works(verb))

    # A command that changes are made to must work as it is.
    assert done.code == 0, done.err
    assert broken == []


@pytest.mark.parametrize("part", _SHARES)
def test_whatever_is_typed_the_promise_holds(part: int, field: Field) -> None:
    cases = [*sample(field.world)][part::_PARTS]

    found = {case.pasted(): field.broken_promises(case) for case in cases}

    assert {line: broken for line, broken in found.items() if broken} == {}


def test_the_sample_covers_what_is_declared(field: Field) -> None:
    cases = [*sample(field.world)]

    words = Counter(word for case in cases for word in case.arguments)
    options = {each.flags[0] for verb in verbs() for each in verb.options}
    kinds = {kind for name in documents(field.world) for kind in kinds_for(name)}
    assert set(WORKS) == {verb.name for verb in verbs()}
    assert options <= set(words)
    assert kinds == {case.damage.kind for case in cases if case.damage}
    assert set(PLACES) <= set(words)
