"""`rexpand lint`: which layers of a network are badly proportioned, and what to do."""

from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, cast

import typer

from rexpand.cli.numbers import number
from rexpand.cli.options import DataRoot, Json, OptionalNetwork, Resolution
from rexpand.cli.places import output_file
from rexpand.ranges import MULTIPLE_OF, SOME_IMAGES
from rexpand.size import Size

if TYPE_CHECKING:
    from rexpand.advise.lint import LintReport, LintSettings
    from rexpand.advise.rules import Subject
    from rexpand.cli.rank_network import Images
    from rexpand.spec import Source

Format = Literal["text", "json", "sarif"]

_FILE = Path("rexpand.toml")
_FAILED = 1


class FailOn(StrEnum):
    """The mildest level of a finding that fails the run."""

    ADVICE = "advice"
    WARNING = "warning"
    ERROR = "error"


def lint(
    network: OptionalNetwork = None,
    explain: Annotated[
        str | None,
        typer.Option(
            "--explain",
            metavar="RULE",
            help="Print what a rule checks, its source and its fix, e.g. RX007; no "
            "NETWORK is needed.",
        ),
    ] = None,
    select: Annotated[
        list[str] | None,
        typer.Option(
            metavar="RULES",
            help="Only these rules, e.g. RX001,RX006; RX001@blocks.3.* for some layers.",
        ),
    ] = None,
    ignore: Annotated[
        list[str] | None,
        typer.Option(
            metavar="RULES",
            help="Without these rules, or without them at these layers.",
        ),
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="A file with a section [lint] (default: ./rexpand.toml if it exists).",
        ),
    ] = None,
    resolution: Resolution = None,
    multiple_of: Annotated[
        int | None,
        number(
            MULTIPLE_OF,
            "--multiple-of",
            help="Report widths that are not multiples of this (RX011).",
        ),
    ] = None,
    target: Annotated[
        str | None,
        typer.Option(
            metavar="TARGET",
            help="The arithmetic of the device: float (default) or int8 (RX013, RX014).",
        ),
    ] = None,
    data: Annotated[
        str | None,
        typer.Option(
            "--data",
            metavar="DATA",
            help="Measure the rank of every layer on this data set (RX003).",
        ),
    ] = None,
    data_root: DataRoot = None,
    images: Annotated[
        int,
        number(
            SOME_IMAGES, "--images", help="Use at most this many test images of --data."
        ),
    ] = 1000,
    measure: Annotated[
        bool,
        typer.Option("--measure", help="Time the layers on this machine (RX010)."),
    ] = False,
    fail_on: Annotated[
        FailOn | None,
        typer.Option(
            "--fail-on",
            help="Exit with code 1 if a finding has this level or a more serious one.",
        ),
    ] = None,
    form: Annotated[
        str, typer.Option("--format", metavar="FORMAT", help="text, json or sarif.")
    ] = "text",
    out: Annotated[
        Path | None,
        output_file("--out", help="Write to this file instead of printing."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Find badly proportioned layers: evidence, cost and fix.

    Some rules need more than the network: RX003 needs --data, RX010 --measure, RX011
    --multiple-of, RX013 and RX014 --target int8.
    """
    from rexpand.advise.lint import lint as put_rules
    from rexpand.advise.lint import selectors
    from rexpand.cli.rank_network import Images
    from rexpand.errors import SpecError
    from rexpand.spec import Source

    if explain is not None:
        _write(_explained(explain, "json" if as_json else form), out)
        return
    if network is None:
        raise SpecError("NETWORK is missing; give one, e.g. rexpand lint rexnet_100")
    settings = _settings(config)
    settings = replace(
        settings,
        select=selectors(select or ()) or settings.select,
        ignore=settings.ignore + selectors(ignore or ()),
        multiple_of=multiple_of or settings.multiple_of,
        target=cast("Any", target or settings.target),
        fail_on=cast("Any", fail_on or settings.fail_on),
    )
    form = _form("json" if as_json else form)
    source = Source.parse(network)
    subject = _seen(source, resolution)
    if measure:
        subject = _timed(subject, source)
    if data is not None:
        images_of = Images(data=data, root=data_root, resolution=resolution)
        subject = _ranked(subject, source, images_of, images)
    report = put_rules(subject, settings)
    _write(_text(report, form, network), out)
    if settings.fails(finding.level for finding in report.findings):
        raise typer.Exit(_FAILED)


def _explained(name: str, form: str) -> str:
    import json

    from rexpand.advise.lint import find_rule
    from rexpand.cli.lint_text import explained, explained_document

    rule = find_rule(name)
    if _form(form) == "text":
        return explained(rule)
    return json.dumps(explained_document(rule), indent=2) + "\n"


def _settings(config: Path | None) -> "LintSettings":
    from rexpand.advise.lint import LintSettings, read_settings

    if config is None and not _FILE.exists():
        return LintSettings()
    return read_settings(config or _FILE)


def _form(form: str) -> Format:
    from typing import get_args

    from rexpand.errors import SpecError

    if form not in get_args(Format):
        known = ", ".join(get_args(Format))
        raise SpecError(f"format '{form}' is unknown; choose from {known}")
    return cast(Format, form)


def _seen(source: "Source", resolution: Size | None) -> "Subject":
    from rexpand.advise.lint.seeing import see  # torch, after the mistakes in options

    return see(source, resolution)


def _timed(subject: "Subject", source: "Source") -> "Subject":
    from rexpand.advise.lint.seeing import timed
    from rexpand.models import open_source

    return timed(subject, open_source(source).module)


def _ranked(
    subject: "Subject", source: "Source", images_of: "Images", images: int
) -> "Subject":
    from rexpand.cli.console import note
    from rexpand.cli.rank_network import ranked
    from rexpand.rank import RankPlan

    ranks = ranked(source, images_of, RankPlan(images=images))
    note(f"images of {images_of.data}: {ranks.contract}")
    return replace(subject, ranks=ranks)


def _text(report: "LintReport", form: Format, network: str) -> str:
    import json

    from rexpand import __version__
    from rexpand.advise.lint import lint_document, sarif_document
    from rexpand.cli.lint_text import lint_text

    match form:
        case "json":
            return json.dumps(lint_document(report), indent=2) + "\n"
        case "sarif":
            file = Path(network).as_posix() if Path(network).is_file() else ""
            document = sarif_document(report, version=__version__, file=file)
            return json.dumps(document, indent=2) + "\n"
        case "text":
            return lint_text(report)


def _write(text: str, out: Path | None) -> None:
    from rexpand.cli.console import note
    from rexpand.records import write_atomic

    if out is None:
        print(text, end="")
        return
    write_atomic(out, text)
    note(f"wrote {out}")
