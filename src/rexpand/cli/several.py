"""A command in several processes (`rexpand.launch`): only the main one speaks.

The others have no output. What ends one of them is told to the main one through the
store where they met, so that the line and the exit code are those of what went wrong
first, and not of its consequences in the other processes.
"""

import json
import os
import signal
from collections.abc import Sequence

from rexpand.errors import MistakeError
from rexpand.launch import launched

_SHARED = (["train"], ["evaluate"], ["detect", "train"])
_FAILURE = "rexpand/failure"  # in the store


def hush() -> None:
    """Leave the output to the main process, where this is not it."""
    if not launched().is_main:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        for stream in (1, 2):  # libraries write there past Python
            os.dup2(nowhere, stream)


def check_shared(arguments: Sequence[str]) -> None:
    """Raise MistakeError for a verb that several processes cannot share."""
    if not launched().are_many:
        return
    words = [each for each in arguments if not each.startswith("-")]
    is_shared = any(words[: len(verb)] == verb for verb in _SHARED)
    if not is_shared or words[:2] == ["train", "factors"]:
        raise MistakeError(
            f"a launcher has started {launched().count} processes, and only train, "
            "evaluate and detect train share their work; start this verb without the "
            "launcher"
        )


def first_failure(message: str, code: int, *, is_consequence: bool) -> tuple[str, int]:
    """The line and the exit code of the process that failed first.

    A consequence is what another process's end brings about, and is not told.
    """
    if not launched().are_many:
        return message, code
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)  # the launcher ends the others too
    from torch import distributed

    if not distributed.is_initialized():
        return message, code
    store = distributed.distributed_c10d._get_default_store()
    try:
        if not is_consequence:
            store.compare_set(_FAILURE, "", json.dumps([message, code]))
        if store.check([_FAILURE]):
            message, code = json.loads(store.get(_FAILURE))
    except RuntimeError:  # whoever keeps the store has ended
        pass
    return message, code
