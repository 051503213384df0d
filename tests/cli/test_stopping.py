"""Ctrl-C, SIGTERM and a closed terminal: the work is kept, and a line says how to go on."""

import os
import pty
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from disturbing import files
from warm.programs import Programs

STUDY = "--data digits --macs 500k --trials 50 --seeds 1 --epochs 20 --train-subset 200"
RESUME = "to continue: rexpand search resume out\n"
SAME = "the same command continues from the last checkpoint\n"
SLOW = pytest.mark.slow  # each takes seconds to start, and they share one way to stop
VERBS = [
    pytest.param(f"search run {STUDY} --jobs 2", RESUME, id="search of two jobs"),
    pytest.param("train search_18 --epochs 200", SAME, id="train"),
    pytest.param(f"search run {STUDY}", RESUME, id="search", marks=SLOW),
    pytest.param(
        "rank factors --data digits --recipe digits --epochs 200 --train-subset 200",
        SAME,
        id="factors",
        marks=SLOW,
    ),
    pytest.param(
        "train factors --data digits --recipe digits --epochs 200 --train-subset 200 "
        "--macs 200k --tolerance 0.05",
        SAME,
        id="factorial",
        marks=SLOW,
    ),
    pytest.param(
        "upgrade search_18 --train digits --epochs 200 --jobs 2",
        SAME,
        id="upgrade",
        marks=SLOW,
    ),
]


def has_state(folder: Path) -> bool:
    return any(path.name == "state.safetensors" for path in files(folder))


@pytest.mark.parametrize(("command", "line"), VERBS)
def test_sigterm_stops_a_verb_and_says_how_to_go_on(
    command: str, line: str, programs: Programs, tmp_path: Path
) -> None:
    process = programs.start(*shlex.split(command), "--out", "out", folder=tmp_path)
    while not has_state(tmp_path):
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)

    process.terminate()
    _, errors = process.communicate(timeout=60)

    # As shells say it: a script can tell a stop from a mistake.
    assert process.returncode == 128 + signal.SIGTERM
    assert errors.endswith(f"rexpand: stopped; {line}")
    assert "Traceback" not in errors


def test_a_verb_with_nothing_to_go_on_from_just_stops(
    programs: Programs, tmp_path: Path
) -> None:
    command = ("rank", "layers", "--networks", "100000")
    process = programs.start(*command, folder=tmp_path)
    while not process.err:
        assert process.poll() is None
        time.sleep(0.01)

    process.terminate()
    _, errors = process.communicate(timeout=60)

    assert ":" in errors.splitlines()[0]
    assert process.returncode == 128 + signal.SIGTERM
    assert errors.endswith("rexpand: stopped\n")
    assert not any(tmp_path.iterdir())


def test_a_closed_terminal_stops_the_work_and_keeps_it(tmp_path: Path) -> None:
    process, terminal = pty.fork()
    if not process:
        os.chdir(tmp_path)
        command = f"search run {STUDY} --jobs 2 --out out"
        os.execv(
            sys.executable, [sys.executable, "-m", "rexpand", *shlex.split(command)]
        )
    while not has_state(tmp_path):
        os.read(terminal, 10_000)  # else the display would wait for a reader

    os.close(terminal)
    _, status = os.waitpid(process, 0)

    assert os.waitstatus_to_exitcode(status) == 128 + signal.SIGHUP


def test_a_signal_that_is_ignored_stays_so(tmp_path: Path) -> None:
    # As nohup starts a command.
    program = (
        "import os, signal, time; signal.signal(signal.SIGHUP, signal.SIG_IGN); "
        "from rexpand.cli.wall import run_command; "
        "run_command(lambda: os.kill(os.getpid(), signal.SIGHUP))"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stderr) == (0, "")


def test_a_signal_that_is_sent_twice_at_once_stops_once() -> None:
    # The clock stands still: a busy machine may take any time between the two.
    program = (
        "import os, signal, sys; from rexpand.cli.stopping import Stops\n"
        "stops = Stops(clock=lambda: 0.0)\n"
        "try:\n"
        "    with stops:\n"
        "        try: os.kill(os.getpid(), signal.SIGTERM)\n"
        # As `timeout` does, while the command tidies up.
        "        finally: os.kill(os.getpid(), signal.SIGTERM)\n"
        "except KeyboardInterrupt: sys.exit(stops.code)"
    )

    done = subprocess.run([sys.executable, "-c", program], check=False)

    assert done.returncode == 128 + signal.SIGTERM


def test_a_stop_is_one_line_and_an_exit_code() -> None:
    program = (
        "import os, signal; from rexpand.cli.wall import run_command; "
        "run_command(lambda: os.kill(os.getpid(), signal.SIGTERM))"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )

    assert done.returncode == 128 + signal.SIGTERM
    assert done.stderr == "rexpand: stopped\n"


def test_a_second_stop_ends_a_way_out_that_hangs() -> None:
    program = (
        "import os, signal, time; from rexpand.cli.wall import run_command\n"
        "def command():\n"
        "    try:\n"
        "        os.kill(os.getpid(), signal.SIGTERM)\n"
        "    finally:\n"
        "        time.sleep(1.1); os.kill(os.getpid(), signal.SIGTERM); time.sleep(60)\n"
        "run_command(command)"
    )

    done = subprocess.run([sys.executable, "-c", program], timeout=30, check=False)

    assert done.returncode == -signal.SIGTERM


def test_ctrl_c_after_the_work_is_done_is_too_late(tmp_path: Path) -> None:
    (tmp_path / "late.py").write_text(
        "import atexit, os, signal\n"
        "atexit.register(lambda: os.kill(os.getpid(), signal.SIGINT))\n"
        "from torchvision.models import squeezenet1_1 as small\n"
    )

    done = subprocess.run(
        [sys.executable, "-m", "rexpand", "cost", "late:small"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
