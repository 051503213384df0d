"""What is asked of Hugging Face's `datasets`: splits, columns and their types.

Whatever the library raises for what a stranger wrote is a DataError here.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rexpand.data.files import is_file, is_folder
from rexpand.data.hub_name import HubName
from rexpand.errors import DataError, MissingExtraError, printable, quoted

_TESTS = ("test", "validation", "valid", "val")


def is_saved(folder: Path) -> bool:
    """Whether a folder is one that `save_to_disk` wrote, or has files of parquet."""
    is_written = is_file(folder / "dataset_dict.json") or is_file(folder / "state.json")
    return is_written or any(folder.glob("*.parquet"))


def load_tables(hub: HubName, root: Path) -> Mapping[str, Any]:
    """The splits of a data set by name: tables, or streams if asked for and not saved.

    Raises DataError for whatever the library finds wrong, MissingExtraError without it.
    """
    try:
        import datasets
    except ImportError:
        raise MissingExtraError("datasets", "data") from None
    places = (root / hub.place, Path(hub.place))
    folder = next((place for place in places if is_folder(place)), None)
    if folder and is_saved(folder):
        _check_regular(folder)
    with _quiet(datasets), wall(hub):
        if folder and is_file(folder / "dataset_dict.json"):
            tables = dict(datasets.load_from_disk(str(folder.resolve())))
            for table in tables.values():
                # reading a place that is outside of a damaged table ends the process
                table.data.validate(full=True)
            return tables
        if folder and is_file(folder / "state.json"):
            raise DataError(
                f"'{folder}' holds one split; save a DatasetDict with train and test"
            )
        place = str(folder.resolve()) if folder else hub.place
        return dict(datasets.load_dataset(place, hub.config, streaming=hub.stream))


def _check_regular(folder: Path) -> None:
    """Raise DataError for a file that the library would wait for, or read without end."""
    for path in sorted(folder.rglob("*")):
        if not (is_file(path) or is_folder(path)):
            raise DataError(f"'{path}' is no regular file; copy the data set again")


@contextmanager
def _quiet(datasets: Any) -> Iterator[None]:
    """The library without its bars and remarks, of which a user has no use."""
    level, bars = (
        datasets.logging.get_verbosity(),
        datasets.are_progress_bars_disabled(),
    )
    datasets.logging.set_verbosity_error()
    datasets.disable_progress_bars()
    try:
        yield
    finally:
        datasets.logging.set_verbosity(level)
        if not bars:
            datasets.enable_progress_bars()


@contextmanager
def wall(hub: HubName) -> Iterator[None]:
    """Whatever the library raises becomes a DataError of one line."""
    try:
        yield
    except DataError:
        raise
    except Exception as error:  # of any kind, for what a stranger wrote
        first = (str(error).splitlines() or [""])[0] or type(error).__name__
        raise DataError(
            f"hf:{hub.place} cannot be loaded ({printable(first, 300)}); give a folder "
            "that save_to_disk wrote or that holds parquet files, or a name of the hub "
            "and a connection"
        ) from error


def train_split(hub: HubName, tables: Mapping[str, Any]) -> str:
    """The split to train on; DataError if it is not there."""
    return _known(hub, hub.train or "train", tables, "train")


def test_splits(hub: HubName, tables: Mapping[str, Any]) -> list[str]:
    """The splits that may be tested on, the best first; DataError if there is none."""
    if hub.test:
        return [_known(hub, hub.test, tables, "test")]
    found = [name for name in _TESTS if name in tables]
    return found or [_known(hub, "test", tables, "test")]


def _known(hub: HubName, name: str, tables: Mapping[str, Any], control: str) -> str:
    if name not in tables:
        raise DataError(
            f"hf:{hub.place} has no split {quoted(name)}, only {', '.join(tables)}; "
            f"choose one with {control}=NAME"
        )
    return name


def columns_of(hub: HubName, features: Mapping[str, Any] | None) -> tuple[str, str]:
    """The columns of images and labels, by their types; DataError unless each is one."""
    from datasets import ClassLabel, Image

    if features is None:
        raise DataError(f"hf:{hub.place} does not say what its columns are")
    images = [name for name, kind in features.items() if isinstance(kind, Image)]
    labels = [name for name, kind in features.items() if isinstance(kind, ClassLabel)]
    found = []
    for control, asked, candidates in (
        ("image", hub.image, images),
        ("label", hub.label, labels),
    ):
        if asked is None and len(candidates) != 1:
            raise DataError(
                f"hf:{hub.place} has {len(candidates)} columns of the type of "
                f"{control}s, of {', '.join(features)}; choose one with {control}=NAME"
            )
        if asked is not None and asked not in features:
            raise DataError(
                f"hf:{hub.place} has no column {quoted(asked)}, only "
                f"{', '.join(features)}"
            )
        found.append(asked or candidates[0])
    return found[0], found[1]


def class_names_of(feature: Any) -> tuple[str, ...] | None:
    """The names of a ClassLabel; None for a column of numbers."""
    from datasets import ClassLabel

    return tuple(feature.names) if isinstance(feature, ClassLabel) else None


def encoded(table: Any, image: str) -> Any:
    """A table or a stream whose images stay the bytes that they are stored as."""
    from datasets import Image

    return table.cast_column(image, Image(decode=False))
