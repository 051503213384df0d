"""`rexpand search table`: finished studies as one small table that others can query."""

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rexpand.cli.console import print_json
from rexpand.cli.options import Json
from rexpand.cli.places import output_file

if TYPE_CHECKING:
    from rexpand.records import SearchTable


def table(
    studies: Annotated[
        list[Path],
        typer.Argument(metavar="STUDY...", help="The folders of finished studies."),
    ],
    out: Annotated[
        Path, output_file("--out", help="Write the table to this file, as Parquet.")
    ] = Path("table.parquet"),
    card: Annotated[
        Path | None,
        output_file(
            "--card",
            help="Also write its card as Markdown: protocol, columns, limits (for the "
            "hub the README.md beside it).",
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Write studies as a table, one row per trial and seed.

    `rexpand.search.table` reads it: the nearest configuration, the best of some, a
    search without training. Trials that have not finished are left out.
    """
    from rexpand.records import write_atomic
    from rexpand.search.table import table_of, write_table

    found = table_of(studies)
    write_table(found, out)
    if card is not None:
        write_atomic(card, _card(found, out.name))
    if as_json:
        trials = Counter(study for study, _ in {(r.study, r.trial) for r in found.rows})
        print_json(
            {
                "file": str(out),
                "card": None if card is None else str(card),
                "rows": len(found.rows),
                "trials": dict(sorted(trials.items())),
            }
        )
        return
    size = out.stat().st_size / 1000
    print(f"wrote {out}: {len(found.rows):,} trainings, {size:.0f} kB")
    if card is not None:
        print(f"wrote {card}")


def _card(found: "SearchTable", file: str) -> str:
    from rexpand.report import table_card
    from rexpand.search.table import summary_of, verdicts

    summaries = [summary_of(found, each.name) for each in found.studies]
    return table_card(found, summaries, verdicts(found), file)
