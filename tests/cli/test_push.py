"""What is pushed to a hub is a network wherever one is named; what goes wrong, a line."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from huggingface_hub import constants

from hub.local_hub import TOKEN, LocalHub, local_hub
from rexpand.models import build, save_network
from rexpand.spec import network

Say = Callable[..., Any]
NOBODY = "http://127.0.0.1:9"


@pytest.fixture(scope="module")
def hub() -> Iterator[LocalHub]:
    with local_hub() as hub:
        hub.repositories["owner/other"] = {"model.bin": b"a pickle"}
        yield hub


@pytest.fixture(autouse=True)
def _here(hub: LocalHub, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The client, which reads its environment once, asks the hub of this machine."""
    ask(hub.url, monkeypatch)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(tmp_path / "no token"))
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    small = build("search_18:num_classes=10,in_channels=1,resolution=8")
    save_network(small, tmp_path / "net.safetensors")


def ask(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "ENDPOINT", url)
    template = url + "/{repo_id}/resolve/{revision}/{filename}"
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)


def test_what_is_pushed_is_a_network_everywhere(
    say: Say, hub: LocalHub, tmp_path: Path
) -> None:
    said = say(*["push", "net.safetensors", "owner/net", "--license", "mit", "--json"])

    assert json.loads(said.out)["url"] == f"{hub.url}/owner/net"
    files = hub.repositories["owner/net"]
    assert files["network.safetensors"] == (tmp_path / "net.safetensors").read_bytes()
    # The hub was asked whether it can read the metadata.
    assert hub.cards == [files["README.md"].decode()]
    there, here = (
        say("evaluate", name, "--json") for name in ("hf:owner/net", "net.safetensors")
    )
    assert json.loads(there.out)["loss"] == json.loads(here.out)["loss"]
    assert "random weights" not in there.err

    told = [
        say("explain", name, "--json") for name in ("hf:owner/net", "net.safetensors")
    ]
    assert told[0].out == told[1].out

    # The client's own cache holds it now, so no hub is needed.
    offline = subprocess.run(
        [sys.executable, "-m", "rexpand", "cost", "hf:owner/net@main", "--json"],
        capture_output=True,
        text=True,
        check=False,
        env={
            **os.environ,
            "HF_HUB_CACHE": str(tmp_path / "cache"),
            "HF_HUB_OFFLINE": "1",
        },
    )
    assert offline.returncode == 0, offline.stderr
    assert json.loads(offline.stdout)["channels"] == list(network("search_18").channels)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("cost hf:owner/nothing", "the hub has no owner/nothing, or it is private"),
        ("cost hf:owner/other", "holds no network.safetensors"),
        ("cost hf:owner/other@v9", "has no revision 'v9'"),
        ("cost hf:owner", "write hf:OWNER/NAME"),
        ("push net.safetensors owner/new", "Missing option '--license'"),
        ("push net.safetensors owner --license mit", "write hf:OWNER/NAME"),
        ("push nothing owner/new --license mit", "nothing is no checkpoint"),
    ],
)
def test_a_mistake_is_one_line(typed: str, said: str, say: Say) -> None:
    done = say(*typed.split())

    assert done.code == 2
    assert said in done.err
    assert done.err.count("\n") == 1


@pytest.mark.parametrize(
    ("token", "said"),
    [("", "without a token"), ("hf_another", "does not let you write")],
)
def test_who_may_not_write_is_told_to_log_in(
    token: str, said: str, say: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", token)

    done = say("push", "net.safetensors", "owner/new", "--license", "mit")

    assert done.code == 2
    assert said in done.err
    assert "hf auth login" in done.err
    assert done.err.count("\n") == 1


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("cost hf:owner/far", "owner/far cannot be fetched: "),
        ("push net.safetensors owner/far --license mit", "cannot be pushed: "),
    ],
)
def test_a_hub_that_does_not_answer_is_a_failed_run(
    typed: str, said: str, say: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(NOBODY, monkeypatch)
    monkeypatch.setattr("time.sleep", lambda seconds: None)  # between two attempts

    done = say(*typed.split())

    assert done.code == 1
    assert said in done.err
    assert done.err.count("\n") == 1


def test_the_files_are_written_instead_of_pushed(
    say: Say, hub: LocalHub, tmp_path: Path
) -> None:
    done = say(
        *["push", "net.safetensors", "owner/new", "--license", "mit", "--out", "folder"]
    )

    assert done.code == 0
    files = ("folder/README.md", "folder/network.safetensors")
    assert done.out == f"wrote {', '.join(files)}\n"
    assert all((tmp_path / file).is_file() for file in files)
    assert "owner/new" not in hub.repositories


def test_a_dry_run_prints_the_card(say: Say, hub: LocalHub) -> None:
    done = say(
        *["push", "net.safetensors", "owner/new", "--license", "mit", "--dry-run"]
    )

    assert done.code == 0
    assert "license: mit\n" in done.out.split("---\n")[1]
    assert "owner/new" not in hub.repositories
