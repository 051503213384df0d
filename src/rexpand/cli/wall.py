"""The last wall: whatever ends a command is a line or two and an exit code.

Everything that rexpand raises on purpose says what to do instead. The rest is the
machine's failure (memory, files), or a bug of ours, and is said to be that.
"""

import errno
import io
import os
import re
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from contextlib import suppress
from typing import NoReturn, TextIO

import typer

from rexpand.cli.several import first_failure
from rexpand.cli.stopping import Stopped, Stops
from rexpand.errors import (
    LONGEST_MESSAGE,
    ForeignCodeError,
    MistakeError,
    ProcessLostError,
    RexpandError,
    printable,
)
from rexpand.launch import launched
from rexpand.memory import is_exhaustion

# "Invalid value for '--macs' / '--flops': is 0; give ...", as Typer puts it.
_BAD_VALUE = re.compile(
    r"Invalid value for '(.+?)'(?: / .+?)?: (?:Value error, )?(.*)", re.S
)
_OF_STREAMS = (errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EBADF)


def leave_alone(code: object) -> NoReturn:
    """End the program with the exit code of its command, whatever else still runs.

    What other code prints from here on is no part of the output, and threads that it
    left running do not keep the program.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # too late: the command is done
    status = code if isinstance(code, int) else 0
    sys.stdout = sys.stderr
    main = threading.main_thread()
    others = [each for each in threading.enumerate() if each is not main]
    # Several processes leave each other without a word: no one waits for another.
    if launched().are_many or any(not thread.daemon for thread in others):
        sys.stderr.flush()
        os._exit(status)
    sys.exit(status)


def run_command(
    command: Callable[[], object],
    *,
    shows_traceback: bool = False,
    reworded: Callable[[str], str] = str,
) -> NoReturn:
    """Run a command and leave the program.

    The exit code is 0, 1, 2 or what the command returns; 130 for Ctrl-C, 143 for
    SIGTERM, 129 for a closed terminal. A failure is one line on stderr, below the
    traceback if that is to be shown; the line of a mistake is `reworded`.
    """
    _prepare_streams()
    with Stops() as stops:
        try:
            code = command()
            if stops.raised is not None:  # Typer kept it for itself
                raise stops.raised
            sys.stdout.flush()
        except BrokenPipeError:  # `| head`: nobody reads on
            _abandon(sys.stdout)
            sys.exit(1)
        except (Exception, KeyboardInterrupt) as error:
            if shows_traceback:
                _print_traceback(error)
            message, code = _told(error)
            message, code = first_failure(
                reworded(message) if isinstance(error, MistakeError) else message,
                code if stops.code is None else stops.code,
                is_consequence=_is_consequence(error),
            )
            _print_failure(message)
            _abandon_if_broken(sys.stdout)
    sys.exit(code if isinstance(code, int) else 0)


def _is_consequence(error: BaseException) -> bool:
    """Whether another process's end, or a signal to all of them, ends this one."""
    return isinstance(error, ProcessLostError | Stopped | KeyboardInterrupt)


def _print_traceback(error: BaseException) -> None:
    """Where a failure came from: of code that is not ours, its own traceback alone."""
    own = error.__cause__ if isinstance(error, ForeignCodeError) else None
    traceback.print_exception(own or error)


def _print_failure(message: str) -> None:
    with suppress(OSError):  # stderr may be the full disk
        print(f"rexpand: {printable(message, LONGEST_MESSAGE)}", file=sys.stderr)


def _told(error: BaseException) -> tuple[str, int]:
    """What to say of an error, and the exit code."""
    match error:
        case MistakeError():
            return str(error), 2
        case RexpandError():
            return str(error), 1
        case Stopped():
            return f"stopped; {error}", 130
        case KeyboardInterrupt():
            return f"stopped {error}".rstrip(), 130
        case typer.TyperException():
            return _usage(error), 2
        case OSError():
            return _of_system(error)
        case RecursionError():
            return "the input is nested too deeply", 2
    if is_exhaustion(error):
        return (
            "not enough memory; give a smaller network, resolution or batch, or fewer "
            "--jobs"
        ), 1
    return (
        f"internal error: {type(error).__name__}: {error} (rexpand's fault; run again "
        "with --traceback and report it)"
    ), 1


def _usage(error: typer.TyperException) -> str:
    """A mistake in the command line itself: the option, what is wrong, where help is."""
    message = error.format_message().rstrip(".")
    if found := _BAD_VALUE.fullmatch(message):
        return f"{found[1]} {found[2]}"
    context: typer.Context | None = getattr(error, "ctx", None)
    return f"{message}; see {context.command_path} --help" if context else message


def _of_system(error: OSError) -> tuple[str, int]:
    """A failure of the operating system that no room turned into a mistake."""
    reason = error.strerror or str(error)
    if error.filename is not None:
        return f"{os.fsdecode(error.filename)}: {reason}", 2
    if error.errno in _OF_STREAMS:  # whoever writes a file names it
        return f"standard output cannot be written: {reason}", 2
    return f"the operating system refuses: {reason}", 1


def _prepare_streams() -> None:
    """Have streams that take every text: names of files may be in any encoding.

    A closed stream is none at all in Python, and the next file opened would be it.
    """
    sys.stdout = _ready(sys.stdout)
    sys.stderr = _ready(sys.stderr)


def _ready(stream: TextIO | None) -> TextIO:
    if stream is None:
        return open(os.devnull, "w")  # noqa: PTH123
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="backslashreplace")
    return stream


def _abandon_if_broken(stream: TextIO) -> None:
    """Let Python's own last flush succeed, by sending it nowhere if need be."""
    try:
        stream.flush()
    except OSError:
        _abandon(stream)


def _abandon(stream: TextIO) -> None:
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
