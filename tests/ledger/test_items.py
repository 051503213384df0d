"""The items: every table and figure is there, and reads what the commands leave."""

from pathlib import Path

import pytest

from rexpand.cost import cost_of
from rexpand.errors import DataError, UnknownNameError
from rexpand.ledger import ITEMS, item, run
from rexpand.ledger.item import Protocol
from rexpand.ledger.tables import networks, stages
from rexpand.spec import Source, network

RESULTS = Path(__file__).parents[2] / "results"
HERE = [
    pytest.param(each, protocol, id=f"{name}-{protocol.name}")
    for name, each in ITEMS.items()
    for protocol in each.protocols
    if protocol.is_run(RESULTS)
]


@pytest.mark.parametrize(
    "name",
    [
        *(f"table-{n}" for n in range(1, 10)),
        "table-a1",
        "table-a2",
        *(f"figure-{n}" for n in range(1, 6)),
        "figure-a1",
        "figure-a2",
        "formula-line",
        "claims",
        "mobilenet-formula",
        "shuffle",
        "groups",
        "linear-bottleneck",
        "shufflenetv2-guidelines",
        "condensation",
        "compound-scaling",
    ],
)
def test_every_table_figure_and_claim_is_an_item(name):
    assert item(name).protocols[-1].says


def test_an_unknown_item_names_the_nearest():
    with pytest.raises(UnknownNameError, match="the nearest are table-1"):
        item("table1")


@pytest.mark.parametrize(("each", "protocol"), HERE)
def test_what_is_committed_can_be_read_again(each, protocol: Protocol):
    record = run(each, protocol, RESULTS)

    # Nothing was run: every step's result is in results/.
    assert record.rows
    assert all(
        row.verdict == "not run" or row.ours is not None or row.printed
        for row in record.rows
    )


def test_the_count_of_a_row_is_the_cost_of_its_network(tmp_path):
    rows = {
        row.name: row
        for row in run(item("table-a1"), item("table-a1").quick, tmp_path).rows
    }

    assert (
        rows["ReXNet x1.0: macs"].ours
        == cost_of(network("rexnet_100")).macs
        == 398_370_392
    )
    assert rows["ReXNet x1.0: macs"].verdict == "holds"
    assert rows["ReXNet x1.0: top1"].verdict == "not run"


@pytest.mark.parametrize(
    "table", ["table-1", "table-4", "table-5", "table-8", "table-a1", "table-a2"]
)
def test_the_printed_tables_name_networks_of_the_catalogue(table):
    for printed in networks(table):
        if printed.network:
            assert Source.parse(printed.network).spec is not None


def test_table_1_has_a_width_for_every_block():
    mobilenetv2 = next(each for each in stages() if each.network == "mobilenetv2_100")

    assert mobilenetv2.channels == network("mobilenetv2_100").channels
    assert mobilenetv2.stem == 32


def test_a_table_that_is_not_there_says_how_to_build_it(tmp_path):
    each = item("search-shapes")

    with pytest.raises(DataError, match="make search-table"):
        run(each, each.quick, tmp_path)
