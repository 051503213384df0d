"""Whatever ends a command is a line and an exit code, never a traceback."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from rexpand.cli.console import note
from rexpand.cli.stopping import resumable
from rexpand.cli.wall import run_command
from rexpand.errors import RunError, SpecError

Run = Callable[..., "subprocess.CompletedProcess[str]"]


def raising(error: BaseException) -> Callable[[], None]:
    def command() -> None:
        raise error

    return command


def deeper() -> None:
    deeper()


ENDS = [
    (SpecError("width is 0; give 1"), 2, "rexpand: width is 0; give 1"),
    (RunError("the loss is not finite"), 1, "rexpand: the loss is not finite"),
    (PermissionError(13, "Permission denied", "/x/y"), 2, "/x/y: Permission denied"),
    (OSError(28, "No space left on device"), 2, "standard output cannot be written"),
    (OSError(24, "Too many open files"), 1, "Too many open files"),
    (MemoryError(), 1, "not enough memory"),
    (
        RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to"),
        1,
        "not enough memory",
    ),
    (
        TypeError("'NoneType' object is not iterable"),
        1,
        (
            "internal error: TypeError: 'NoneType' object is not iterable "
            "(rexpand's fault; run again with --traceback and report it)"
        ),
    ),
]


@pytest.mark.parametrize(
    ("error", "code", "line"), ENDS, ids=lambda each: type(each).__name__
)
def test_every_failure_is_one_line(error, code, line, capsys):
    with pytest.raises(SystemExit) as left:
        run_command(raising(error))

    said = capsys.readouterr()
    assert left.value.code == code
    assert line in said.err
    assert said.err.count("\n") == 1
    assert said.out == ""


def test_an_input_without_end_is_one_line(capsys):
    with pytest.raises(SystemExit) as left:
        run_command(deeper)

    assert left.value.code == 2
    assert capsys.readouterr().err == "rexpand: the input is nested too deeply\n"


def test_a_stop_that_can_go_on_says_how(capsys):
    def command() -> None:
        with resumable("to continue: rexpand search resume study"):
            raise KeyboardInterrupt

    with pytest.raises(SystemExit) as left:
        run_command(command)

    assert left.value.code == 130
    assert capsys.readouterr().err == (
        "rexpand: stopped; to continue: rexpand search resume study\n"
    )


def test_a_message_of_any_length_and_letters_is_one_short_line(capsys):
    with pytest.raises(SystemExit):
        run_command(raising(TypeError("\x1b[31m" + "x\n" * 10_000)))

    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "\x1b" not in said
    assert len(said) < 1200


@pytest.mark.parametrize(
    ("typed", "line"),
    [
        ("cost", "Missing argument 'NETWORK[@WEIGHTS]'; see rexpand cost --help"),
        ("cost rexnet_100 --foo", "see rexpand cost --help"),
        ("cost rexnet_100 --out", "Option '--out' requires an argument"),
        ("nothing", "No such command 'nothing'; see rexpand --help"),
        ("search nothing", "No such command 'nothing'; see rexpand search --help"),
        ("solve rexnet_100 --macs 1x", "--macs '1x' is not a number; write 400M"),
        (
            "solve rexnet_100 --parameterization x",
            "--parameterization 'x' is not one of 'linear'",
        ),
    ],
)
def test_a_mistake_in_the_command_line_is_one_line(typed, line, say):
    said = say(*typed.split())

    assert said.code == 2
    assert line in said.err
    assert said.err.count("\n") == 1


@pytest.mark.parametrize(
    "typed", ["--traceback cost rexnet_10", "cost rexnet_10 --traceback"]
)
def test_the_traceback_is_shown_on_request(typed, say):
    said = say(*typed.split())

    # Before or after the verb; the exit code and the last line stay.
    assert said.code == 2
    assert said.err.startswith("Traceback (most recent call last):")
    assert said.err.splitlines()[-1].startswith("rexpand: unknown network 'rexnet_10'")


def test_a_factory_that_raises_leaves_its_own_traceback_alone(say, tmp_path):
    (tmp_path / "broken.py").write_text("def factory():\n    return 1 / 0\n")

    said = say("cost", "broken:factory", "--traceback")

    # It is tried twice, on meta and with weights; the reader is told once, of the cause.
    assert said.code == 2
    assert said.err.count("Traceback (most recent call last):") == 1
    assert "return 1 / 0" in said.err
    assert said.err.splitlines()[-1] == (
        "rexpand: broken:factory cannot be built: ZeroDivisionError: division by zero "
        "(broken.py:2)"
    )


def test_the_version_is_printed(say):
    from rexpand import __version__

    assert say("--version").out == f"rexpand {__version__}\n"


@pytest.mark.parametrize("group", ["", "search", "rank", "report", "data"])
def test_a_group_without_a_verb_prints_its_help(group, say):
    said = say(*group.split())

    assert said.code == 0
    assert said.err == ""
    assert said.out.startswith(f"Usage: {' '.join(('rexpand', *group.split()))} ")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("cost --reso", ["--resolution"]),
        ("cost rexnet_lite_1", ["rexnet_lite_100", "rexnet_lite_130"]),
        ("train fac", ["factors"]),
        ("search run --network search_", ["search_18", "search_30", "search_42"]),
    ],
)
def test_the_shell_completes_options_and_networks(
    shell, typed, offered, rexpand: Run, monkeypatch
):
    line = f"rexpand {typed}"
    monkeypatch.setenv("_REXPAND_COMPLETE", f"complete_{shell}")
    monkeypatch.setenv("COMP_WORDS", line)
    monkeypatch.setenv("COMP_CWORD", str(line.count(" ")))
    monkeypatch.setenv("_TYPER_COMPLETE_ARGS", line)
    monkeypatch.setenv("_TYPER_COMPLETE_FISH_ACTION", "get-args")

    done = rexpand()

    for name in offered:
        assert name in done.stdout
    assert done.stderr == ""


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_of_a_shell_is_printed(shell, rexpand: Run, monkeypatch):
    monkeypatch.setenv("_REXPAND_COMPLETE", f"source_{shell}")

    done = rexpand()

    # It asks the command itself, so that it need not be installed again.
    assert f"_REXPAND_COMPLETE=complete_{shell}" in done.stdout
    assert done.stderr == ""


def test_help_and_version_import_neither_torch_nor_rich(rexpand: Run):
    program = (
        "import sys; from rexpand.cli.main import run\n"
        "try: run()\n"
        "finally: print(sorted({'torch', 'rich', 'numpy'} & {*sys.modules}), "
        "file=sys.stderr)"
    )

    for typed in (["--help"], ["--version"], ["search", "run", "--help"]):
        done = subprocess.run(
            [sys.executable, "-c", program, *typed],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.stderr.splitlines()[-1] == "[]"


def shell(line: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        ["bash", "-o", "pipefail", "-c", line.replace("rexpand", f"{sys.executable} -m rexpand", 1)],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip


def test_a_reader_that_stops_reading_is_no_failure(tmp_path):
    done = shell("rexpand list --json | head -1", tmp_path)

    assert done.stdout == "[\n"
    assert done.stderr == ""


def test_a_full_device_as_standard_output_is_one_line(tmp_path):
    done = shell("rexpand list --json > /dev/full", tmp_path)

    assert done.returncode == 2
    assert done.stderr == (
        "rexpand: standard output cannot be written: No space left on device\n"
    )


@pytest.mark.parametrize("closed", [">&-", "2>&-", "2>/dev/full", "2>/dev/full >&-"])
def test_a_stream_that_is_closed_or_full_changes_no_exit_code(closed, tmp_path):
    assert shell(f"rexpand cost rexnet_100 {closed}", tmp_path).returncode == 0
    assert shell(f"rexpand cost rexnet_10 {closed}", tmp_path).returncode == 2


def test_texts_outside_the_terminals_alphabet_are_escaped(tmp_path):
    done = shell("PYTHONIOENCODING=ascii rexpand cost résumé.toml", tmp_path)

    assert done.returncode == 2
    assert "r\\xe9sum\\xe9.toml" in done.stderr


def test_a_note_is_one_printable_line(capsys: pytest.CaptureFixture[str]):
    note("skipped cat/\x1b[31mred\n.jpg: it is corrupt")

    # Names of files are a stranger's, and may hold codes for the terminal.
    assert capsys.readouterr().err == (
        "skipped cat/\\x1b[31mred\\n.jpg: it is corrupt\n"
    )
