"""Places for output, checked before any work: what is to be written can be.

A check really writes, beside the place and under names of the same lengths, because
permissions say little about read-only and virtual file systems. It leaves nothing.
"""

import os
import re
import tempfile
import unicodedata
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import typer

from rexpand.errors import MistakeError, OutputError, quoted

_PAGE = b"\0" * 4096  # the least that a file occupies: a full disk refuses it
_UNDONE = "nothing was begun"
_LONGEST_NAME = 100
# What says whose a run folder is: another verb would replace its page.
_MARKS = (
    *("study.json", "factors.json", "factorial.json", "comparison.json", "seed-0"),
    *("design.json", "finetuning.json", "layers.json", "axes.json", "spectra.json"),
    *("guidelines.json", "latency.json", "detection.json"),
)
_IN_A_FOLDER = "figures/a.svg"  # how deep a page goes


def output_file(*names: str, help: str) -> Any:
    """An option for a file to write."""
    return typer.Option(*names, parser=_parser(checked_file), metavar="FILE", help=help)


def output_place(*names: str, help: str) -> Any:
    """An option for a file or a folder: the verb knows which, and checks it."""
    return typer.Option(*names, parser=_parser(Path), metavar="PLACE", help=help)


def output_folder(*names: str, help: str) -> Any:
    """An option for a folder to write to."""
    return typer.Option(
        *names, parser=_parser(checked_folder), metavar="FOLDER", help=help
    )


def page_folder(*names: str, own: Sequence[str] = (), help: str) -> Any:
    """An option for a folder that gets a page; files named in `own` may be there."""

    def checked(path: Path) -> Path:
        checked_folder(path)
        for mark in _MARKS:
            if mark not in own and (path / mark).exists():
                raise OutputError(
                    f"{path} holds {mark} of another run; give another folder"
                )
        return path

    return typer.Option(*names, parser=_parser(checked), metavar="FOLDER", help=help)


def checked_file(path: Path) -> Path:
    """The path, if a file can be written there; else OutputError."""
    from rexpand.records.files import check_regular, writing

    _check_letters(path)
    with writing(path, _UNDONE):
        check_regular(path)
    _try(path, path.parent, path.name)
    return path


def checked_folder(path: Path) -> Path:
    """The path, if a folder is there or can be made, and be written to; else OutputError."""
    _check_letters(path)
    _try(path, path, _IN_A_FOLDER)
    return path


def run_folder(*names: str) -> Path:
    """The folder of a run that was given none, checked: runs/VERB-NETWORK."""
    name = re.sub(r"[:/\\]", "-", "-".join(names))
    return checked_folder(Path("runs") / name[:_LONGEST_NAME])


def _parser(checked: Callable[[Path], Path]) -> Callable[[str | Path], Path]:
    """What Typer calls: its own error instead of ours."""

    def parse(typed: str | Path) -> Path:
        if not str(typed):
            raise typer.BadParameter("is empty; give a name")
        try:
            return checked(Path(typed))
        except MistakeError as mistake:
            raise typer.BadParameter(str(mistake)) from mistake

    return parse


def _check_letters(path: Path) -> None:
    if any(unicodedata.category(letter) in ("Cc", "Cs") for letter in str(path)):
        raise OutputError(
            f"the name {quoted(str(path))} has control characters or bytes that are no text"
        )


def _try(path: Path, folder: Path, file: str) -> None:
    """Write a file in a folder that is removed again, nearest to where it will be."""
    from rexpand.records.files import TORN, writing

    with writing(path, _UNDONE):
        wanted = Path(os.path.abspath(folder))  # noqa: PTH100  # resolves no link
        on_the_way = (wanted, *wanted.parents)
        for each in on_the_way:
            if each.is_symlink() and not each.exists():
                raise NotADirectoryError(0, f"{each} is a link to nothing")
        there = next(each for each in on_the_way if each.exists())
        if not there.is_dir():
            raise NotADirectoryError(0, f"{there} is no folder")
        with tempfile.TemporaryDirectory(
            dir=there, prefix=".rexpand.", suffix=TORN
        ) as probe:
            place = Path(probe, wanted.relative_to(there), file)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(_PAGE)
