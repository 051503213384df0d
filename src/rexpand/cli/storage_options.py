"""The options that say where a study is stored, and which of its trials are run."""

from typing import Annotated

import typer

from rexpand.cli.numbers import number
from rexpand.ranges import LEASE

LEASE_SECONDS = 60.0
Storage = Annotated[
    str | None,
    typer.Option(
        "--storage",
        metavar="URL",
        help="A database that stores the study: sqlite:///FILE, or "
        "postgresql://USER@HOST/DATABASE with the password in PGPASSWORD or ~/.pgpass. "
        "There the study has the name of its folder (default: a journal file in the "
        "folder).",
    ),
]
Lease = Annotated[
    float,
    number(
        LEASE,
        "--lease",
        metavar="SECONDS",
        help="In a database, the trial of a driver that is silent for so long goes to "
        "another one.",
    ),
]
RetryFailed = Annotated[
    bool,
    typer.Option(
        "--retry-failed", help="Run the trials that failed earlier once more, too."
    ),
]
