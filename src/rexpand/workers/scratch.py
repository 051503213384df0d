"""Folders that are gone when their process is: a kill leaves them to the next process."""

import os
import re
import tempfile
from pathlib import Path
from shutil import rmtree

_NAME = re.compile(r"rexpand-[a-z]+-([0-9]+)-.+")
_LONGEST = 20  # characters of the parent: the paths of Ray's sockets are limited to 107


def scratch_folder(kind: str) -> Path:
    """A new folder of this process for files that nobody needs after it.

    Those of processes of this machine that have ended are deleted.
    """
    place = tempfile.gettempdir()
    parent = Path(place if len(place) <= _LONGEST else "/tmp")
    for each in parent.glob(f"rexpand-{kind}-*"):
        found = _NAME.fullmatch(each.name)
        if found and not _is_alive(int(found[1])):
            rmtree(each, ignore_errors=True)
    return Path(tempfile.mkdtemp(prefix=f"rexpand-{kind}-{os.getpid()}-", dir=parent))


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:  # somebody else's
        return True
    return True
