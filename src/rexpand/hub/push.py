"""The way to the hub: the files of a publication, written to a folder or pushed."""

from pathlib import Path
from tempfile import TemporaryDirectory

from rexpand.documents import opened
from rexpand.errors import CheckpointError, MistakeError, OutputError
from rexpand.hub.card import card
from rexpand.hub.publication import ONNX, Publication
from rexpand.records import write_atomic
from rexpand.spec import HUB_FILE, hub_failure

_CARD = "README.md"
_LOG_IN = "log in with `hf auth login`, or set HF_TOKEN to a token that may write"


def write_files(publication: Publication, folder: str | Path) -> tuple[Path, ...]:
    """Write what `push` pushes, and give the files: the card, the weights, the export."""
    files: dict[str, bytes | str] = {
        _CARD: card(publication),
        HUB_FILE: _content(publication.weights),
    }
    if publication.onnx is not None:
        files[ONNX] = _content(publication.onnx)
    # All was read, so that nothing is written where one of them cannot be.
    for name, content in files.items():
        write_atomic(Path(folder) / name, content)
    return tuple(Path(folder) / name for name in files)


def _content(path: Path) -> bytes:
    with opened(path, CheckpointError) as (file, _):
        return file.read()


def push(publication: Publication, *, private: bool = False) -> str:
    """Push a publication in one commit, and give its address.

    The repository is made if there is none; other files of it stay. Raises OutputError
    where nobody is logged in or who is may not write there, RunError where the hub does
    not answer.
    """
    from huggingface_hub import HfApi, get_token

    name = publication.repository
    if get_token() is None:
        raise OutputError(f"{name} cannot be pushed without a token; {_LOG_IN}")
    api = HfApi(library_name="rexpand")
    with TemporaryDirectory(prefix="rexpand.") as folder:
        write_files(publication, folder)
        try:
            made = api.create_repo(name, private=private, exist_ok=True)
            api.upload_folder(
                repo_id=name,
                folder_path=folder,
                commit_message=f"{publication.spec.name}, by rexpand",
            )
        except Exception as error:  # its transport's have no class that we could name
            raise _refused(name, error) from None
    return str(made)


def _refused(name: str, error: Exception) -> MistakeError | Exception:
    """What the hub's client says, as ours: of the caller's, or of the way there."""
    from huggingface_hub import errors

    if isinstance(error, errors.HfHubHTTPError):
        if error.response.status_code in (401, 403):
            return OutputError(f"the hub does not let you write to {name}; {_LOG_IN}")
    elif isinstance(error, ValueError):  # a name or metadata that it does not allow
        return OutputError(f"{name} is refused: {' '.join(str(error).split())}")
    return hub_failure(f"{name} cannot be pushed", error)
