"""A PostgreSQL server of the tests' own, and a line to it that can be cut."""

import ctypes
import os
import pwd
import select
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from threading import Event, Thread

import pytest

_INSTALLED = Path("/usr/lib/postgresql")  # where Debian has its programs
_DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG of Linux's prctl


def program(name: str) -> str | None:
    """A program of PostgreSQL, None where it is not installed."""
    found = sorted(_INSTALLED.glob(f"*/bin/{name}"), key=lambda it: it.parts[4])
    return shutil.which(name) or (str(found[-1]) if found else None)


class Server:
    """A server at a free port, whose data lie in a folder that goes with it."""

    def __init__(self, folder: Path) -> None:
        self._numbers = count()
        self._folder, self._data = folder, folder / "data"
        # It refuses to run as root.
        self._user = _other_user() if os.geteuid() == 0 else None
        if self._user:
            os.chown(folder, self._user.pw_uid, self._user.pw_gid)
        initdb = program("initdb")
        assert initdb is not None
        self._run(initdb, "-A", "trust", "-U", "rexpand", "--no-sync", "-D", self._data)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        self.start()

    def start(self) -> None:
        """Start it and wait until it answers."""
        postgres = program("postgres")
        assert postgres is not None
        settings = (
            f"port={self.port}",
            "listen_addresses=127.0.0.1",
            f"unix_socket_directories={self._folder}",
            "fsync=off",
        )
        given = [word for each in settings for word in ("-c", each)]
        self._process = subprocess.Popen(
            [postgres, "-D", str(self._data), *given],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=_die_with_parent,
            **self._as_user(),
        )
        deadline = time.monotonic() + 60
        while not self._answers():
            assert self._process.poll() is None, "PostgreSQL does not start"
            assert time.monotonic() < deadline
            time.sleep(0.05)

    def stop(self) -> None:
        """Stop it at once, without a word to those who are connected."""
        self._process.send_signal(signal.SIGCONT)
        self._process.send_signal(signal.SIGQUIT)
        try:
            self._process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def signal_all(self, number: signal.Signals) -> None:
        """Send a signal to every process of the server."""
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children")
        for process in (self._process.pid, *map(int, children.read_text().split())):
            with suppress(ProcessLookupError):
                os.kill(process, number)

    def url(self, database: str, port: int | None = None) -> str:
        return f"postgresql://rexpand@127.0.0.1:{port or self.port}/{database}"

    def ask(
        self, statement: str, database: str = "postgres"
    ) -> list[tuple[object, ...]]:
        """What a statement gives."""
        import psycopg

        with psycopg.connect(self.url(database), autocommit=True) as connection:
            cursor = connection.execute(statement)  # type: ignore[arg-type]
            return cursor.fetchall() if cursor.description else []

    def new_database(self) -> str:
        """The URL of a database without a table."""
        name = f"studies_{next(self._numbers)}"
        self.ask(f"CREATE DATABASE {name}")
        return self.url(name)

    def _answers(self) -> bool:
        import psycopg

        try:
            self.ask("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True

    def _run(self, *command: object) -> None:
        subprocess.run(
            [*map(str, command)], check=True, capture_output=True, **self._as_user()
        )

    def _as_user(self) -> dict[str, object]:
        settings: dict[str, object] = {"cwd": self._folder}
        if self._user:
            settings |= {
                "user": self._user.pw_uid,
                "group": self._user.pw_gid,
                "extra_groups": [],
            }
        return settings


@contextmanager
def served() -> Iterator[Server]:
    """A server for a while; a skip where PostgreSQL is not installed."""
    if program("postgres") is None or program("initdb") is None:
        pytest.skip(
            "PostgreSQL is not installed; scripts/install-postgresql.sh does it"
        )
    # Not below pytest's folders, which no other user may enter.
    folder = Path(tempfile.mkdtemp(prefix="rexpand-postgresql-"))
    try:
        server = Server(folder)
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class Line:
    """A TCP line to a server, which can be cut and mended; nobody is told of either."""

    def __init__(self, port: int) -> None:
        self._to = port
        self._open = Event()
        self._open.set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._is_over = False
        self.carried = 0  # bytes
        Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        self._open.clear()

    def mend(self) -> None:
        self._open.set()

    def close(self) -> None:
        self._is_over = True
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while not self._is_over:
                near, _ = self._listener.accept()
                Thread(target=self._carry, args=(near,), daemon=True).start()

    def _carry(self, near: socket.socket) -> None:
        self._open.wait()
        with (
            suppress(OSError),
            near,
            socket.create_connection(("127.0.0.1", self._to)) as far,
        ):
            other = {near: far, far: near}
            while not self._is_over:
                ready, _, _ = select.select([near, far], [], [], 0.1)
                self._open.wait()
                for each in ready:
                    data = each.recv(65536)
                    if not data:
                        return
                    other[each].sendall(data)
                    self.carried += len(data)


def _other_user() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        return pwd.getpwnam("nobody")


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGQUIT, 0, 0, 0)
