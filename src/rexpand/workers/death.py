"""No process outlives the one that started it, however that one ends."""

import ctypes
import os
import signal
import sys

_PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of Linux's prctl


def end_with_parent(parent: int) -> None:
    """On Linux, be killed when the parent ends; end now if it has ended already.

    The signal comes when the thread that started this process ends, so that thread must
    live as long as its work does. Elsewhere a worker notices that its driver has ended
    because its standard input is closed.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PARENT_DEATH_SIGNAL, signal.SIGKILL)
        if os.getppid() != parent:  # it ended before the signal was asked for
            os._exit(1)
