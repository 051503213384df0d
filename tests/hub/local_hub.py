"""A hub on this machine: as much of its interface as its own client asks for."""

import base64
import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

TOKEN = "hf_writes"
_COMMIT = "1" * 40


class LocalHub(ThreadingHTTPServer):
    """Repositories by name, each with its files; who has `TOKEN` may write."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.repositories: dict[str, dict[str, bytes]] = {}
        self.cards: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


@contextmanager
def local_hub() -> Iterator[LocalHub]:
    """A hub that answers inside the `with`."""
    with LocalHub() as hub:
        thread = Thread(target=hub.serve_forever, daemon=True)
        thread.start()
        try:
            yield hub
        finally:
            hub.shutdown()
            thread.join()


class _Answers(BaseHTTPRequestHandler):
    server: LocalHub
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        match self.path.split("?")[0].strip("/").split("/"):
            case ["api", "validate-yaml"]:
                self.server.cards.append(json.loads(body)["content"])
                self._say({"errors": [], "warnings": []})
            case ["api", *_] if self.headers["Authorization"] != f"Bearer {TOKEN}":
                self._say({"error": "you may not write"}, status=403)
            case ["api", "repos", "create"]:
                asked = json.loads(body)
                name = f"{asked['organization']}/{asked['name']}"
                self.server.repositories.setdefault(name, {})
                self._say({"url": f"{self.server.url}/{name}"})
            case ["api", "models", _, _, "preupload", _]:
                files = json.loads(body)["files"]
                modes = [
                    {"path": each["path"], "uploadMode": "regular", "oid": None}
                    | {"shouldIgnore": False}
                    for each in files
                ]
                self._say({"files": modes})
            case ["api", "models", owner, name, "commit", _]:
                self._commit(f"{owner}/{name}", body)
            case _:
                self._say({"error": self.path}, status=404)

    def do_GET(self) -> None:
        match self.path.split("?")[0].strip("/").split("/"):
            case [owner, name, "resolve", revision, file]:
                self._resolve(f"{owner}/{name}", revision, file)
            case ["api", "models", owner, name, *_]:
                known = f"{owner}/{name}" in self.server.repositories
                sha = {"id": f"{owner}/{name}", "sha": _COMMIT, "siblings": []}
                self._say(sha) if known else self._missing("RepoNotFound")
            case _:
                self._missing("RepoNotFound")

    do_HEAD = do_GET

    def _commit(self, repository: str, body: bytes) -> None:
        for line in map(json.loads, body.splitlines()):
            if line["key"] == "file":
                content = base64.b64decode(line["value"]["content"])
                path = line["value"]["path"]
                self.server.repositories[repository][path] = content
        url = f"{self.server.url}/{repository}/commit/{_COMMIT}"
        self._say({"commitUrl": url, "commitOid": _COMMIT})

    def _resolve(self, repository: str, revision: str, file: str) -> None:
        files = self.server.repositories.get(repository)
        if files is None:
            self._missing("RepoNotFound")
        elif revision not in ("main", _COMMIT):
            self._missing("RevisionNotFound")
        elif file not in files:
            self._missing("EntryNotFound")
        else:
            tag = hashlib.sha256(files[file]).hexdigest()
            headers = {"ETag": f'"{tag}"', "X-Repo-Commit": _COMMIT}
            self._send(200, files[file], headers)

    def _missing(self, code: str) -> None:
        self._send(404, b"", {"X-Error-Code": code, "X-Repo-Commit": _COMMIT})

    def _say(self, document: Any, status: int = 200) -> None:
        content = json.dumps(document).encode()
        self._send(status, content, {"Content-Type": "application/json"})

    def _send(self, status: int, content: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(content))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def log_message(self, format: str, *arguments: Any) -> None: ...
