"""`rexpand reproduce`: the sources' tables, figures and claims, printed beside measured."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rexpand.cli.console import note, print_json, print_table
from rexpand.cli.numbers import number
from rexpand.cli.options import DataRoot, Json
from rexpand.cli.places import output_folder
from rexpand.cli.stopping import SAME_COMMAND, resumable
from rexpand.ranges import HOURS

if TYPE_CHECKING:
    from rexpand.ledger import Item, ItemRecord, Protocol

_FOLDER = "ledger"
_ONE_HOUR = 1.0
_ALL = "all"


def reproduce(
    item: Annotated[
        str | None,
        typer.Argument(
            metavar="ITEM",
            help="A name from --list, e.g. table-5 or figure-1; or all, for every item "
            "that fits into --hours.",
        ),
    ] = None,
    listed: Annotated[
        bool, typer.Option("--list", help="Show the items, and what each needs.")
    ] = False,
    quick: Annotated[
        bool, typer.Option("--quick", help="The smallest protocol of each item.")
    ] = False,
    hours: Annotated[
        float,
        number(
            HOURS,
            "--hours",
            help="The largest protocol that takes no longer than this on two cores.",
        ),
    ] = _ONE_HOUR,
    data_root: DataRoot = None,
    out: Annotated[
        Path,
        output_folder(
            "--out",
            help="Where runs are kept and found again; the ledger is in ledger/.",
        ),
    ] = Path("runs/reproduce"),
    as_json: Json = False,
) -> None:
    """Repeat what the ReXNet paper and its field print, item by item.

    Without ITEM, show the items. An item is run by its largest protocol that this machine
    can run; what it leaves out is said first. You can stop it at any time: the same
    command goes on.
    """
    from rexpand.ledger import ITEMS, read_ledger
    from rexpand.ledger import item as named

    are_all = item is None or item == _ALL
    chosen = [*ITEMS.values()] if item is None or are_all else [named(item)]
    if listed or item is None:
        _print_list(chosen, as_json)
        return
    with resumable(SAME_COMMAND):
        records = [
            record
            for each in chosen
            if (record := _run(each, are_all, quick, hours, data_root, out))
        ]
    if as_json:
        documents = [_document(record) for record in records]
        print_json(documents if are_all else documents[0])
        return
    for record in records:
        _print_record(record)
    for path in read_ledger(out / _FOLDER).unread:
        note(f"{path} is kept: another version of rexpand wrote it, and it is left out")
    print(f"wrote {out / _FOLDER / 'ledger.csv'}")


def _run(
    item: "Item",
    may_skip: bool,
    quick: bool,
    hours: float,
    data_root: Path | None,
    out: Path,
) -> "ItemRecord | None":
    """The record of an item; None, with a line, if it cannot be run and may be skipped."""
    from rexpand.errors import DataError
    from rexpand.ledger import choose, run, write_item

    try:
        protocol = choose(item.smallest if quick else item, out, hours, data_root)
        note(f"{item.name}, protocol {protocol.name}: {protocol.says}")
        record = run(
            item,
            protocol,
            out,
            data_root=data_root,
            advance=lambda step: note(f"rexpand {' '.join(step.command(out))}"),
        )
    except DataError as error:
        if not may_skip:
            raise
        note(str(error))
        return None
    write_item(record, out / _FOLDER)
    return record


def _print_list(items: "list[Item]", as_json: bool) -> None:
    if as_json:
        print_json([_listed(each) for each in items])
        return
    print_table(
        ("item", "protocol", "hours", "needs", "title"),
        [
            (each.name, one.name, f"{one.needs.hours:g}", _needs(one), each.title)
            for each in items
            for one in each.protocols
        ],
    )


def _listed(item: "Item") -> dict[str, Any]:
    return {
        "item": item.name,
        "title": item.title,
        "source": item.source,
        "protocols": [
            {
                "name": each.name,
                "says": each.says,
                "needs": asdict(each.needs),
                "commands": [
                    ["rexpand", *step.command(Path("FOLDER"))] for step in each.steps
                ],
            }
            for each in item.protocols
        ],
    }


def _needs(protocol: "Protocol") -> str:
    needs = protocol.needs
    gpu = ("a GPU",) if needs.gpu else ()
    return ", ".join((*needs.data, *needs.weights, *gpu)) or "-"


def _document(record: "ItemRecord") -> dict[str, Any]:
    document = asdict(record)
    document["panels"] = {each.letter: asdict(each) for each in record.panels}
    return document


def _print_record(record: "ItemRecord") -> None:
    """The rows that were run; the others as a count, with the reasons."""
    print(f"\n{record.item}: {record.title} ({record.source})")
    print(f"protocol {record.protocol}: {record.says}")
    if record.found:
        print_table(
            ("name", "printed", "ours", "95 % interval", "n", "verdict"),
            [
                (
                    row.name,
                    row.printed,
                    row.shown,
                    row.interval,
                    row.count or "",
                    row.verdict,
                )
                for row in record.found
            ],
        )
    for why, count in record.left_out.items():
        print(f"not run, {count} printed figures: {why}")
