"""`rexpand explore`: a page for this machine, and what is refused before it opens."""

import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

pytest.importorskip("gradio")

SOURCE = Path(__file__).parents[2] / "src"


def test_the_page_is_served_until_ctrl_c(tmp_path: Path):
    command = [
        sys.executable,
        "-m",
        "rexpand",
        "explore",
        "--no-browser",
        "--port",
        "0",
    ]
    running = subprocess.Popen(
        command,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(SOURCE)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert running.stdout is not None
        said = re.match(r"(http://127\.0\.0\.1:\d+) ", running.stdout.readline())
        assert said
        with urllib.request.urlopen(said[1], timeout=60) as page:
            assert "rexpand explorer" in page.read().decode()
        running.send_signal(signal.SIGINT)
        _, err = running.communicate(timeout=60)
    finally:
        running.kill()

    # As every command that is stopped: 130, one line and no traceback.
    assert running.returncode == 130
    assert err == "rexpand: stopped\n"
    assert list(tmp_path.iterdir()) == []


def test_it_ends_by_itself_after_so_many_seconds(say):
    said = say("explore", "search_18", "--no-browser", "--port", "0", "--seconds", "0")

    assert said.code == 0
    assert said.out.startswith("http://127.0.0.1:")
    assert said.err == ""


def test_a_port_in_use_is_refused_before_anything_else(say):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])

        said = say("explore", "no_such_network", "--port", port)

    assert said.code == 2
    assert said.err == (
        f"rexpand: port {port} is in use; give another one, or --port 0 for any that is "
        "free\n"
    )


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        (["rexnet_10"], "unknown network 'rexnet_10'; the nearest are"),
        (["--study", "nowhere"], "nowhere"),
        (["rexnet_100", "--port", "70000"], "--port is 70000"),
    ],
)
def test_a_mistake_is_one_line(say, typed: list[str], reason: str):
    said = say("explore", *typed, "--no-browser")

    assert said.code == 2
    assert reason in said.err
    assert said.err.count("\n") == 1
