"""Libraries that would speak, or call home, where only we may."""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from io import StringIO

_TELEMETRY = "openvino_telemetry"


@contextmanager
def no_telemetry() -> Iterator[None]:
    """OpenVINO and NNCF, imported inside, find no package to send events with.

    Each sends one as it is imported, and NNCF at every call; both do without it. Where
    a program has imported them before, theirs is the choice.
    """
    hidden = {
        name: sys.modules.pop(name)
        for name in [*sys.modules]
        if name.partition(".")[0] == _TELEMETRY
    }
    sys.modules[_TELEMETRY] = None  # type: ignore[assignment]  # import's own "none"
    try:
        yield
    finally:
        del sys.modules[_TELEMETRY]
        sys.modules.update(hidden)


@contextmanager
def silence() -> Iterator[None]:
    """No log line of a library, no bar on stdout: both belong to our document."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with redirect_stdout(StringIO()):
            yield
    finally:
        logging.disable(before)
