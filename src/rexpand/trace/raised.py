"""What an exception of code that is not ours says, and where it was raised."""

import sysconfig
import traceback
from contextlib import suppress
from pathlib import Path

import torch

from rexpand.errors import printable

_MOST_SAID = 200  # characters of an exception's message
_OURS = Path(__file__).parent.parent
_PACKAGES = tuple(Path(sysconfig.get_path(name)) for name in ("purelib", "platlib"))


def said(error: BaseException) -> str:
    """The exception, its message as far as it can be told, and the line of the code."""
    name = printable(type(error).__name__)
    try:
        text = str(error.msg if isinstance(error, SyntaxError) else error)
    except BaseException:  # a stranger's __str__
        text = "its message cannot be read"
    text = printable(" ".join(text[: 10 * _MOST_SAID].split()), _MOST_SAID)
    whole = f"{name}: {text}" if text else name
    return whole.rstrip(".") + in_brackets(raised_at(error))


def in_brackets(text: str) -> str:
    """A text that follows another in brackets; nothing for none."""
    return f" ({text})" if text else ""


def raised_at(error: BaseException) -> str:
    """FILE:LINE of the last call in the user's code, else in a library's; else empty."""
    if isinstance(error, SyntaxError) and error.filename:
        return f"{_shown(Path(error.filename))}:{error.lineno}"
    frames = [
        (Path(frame.f_code.co_filename), line)
        for frame, line in traceback.walk_tb(error.__traceback__)
    ]
    foreign = [(file, line) for file, line in frames if _is_foreign(file)]
    own = [(file, line) for file, line in foreign if not _is_under(file, *_PACKAGES)]
    for file, line in reversed(own or foreign):
        return f"{_shown(file)}:{line}"
    return ""


def _is_foreign(file: Path) -> bool:
    """Whether a file is neither ours nor torch's nor Python's own."""
    if _is_under(file, _OURS, Path(torch.__file__).parent):
        return False
    if _is_under(file, *_PACKAGES):
        return True
    return file.suffix == ".py" and not _is_under(
        file, Path(sysconfig.get_path("stdlib"))
    )


def _is_under(file: Path, *folders: Path) -> bool:
    return any(file.is_relative_to(folder) for folder in folders)


def _shown(file: Path) -> Path:
    """A file by the path from its package, or from the current folder."""
    with suppress(OSError):  # the current folder may be gone
        for folder in (*_PACKAGES, Path.cwd()):
            if file.is_relative_to(folder):
                return file.relative_to(folder)
    return file
