"""`rexpand search proxies`: what is refused, in one line and before any work."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Say = Callable[..., Any]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--proxies", "zen"], "unknown proxy 'zen'; choose from params, macs"),
        (["--proxies", ""], "unknown proxy ''"),
        (["--images", "1"], "is 1; give 2 to 4096"),
        (["--initialisations", "0"], "is 0; give 1 to 1000"),
        ([], "holds no study; start one with `rexpand search run`"),
    ],
)
def test_what_cannot_be_compared_is_one_line(
    say: Say, tmp_path: Path, options: list[str], said: str
) -> None:
    done = say("search", "proxies", "nothing", *options)

    assert done.code == 2
    assert said in done.err
    assert done.out == ""
    assert not (tmp_path / "nothing").exists()
