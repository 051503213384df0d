"""A data set as arrays that processes can share, instead of copies of it."""

import io
import pickle
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from rexpand.data.dataset import DataSet
from rexpand.data.tensors import TensorSplit


@dataclass(frozen=True, kw_only=True, eq=False)
class SharedData:
    """A pickle without its arrays, and the bytes of these."""

    pickled: bytes
    buffers: tuple[NDArray[np.uint8], ...]

    def data_set(self) -> DataSet:
        """The data set, whose arrays are the buffers themselves."""
        found: DataSet = pickle.loads(self.pickled, buffers=self.buffers)
        return found


def shared(data: DataSet) -> SharedData | None:
    """A data set as arrays; None for one whose images are read from files.

    Its fingerprint is computed once, here.
    """
    if not isinstance(data.train, TensorSplit) or not isinstance(
        data.test, TensorSplit
    ):
        return None
    assert data.fingerprint
    buffers: list[pickle.PickleBuffer] = []
    written = io.BytesIO()
    _Pickler(written, protocol=5, buffer_callback=buffers.append).dump(data)
    arrays = (np.frombuffer(each.raw(), dtype=np.uint8) for each in buffers)
    return SharedData(pickled=written.getvalue(), buffers=tuple(arrays))


class _Pickler(pickle.Pickler):
    """Writes tensors as arrays of numpy, which need no copy."""

    def reducer_override(self, value: Any) -> Any:
        if type(value) is torch.Tensor and value.device.type == "cpu":
            return _tensor, (value.detach().numpy(),)
        return NotImplemented


def _tensor(array: NDArray[Any]) -> torch.Tensor:
    """A tensor on the memory of an array, which may be read-only: nobody writes it."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "The given NumPy array is not writable")
        return torch.from_numpy(array)
