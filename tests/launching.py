"""A command in two processes of this machine, as a launcher starts them."""

import socket

import pytest

from warm.programs import Running

BOUND = 60  # seconds, of which a loaded machine needs a few


def launch(environment: pytest.MonkeyPatch, process: int, port: int = 29500) -> None:
    """Say what a launcher of two processes on this machine says."""
    for name, value in of_launcher(process, port).items():
        environment.setenv(name, value)


def of_launcher(process: int, port: int) -> dict[str, str]:
    """The variables that it gives one of the two."""
    said = {"RANK": process, "LOCAL_RANK": process, "WORLD_SIZE": 2}
    said |= {"LOCAL_WORLD_SIZE": 2, "MASTER_PORT": port}
    return {"MASTER_ADDR": "127.0.0.1"} | {name: f"{said[name]}" for name in said}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def ended(processes: list[Running]) -> tuple[list[int], str, str]:
    """The exit codes, and what the main process printed and said; the other is silent."""
    codes = [each.wait(BOUND) for each in processes]
    main, other = processes
    assert (other.out, other.err) == ("", "")
    return codes, main.out, main.err


def besides_progress(err: str) -> list[str]:
    """The lines that tell neither of an epoch nor of what a training is expected to take."""
    told = ("epoch ", "expected: ")
    return [line for line in err.splitlines() if not line.startswith(told)]
