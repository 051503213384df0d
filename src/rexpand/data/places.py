"""Where data sets lie: the root is the argument, else REXPAND_DATA, else ./data."""

import os
from pathlib import Path

from rexpand.data.files import is_folder, is_there
from rexpand.errors import DataError


def root_folder(root: str | Path | None) -> Path:
    """Where data sets lie: `root`, else REXPAND_DATA, else ./data; it may not exist.

    Raises DataError if it is something other than a folder.
    """
    chosen = Path(root or os.environ.get("REXPAND_DATA") or "data")
    if is_there(chosen) and not is_folder(chosen):
        raise DataError(
            f"data root '{chosen}' is not a folder; name the folder that holds the "
            "data sets, by argument or in REXPAND_DATA"
        )
    return chosen


def found_under(root: Path) -> tuple[str, ...]:
    """Names of the .npz files and folders of data right under the root, sorted."""
    if not is_folder(root):
        return ()
    arrays = {path.stem for path in root.glob("*.npz")}
    folders = {path.parent.name for path in root.glob("*/train") if is_folder(path)}
    folders |= {path.parent.name for path in root.glob("*/*train*.tar")}
    return tuple(sorted(arrays | folders))


def listed(places: tuple[Path, ...]) -> str:
    """Places as they are quoted in a message: 'a', 'b' or 'c'."""
    *first, last = [f"'{place}'" for place in places]
    return f"{', '.join(first)} or {last}" if first else last
