"""`rexpand explore`: a page in the browser where channels are dragged."""

from pathlib import Path
from typing import Annotated

import typer

from rexpand.cli.networks import network_argument
from rexpand.cli.numbers import number
from rexpand.ranges import PORT, UP_TIME


def explore(
    network: Annotated[str | None, network_argument()] = None,
    study: Annotated[
        Path | None,
        typer.Option(
            "--study",
            metavar="DIR",
            help="Also walk through the trials of this study of `rexpand search run`.",
        ),
    ] = None,
    port: Annotated[
        int,
        number(PORT, "--port", help="Of this machine; 0 takes any that is free."),
    ] = 7860,
    browser: Annotated[
        bool,
        typer.Option(
            "--browser/--no-browser", help="Open the page in the default browser."
        ),
    ] = True,
    seconds: Annotated[
        float | None,
        number(
            UP_TIME,
            "--seconds",
            help="End by itself after so long (default: when Ctrl-C is pressed).",
        ),
    ] = None,
) -> None:
    """Drag channels in a browser page and see what they cost.

    The page is for this machine alone (127.0.0.1), loads nothing from elsewhere and
    opens only the catalogue and what is named here. Ctrl-C ends it.
    """
    import threading
    import webbrowser
    from contextlib import closing

    from rexpand.app import LOCAL, application, listening, make_offer, served

    # The mistakes first, and at last the second that the measuring takes.
    with closing(listening(LOCAL, port)) as taken:
        app = application(make_offer(network, study))
        with served(app, taken=taken) as address:
            print(f"{address} (Ctrl-C ends it)", flush=True)
            if browser:
                webbrowser.open(address)
            threading.Event().wait(seconds)
