"""What the attack found: each case broke a promise once."""

import pytest

from fuzz.case import Case, Damage, typed
from fuzz.draws import WORKS
from fuzz.field import Field
from fuzz.world import MAKERS

FOUND = {
    # The export was read only after the card and the weights were written.
    "a push that is refused leaves no folder": typed(
        "push run owner/net --license mit --out new --onnx /proc/self/mem"
    ),
    # The recipe was read only after the spec was written.
    "a recipe that is refused leaves no spec": typed(
        "search export study --out new.toml --retrain nothing"
    ),
    # Verbs without a design of their own replaced the report of any other run.
    "the page of a study is not replaced by that of a bench": typed(
        WORKS["bench guidelines"].replace("--out new", "--out study")
    ),
    "the page of a comparison is not replaced by that of a lab": typed(
        WORKS["rank network"].replace("--out new", "--out compared")
    ),
    # The page was written again before the records of the comparison were read.
    "a comparison with a corrupt record keeps its page": typed(
        MAKERS["compared"],
        Damage(document="compared/after/seed-0/record.json", kind="emptied"),
    ),
    # The page shows two studies; the other one was read last.
    "a layer study beside a corrupt one is not lost": typed(
        MAKERS["layers"], Damage(document="layers/axes.json", kind="null")
    ),
    # The page quotes the name of its folder, which no UTF-8 can hold.
    "a folder's name that is no text is refused": Case(
        arguments=(*WORKS["rank network"].split()[:-1], "\udc80")
    ),
    "a path below a file is refused before any timing": typed(
        WORKS["round"].replace("--out new", "--out /dev/null")
    ),
    "a journal whose line is a number is corrupt": typed(
        "report study study",
        Damage(document="study/journal.log", kind="float", at=1773856),
    ),
    # Nothing bounded the widths of random layers.
    "a layer that no memory holds is refused": typed(
        "rank layers --networks 2 --jobs 1 --sizes 1-1000000000000"
    ),
    "a wide layer that no memory holds is refused": typed(
        "rank layers --networks 2 --jobs 1 --sizes 100000-100000"
    ),
    "a factory that is a number is no factory": typed(
        WORKS["train"].replace("tiny.toml", "shop:value")
    ),
    # The memory of a pass was that of what blocks output, not of what is inside.
    "an export that no memory holds is refused": typed(
        "export tiny.toml --resolution 3483"
    ),
    "a link to itself is no folder": typed(
        WORKS["round"].replace("--out new", "--out loop")
    ),
    "a link to nothing is no folder": typed(
        WORKS["round"].replace("--out new", "--out dangling")
    ),
    # What was at the place of a new database was removed when it could not be opened.
    "a link to itself stays, and is no database": typed(
        "search run --network tiny.toml --macs 40k --trials 2 --storage sqlite:///loop"
    ),
    # Only classification asked whether memory holds a step.
    "a detector that no memory holds is refused": typed(
        "detect train search_18 --data shapes"
    ),
    # The way to a study ends in a link to itself.
    "a comparison through a link to itself is refused": typed(
        "search compare loop/new study"
    ),
    # No name was taken for all of them.
    "an item without a name is unknown": Case(arguments=("reproduce", "")),
}


@pytest.mark.parametrize("case", FOUND.values(), ids=[*FOUND])
def test_what_was_found_once_keeps_the_promise(case: Case, field: Field) -> None:
    assert field.broken_promises(case) == []
