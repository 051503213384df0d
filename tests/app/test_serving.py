"""The server: on this machine only, and nothing but the page."""

import json
import socket
import urllib.error
import urllib.request

import pytest

from rexpand.app import listening
from rexpand.errors import MistakeError


def status(address: str, path: str, body: bytes | None = None) -> int:
    request = urllib.request.Request(address + path, data=body)
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


def test_the_browser_is_told_to_load_nothing_from_elsewhere(address):
    with urllib.request.urlopen(address, timeout=30) as answer:
        policy = answer.headers["content-security-policy"]
        page = answer.read().decode()

    assert "default-src 'self'" in policy
    assert "connect-src 'self'" in policy
    # Gradio neither counts its users nor asks for its newest version.
    assert json.loads(f'{{{page[page.index(chr(34) + "analytics_enabled") :][:26]}}}') == {
        "analytics_enabled": False
    }


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
