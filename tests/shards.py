"""WebDataset shards made by the webdataset library from an image folder."""

from collections.abc import Callable, Mapping
from pathlib import Path

import webdataset

Sample = Mapping[str, object]


def by_number(name: str, number: int) -> Sample:
    """A label as the library's examples write it: KEY.cls with the class's number."""
    return {"cls": number}


def write_shards(
    source: Path,
    folder: Path,
    *,
    label: Callable[[str, int], Sample] = by_number,
    per_shard: int = 3,
) -> Path:
    """The images of SOURCE/PART/CLASS/ as FOLDER/PART-000000.tar, ... in their order."""
    folder.mkdir()
    for part in sorted(path.name for path in source.iterdir()):
        classes = sorted(path.name for path in (source / part).iterdir())
        pattern = str(folder / f"{part}-%06d.tar")
        with webdataset.ShardWriter(pattern, maxcount=per_shard, verbose=0) as shards:
            for number, name in enumerate(classes):
                for file in sorted((source / part / name).iterdir()):
                    image = {file.suffix[1:]: file.read_bytes()}
                    key = {"__key__": f"{name}_{file.stem}"}
                    shards.write({**key, **image, **label(name, number)})
    return folder
