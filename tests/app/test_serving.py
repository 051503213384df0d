"""The server: on this machine only, and nothing but the page."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from launching import free_port
from rexpand.app import listening
from rexpand.errors import MistakeError


def status(
    address: str, path: str, body: bytes | None = None, host: str | None = None
) -> int:
    headers = {"Host": host} if host else {}
    request = urllib.request.Request(address + path, data=body, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status
    except urllib.error.HTTPError as refused:
        return refused.code


def test_the_page_and_its_scripts_are_served(address):
    for path in ("/", "/config", "/rexpand/vega.js", "/rexpand/explorer.js"):
        assert status(address, path) == 200


@pytest.mark.parametrize(
    "path",
    [
        "/gradio_api/file=/etc/passwd",
        "/gradio_api/file=pyproject.toml",
        "/gradio_api/file/etc/passwd",
        "/gradio_api/proxy=https://example.com/",
        "/gradio_api/upload",
        "/gradio_api/vibe-code",
        "/gradio_api/dev/reload",
        "/monitoring",
        "/docs",
        "/openapi.json",
    ],
)
def test_what_the_page_does_not_ask_for_is_refused(address, path):
    assert status(address, path) == 403


def test_nothing_can_be_uploaded(address):
    assert status(address, "/gradio_api/upload", b"x") == 403


def test_a_name_that_was_given_this_address_elsewhere_is_refused(address):
    assert status(address, "/", host="localhost:1234") == 200
    assert status(address, "/", host="evil.example") == 403


def test_the_browser_is_told_to_load_nothing_from_elsewhere(address):
    with urllib.request.urlopen(address, timeout=30) as answer:
        policy = answer.headers["content-security-policy"]
        page = answer.read().decode()

    assert "default-src 'self'" in policy
    assert "connect-src 'self'" in policy
    # Gradio neither counts its users nor asks for its newest version.
    assert '"analytics_enabled":false' in page.replace(" ", "")


def test_it_listens_on_this_machine_alone(address):
    port = int(address.rpartition(":")[2])
    own = socket.gethostbyname(socket.gethostname())

    assert address.startswith("http://127.0.0.1:")
    if not own.startswith("127."):
        with pytest.raises(OSError, match="refused"):
            socket.create_connection((own, port), timeout=5).close()


def test_a_port_in_use_is_one_line_with_the_way_out():
    with listening("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]

        with pytest.raises(MistakeError, match=f"port {port} is in use.*--port 0"):
            listening("127.0.0.1", port)


def test_the_file_of_the_docs_serves_the_page_on_every_address(tmp_path: Path):
    docs = (Path(__file__).parents[2] / "docs" / "explorer.md").read_text("utf-8")
    program = docs.partition("app.py:\n\n```py\n")[2].partition("```")[0]
    port = free_port()
    (tmp_path / "app.py").write_text(program.replace("7860", str(port)))

    source = Path(__file__).parents[2] / "src"
    running = subprocess.Popen(
        [sys.executable, "app.py"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(source)},
    )
    try:
        found = _first_answer(f"http://127.0.0.1:{port}")
    finally:
        running.kill()
        running.wait()

    assert "0.0.0.0" in program
    assert "rexpand explorer" in found


def _first_answer(address: str) -> str:
    """The page, once the program has begun to serve it."""
    until = time.monotonic() + 120
    while True:
        try:
            with urllib.request.urlopen(address, timeout=30) as page:
                return page.read().decode()
        except OSError:
            assert time.monotonic() < until
            time.sleep(0.2)
