"""Checkpoints on the Hugging Face hub: `hf:OWNER/NAME[@REVISION]`.

The hub's own client finds, fetches and caches the one file that is read, a safetensors
checkpoint of ours; nothing else of a repository is opened, so no code of it is run.
"""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from rexpand.errors import CheckpointError, RunError, SpecError, quoted

HUB_FILE = "network.safetensors"
_NAME = re.compile(
    r"(?P<repo>[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*)(@(?P<revision>[\w./-]+))?",
    re.ASCII,
)


def check_hub_name(name: str) -> None:
    """Raise SpecError unless a text is OWNER/NAME or OWNER/NAME@REVISION."""
    if not _NAME.fullmatch(name):
        raise SpecError(
            f"{quoted(name)} names no repository of the hub; write hf:OWNER/NAME, or "
            "hf:OWNER/NAME@REVISION"
        )


def hub_file(name: str) -> Path:
    """The checkpoint of a repository in the hub's cache, fetched if it is not there.

    Raises CheckpointError for a repository that does not exist, may not be read or holds
    no checkpoint of ours, RunError where the hub does not answer.
    """
    check_hub_name(name)
    return _fetched(name)


@cache  # one command asks several times, and means the same files
def _fetched(name: str) -> Path:
    from huggingface_hub import errors, hf_hub_download

    found = _NAME.fullmatch(name)
    assert found

    try:
        with _quiet():
            return Path(
                hf_hub_download(
                    found["repo"],
                    HUB_FILE,
                    revision=found["revision"],
                    library_name="rexpand",
                )
            )
    except errors.HFValidationError:
        raise SpecError(
            f"'{name}' is no name that the hub allows; write hf:OWNER/NAME"
        ) from None
    except errors.GatedRepoError:
        raise CheckpointError(
            f"hf:{name} is gated; ask its owner for access, then log in with "
            "`hf auth login`"
        ) from None
    except errors.RepositoryNotFoundError:
        raise CheckpointError(
            f"the hub has no {found['repo']}, or it is private; look at the name, or log "
            "in with `hf auth login`"
        ) from None
    except errors.RevisionNotFoundError:
        raise CheckpointError(
            f"{found['repo']} has no revision '{found['revision']}'; give a branch, a "
            "tag or a commit of it"
        ) from None
    except errors.RemoteEntryNotFoundError:
        raise CheckpointError(
            f"{found['repo']} holds no {HUB_FILE}, so it is no network of rexpand; of "
            "timm's networks, give timm:NAME"
        ) from None
    except Exception as error:  # its transport's have no class that we could name
        raise hub_failure(f"{found['repo']} cannot be fetched", error) from None


@contextmanager
def _quiet() -> Iterator[None]:
    """The hub's client does not log inside the `with`: what went wrong is said once."""
    logger = logging.getLogger("huggingface_hub")
    before = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(before)


def hub_failure(what: str, error: Exception) -> RunError:
    """The hub, or the way to it, failed; its own words, in one line."""
    said = " ".join(str(error).split()) or type(error).__name__
    return RunError(f"{what}: {said}")
