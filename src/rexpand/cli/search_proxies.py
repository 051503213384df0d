"""`rexpand search proxies`: what is known of a study's trials before they are trained."""

from typing import TYPE_CHECKING, Annotated

import typer

from rexpand.cli.console import page_of, print_json, print_table
from rexpand.cli.device import Device, device_in_use, use_device
from rexpand.cli.numbers import number
from rexpand.cli.options import DataRoot, Json
from rexpand.cli.search_study import Study
from rexpand.ranges import PROXY_IMAGES, SEEDS, TRIALS

if TYPE_CHECKING:
    from rexpand.records import ProxyComparison


def proxies(
    study: Study,
    names: Annotated[
        str | None,
        typer.Option(
            "--proxies",
            metavar="NAME,...",
            help="Some of activations, nuclear_norm, effective_rank, synflow and naswot "
            "(default: all). Params and macs always come with them.",
        ),
    ] = None,
    initialisations: Annotated[
        int,
        number(
            SEEDS, "--initialisations", help="Random weights that a score is a mean of."
        ),
    ] = 5,
    images: Annotated[
        int,
        number(PROXY_IMAGES, "--images", help="Training images that a proxy sees."),
    ] = 128,
    trials: Annotated[
        int,
        number(
            TRIALS, "--trials", help="Of more finished trials than N, draw N at random."
        ),
    ] = 1000,
    data_root: DataRoot = None,
    device: Device = "auto",
    as_json: Json = False,
) -> None:
    """Compare scores of untrained networks with trained accuracies.

    Each proxy has to order the finished trials better than their params and macs do.
    Writes STUDY/proxies.json, and the report with it.
    """
    use_device(device)
    from rexpand.cli.count_bar import CountBar
    from rexpand.codec import to_content
    from rexpand.report import write_study_report
    from rexpand.search.proxies.catalogue import NAMES, proxy_names
    from rexpand.search.proxies.comparison import (
        ProxyPlan,
        compare_proxies,
        proxy_study,
    )
    from rexpand.search.summary import summarise

    chosen = (
        proxy_names([*map(str.strip, names.split(","))]) if names is not None else NAMES
    )
    plan = ProxyPlan(
        names=chosen, initialisations=initialisations, images=images, trials=trials
    )
    asked = proxy_study(study, plan)
    with CountBar(f"trials of {study}", len(asked.trials)) as bar:
        found = compare_proxies(
            asked, data_root=data_root, device=device_in_use(), on_trial=bar.advance
        )
    page = page_of(lambda: write_study_report(summarise(study), study))
    if as_json:
        print_json({**to_content(found), "report": page})
        return
    print_proxies(found)
    print(f"wrote {page or study}")


def print_proxies(found: "ProxyComparison") -> None:
    """The tau of every proxy and what it means, in words."""
    from dataclasses import asdict

    from rexpand.report import proxy_findings, proxy_rows

    rows = [asdict(row) for row in proxy_rows(found)]
    print_table([*rows[0]], ([*row.values()] for row in rows))
    for text in proxy_findings(found):
        print(text)
