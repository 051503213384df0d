"""Running an item: what is done is kept, and what is missing is named."""

from dataclasses import replace
from pathlib import Path

import pytest

from rexpand.errors import DataError, MistakeError
from rexpand.ledger import Item, Needs, Protocol, Reading, Row, Step, choose, item, run


def read(root: Path) -> Reading:
    """A row for every study that there is."""
    found = sorted(path.parent.name for path in root.glob("*/layers.json"))
    return Reading(
        rows=tuple(
            Row(name=name, printed="", unit="", verdict="undecided") for name in found
        )
    )


def study(folder: str, *more: str) -> Step:
    """Two random layers of one point of Figure 1."""
    return Step(
        folder=folder,
        arguments=(
            *("rank", "layers", "--networks", "2", "--structures", "conv1x1"),
            *("--activations", "linear", "--dim-ratios", "0.5", "--jobs", "1", *more),
        ),
        result="layers.json",
    )


TWO = Protocol(
    name="two", says="two studies", read=read, steps=(study("a"), study("b"))
)
ITEM = Item(name="item", title="an item", source="here", protocols=(TWO,))


def test_an_item_that_was_stopped_goes_on_after_what_is_done(tmp_path):
    begun: list[str] = []

    def stop_at_b(step: Step) -> None:
        begun.append(step.folder)
        if step.folder == "b":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(ITEM, TWO, tmp_path, advance=stop_at_b)
    kept = (tmp_path / "a" / "layers.json").read_bytes()
    run(ITEM, TWO, tmp_path, advance=lambda step: begun.append(step.folder))

    # The second run begins with b; a is what it was.
    assert begun == ["a", "b", "b"]
    assert (tmp_path / "a" / "layers.json").read_bytes() == kept


def test_a_step_that_fails_names_its_command_and_keeps_the_others(tmp_path):
    steps = (study("a"), study("b", "--preset", "none_of_them"))
    protocol = replace(TWO, steps=steps)

    # The command itself has said why, on stderr; a mistake stays a mistake.
    with pytest.raises(MistakeError, match=r"--preset none_of_them --out .* failed"):
        run(ITEM, protocol, tmp_path)
    assert steps[0].is_done(tmp_path)


@pytest.mark.parametrize(
    ("needs", "said"),
    [
        (Needs(data=("cifar10",)), "cifar10"),
        (Needs(weights=("w.npz",)), "weights w.npz in the folder where you run it"),
        (Needs(hours=3), r"protocol two takes about 3 hours .* more than 1; --hours"),
    ],
)
def test_what_a_protocol_lacks_is_named(needs, said, tmp_path):
    lacking = replace(ITEM, protocols=(replace(TWO, needs=needs),))

    with pytest.raises(DataError, match=said):
        choose(lacking, tmp_path, hours=1.0, data_root=tmp_path)


def test_the_largest_protocol_that_can_be_run_is_chosen(tmp_path):
    table = item("table-3")

    # The paper's own takes thousands of hours; what can be counted takes none.
    assert [each.name for each in table.protocols] == ["paper", "counts"]
    assert choose(table, tmp_path, hours=1.0, data_root=tmp_path).name == "counts"
    assert choose(item("figure-1").smallest, tmp_path, hours=1.0).name == "quick"
