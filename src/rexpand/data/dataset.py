"""What a data set is: a train and a test split and the names of their classes."""

from dataclasses import dataclass

from rexpand.data.augmentation import Augmentation
from rexpand.data.split import Split


@dataclass(frozen=True, kw_only=True)
class DataSet:
    """Two splits of square images over the same classes.

    `resolution` and `in_channels` are those of the batches. `skipped` names the files
    that were left out because they are corrupt, empty unless that was asked for.
    """

    name: str
    train: Split
    test: Split
    class_names: tuple[str, ...]
    resolution: int
    in_channels: int
    default_augmentation: Augmentation
    skipped: tuple[str, ...] = ()

    @property
    def num_classes(self) -> int:
        """Number of classes."""
        return len(self.class_names)
