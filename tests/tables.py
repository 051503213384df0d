"""Data sets of Hugging Face's `datasets`, made from an image folder."""

from pathlib import Path
from typing import Any

from datasets import ClassLabel, Dataset, DatasetDict, Features, Image


def tables(source: Path) -> DatasetDict:
    """The images of SOURCE/PART/CLASS/ in their order, with their class as a label."""
    return DatasetDict({part.name: _table(part) for part in sorted(source.iterdir())})


def _table(part: Path) -> Dataset:
    names = sorted(path.name for path in part.iterdir())
    files = [file for name in names for file in sorted((part / name).iterdir())]
    columns: dict[str, Any] = {
        "image": [{"bytes": file.read_bytes(), "path": file.name} for file in files],
        "label": [names.index(file.parent.name) for file in files],
    }
    kinds = Features({"image": Image(), "label": ClassLabel(names=names)})
    return Dataset.from_dict(columns, features=kinds)


def write_parquet(found: DatasetDict, folder: Path, *, files: int = 2) -> Path:
    """Each split as so many files of parquet, named as the hub names them."""
    folder.mkdir()
    for name, table in found.items():
        for number in range(files):
            place = folder / f"{name}-{number:05d}-of-{files:05d}.parquet"
            table.shard(files, number).to_parquet(place)
    return folder
