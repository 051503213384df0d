"""`--storage`: what is said of it, and that no password is kept."""

import json
import shlex
from pathlib import Path

import pytest

from cli.conftest import Say

STUDY = shlex.split(
    "search run --data digits --network search_18 --macs 500k --trials 1 --seeds 1 "
    "--epochs 1 --train-subset 64 --out RUN"
)


def test_a_study_in_its_folders_database_is_found_again(
    say: Say, tmp_path: Path
) -> None:
    done = say(*STUDY, "--storage", "sqlite:///RUN/study.db")
    again = say("search", "resume", "RUN", "--trials", "2", "--lease", "5")
    told = say("search", "report", "RUN", "--json")
    exported = say("search", "export", "RUN", "--out", "net.toml")

    assert (done.code, again.code, told.code, exported.code) == (0, 0, 0, 0)
    assert len(json.loads(told.out)["trials"]) == 2
    kept = json.loads((tmp_path / "RUN/storage.json").read_text())
    assert (kept["url"], kept["study"]) == ("sqlite:///study.db", "RUN")
    assert not (tmp_path / "RUN/journal.log").exists()


def test_a_study_in_a_journal_does_not_move(say: Say) -> None:
    say(*STUDY)

    moved = say(*STUDY, "--storage", "sqlite:///studies.db")

    assert moved.code == 2
    assert "RUN is stored in its journal file, not in the SQLite file" in moved.err


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("postgresql://me:secret@127.0.0.1:1/studies", "holds a password"),
        ("postgresql://127.0.0.1:1/studies", "start it, or give the host and the port"),
        (
            "sqlite:///nowhere/studies.db",
            "unable to open database file; give a file in",
        ),
        ("studies", "is no address of a storage; give sqlite:///FILE"),
    ],
)
def test_a_database_that_refuses_is_one_line_and_leaves_nothing(
    url: str, message: str, say: Say, tmp_path: Path
) -> None:
    refused = say(*STUDY, "--storage", url)

    assert refused.code == 2
    assert message in refused.err
    assert len(refused.err.strip().splitlines()) <= 3
    assert "secret" not in refused.err + refused.out
    assert [*tmp_path.iterdir()] == []
