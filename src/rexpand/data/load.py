"""From a name to a data set."""

from pathlib import Path
from typing import get_args

from rexpand.data.arrays import data_set, read_npz
from rexpand.data.catalogue import CATALOGUE, describe_all, locate
from rexpand.data.dataset import DataSet
from rexpand.data.entry import Entry, Request
from rexpand.data.files import is_folder
from rexpand.data.folder import ImageFolder
from rexpand.data.hub_library import is_saved
from rexpand.data.hub_name import HubName, is_hub_name
from rexpand.data.hub_stream import stream_data_set
from rexpand.data.hub_tables import HubTables
from rexpand.data.origin import RESOLUTION, OnCorrupt, Origin, data_set_from
from rexpand.data.places import root_folder
from rexpand.data.shard_files import has_shards
from rexpand.data.shards import Shards
from rexpand.errors import DataError
from rexpand.surface import called_as


def load(
    name: str,
    *,
    root: str | Path | None = None,
    on_corrupt: OnCorrupt = "fail",
    resolution: int | None = None,
    file_resolution: int | None = None,
    download: bool = False,
) -> DataSet:
    """The data set of that name or path (`rexpand.data.catalogue` says where it lies).

    `resolution` is that of the batches: arrays are resized to it, and keep their own
    size without it. Image files have no size of their own; without it they are cut to
    `file_resolution`, else to 224. `on_corrupt` is about image files: "fail" raises
    DataError when a corrupt one is reached, "skip" leaves them out and names them in
    `skipped`. `download` fetches a set of the catalogue into the root if it is not
    there. Raises UnknownNameError, or DataError for what is missing, corrupt or
    degenerate.
    """
    _check_choices(on_corrupt, resolution)
    side = resolution or file_resolution or RESOLUTION
    below = root_folder(root)
    match found := _found(name, below, download):
        case Entry():
            return found.load(
                Request(root=below, resolution=resolution, download=download)
            )
        case HubName():
            return _streamed(found, below, side, on_corrupt)
        case Path():
            return data_set(found.stem, read_npz(found), resolution=resolution)
        case _:
            return data_set_from(found, resolution=side, on_corrupt=on_corrupt)


def origin_of(name: str, root: str | Path | None) -> Origin | None:
    """Where a data set's images lie; None for one of arrays, and for a stream."""
    found = _found(name, root_folder(root), download=False)
    return None if isinstance(found, Entry | HubName | Path) else found


def _found(name: str, root: Path, download: bool) -> Entry | HubName | Path | Origin:
    """An entry of arrays, a stream, an .npz file, or where encoded images lie."""
    if name in CATALOGUE:
        entry = CATALOGUE[name]
        return entry if isinstance(entry, Entry) else entry.origin(root, download)
    if is_hub_name(name):
        hub = HubName.parse(name)
        return hub if hub.stream else HubTables(hub=hub, root=root)
    place = locate(name, root)
    if download:
        raise _not_downloaded(place)
    return _origin_in(place) if is_folder(place) else place


def _streamed(
    hub: HubName, root: Path, resolution: int, on_corrupt: OnCorrupt
) -> DataSet:
    if on_corrupt == "skip":
        raise DataError(
            f"hf:{hub.place} is a stream, of which corrupt images are not known before "
            "their turn; load it without stream=true to leave them out"
        )
    return stream_data_set(hub, root, resolution=resolution)


def _not_downloaded(place: Path) -> DataError:
    known = [info.name for info in describe_all() if info.can_download]
    return DataError(f"'{place}' is no data set to download; {', '.join(known)} are")


def _origin_in(folder: Path) -> Origin:
    """What a folder holds: shards, tables of `datasets`, or else class folders."""
    if has_shards(folder):
        return Shards(name=folder.name, folder=folder)
    if is_saved(folder):
        hub = HubName(place=str(folder.absolute()))
        return HubTables(hub=hub, root=folder.parent)
    return ImageFolder(name=folder.name, folder=folder)


def _check_choices(on_corrupt: str, resolution: int | None) -> None:
    if on_corrupt not in get_args(OnCorrupt):
        raise DataError(f"on_corrupt '{on_corrupt}' is unknown; use fail or skip")
    if resolution is not None and resolution < 1:
        raise DataError(f"resolution {resolution} is below 1")


called_as(__name__, __name__, "load")  # `from rexpand.data import load`
