"""What a verb prints: a table for people, or one JSON document for programs."""

import json
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

import typer

from rexpand.errors import LONGEST_MESSAGE, MissingExtraError, printable

if TYPE_CHECKING:
    from rexpand.data.split import Split
    from rexpand.report import ReportFiles

_NUMBER = re.compile(r"-?[0-9][0-9,.]*(e-?[0-9]+)?[kMGB%]?")


def print_json(document: Any) -> None:
    """One JSON document on stdout."""
    sys.stdout.write(json.dumps(document, indent=2) + "\n")


def print_table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Columns that line up; numbers to the right. Plain text, so that it can be piped."""
    lines = [[str(cell) for cell in row] for row in rows]
    widths = [
        max([len(title), *(len(line[column]) for line in lines)])
        for column, title in enumerate(header)
    ]
    right = [
        all(_is_number(line[column]) for line in lines) for column in range(len(header))
    ]
    for line in [list(header), *lines]:
        cells = (
            cell.rjust(width) if to_right else cell.ljust(width)
            for cell, width, to_right in zip(line, widths, right, strict=True)
        )
        print("  ".join(cells).rstrip())


def help_if_alone(context: typer.Context) -> None:
    """Print the help of a group of verbs that was given none of them."""
    if context.invoked_subcommand is None:
        print(context.get_help())


def note_resized(data: str, split: "Split") -> None:
    """A line for the person where images are fed at another size than they are stored."""
    stored, fed = split.stored_side, split.contract.height
    if stored is not None and stored != fed:
        note(f"the images of {data} are of {stored} pixels; they are resized to {fed}")


def note_converted(*splits: "Split") -> None:
    """One line for the person where images that were read are stored in other colours."""
    modes = sorted({mode for split in splits for mode in split.converted})
    if modes:
        note(
            f"images of other colours than RGB were converted: {', '.join(modes)} "
            "(Pillow's names; `rexpand data check` counts them)"
        )


def note(message: str) -> None:
    """A line for the person, on stderr; names of files cannot make it two."""
    print(printable(message, LONGEST_MESSAGE), file=sys.stderr)


def page_of(write: "Callable[[], ReportFiles]") -> str | None:
    """The page that is written; without the report extra a line for the person, and None.

    What was trained for hours is still printed then.
    """
    try:
        return str(write().page)
    except MissingExtraError as missing:
        note(f"no report: {missing}")
        return None


def count(number: float) -> str:
    """398370392 as 398.4M."""
    for factor, unit in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if number >= factor:
            return f"{number / factor:.4g}{unit}"
    return f"{number:g}"


def _is_number(cell: str) -> bool:
    return cell in ("", "-") or bool(_NUMBER.fullmatch(cell))
