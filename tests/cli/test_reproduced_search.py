"""The paper's searches, read from a study that was run."""

from pathlib import Path

from rexpand.ledger import Needs
from rexpand.ledger.items.studies import Search, searching

# A study of seconds: ten thin networks, 100 images, one epoch.
SMALL = Search(
    name="small",
    network="search_18",
    data="digits",
    budget=("--macs", "300k"),
    how=(
        *("--trials", "10", "--seeds", "1", "--epochs", "1"),
        *("--train-subset", "100"),
    ),
    printed=(("top", "10.0", "100"), ("bottom", "100.0", "")),
)


def test_a_search_is_read_group_by_group(say, tmp_path: Path):
    protocol = searching("small", "a small one", (SMALL,), Needs())
    (step,) = protocol.steps
    said = say(*step.command(tmp_path))

    assert said.code == 0, said.err
    assert step.is_done(tmp_path)
    rows = {row.name: row for row in protocol.read(tmp_path).rows}
    # Within 100 points of 10 % every accuracy is; none is 100 % after one epoch.
    assert rows["search small, top: top1"].verdict == "holds"
    assert rows["search small, bottom: top1"].verdict == "does not hold"
    assert rows["search small, top: top1"].printed == "10.0 ± 100"
    assert "search small: the top tenth rises from block to block" in rows
