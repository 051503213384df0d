"""The sessions of other runtimes: each is set here, and nowhere else.

Threads are as many as torch has where no number is given.
"""

from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy.typing as npt
import torch

from rexpand.deploy.silence import no_telemetry
from rexpand.errors import MissingExtraError
from rexpand.spec import ExportPrecision

_FATAL = 4  # of onnxruntime's levels: what it refuses, it raises
# Where a processor has bfloat16, OpenVINO computes in it unless it is told not to.
_HINTS = MappingProxyType({"bf16": "bf16"})
_EXACT = "f32"
_SHAPES = 2  # whose compiled models are kept: a batch, and the last of a data set


def onnxruntime_session(
    graph: bytes | str | Path, *, threads: int | None = None
) -> Any:
    """onnxruntime's session of a graph on the CPU, from a file or its content."""
    try:
        import onnxruntime
    except ImportError:
        raise MissingExtraError("onnxruntime", "deploy") from None
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads or torch.get_num_threads()
    options.log_severity_level = _FATAL
    return onnxruntime.InferenceSession(
        graph if isinstance(graph, bytes) else str(graph),
        options,
        providers=["CPUExecutionProvider"],
    )


def openvino_core() -> Any:
    """OpenVINO, which reads and compiles models."""
    try:
        with no_telemetry():
            import openvino
    except ImportError:
        raise MissingExtraError("openvino", "deploy") from None
    return openvino.Core()


class OpenvinoSession:
    """A model that OpenVINO has read, run on the CPU: images to its first output.

    It is compiled for the shape of each batch: for a free batch size OpenVINO has slower
    kernels, of integers above all. Of the last two shapes the result is kept, so that
    the rest of a data set costs no more than once. It computes in float32 unless the
    precision is bf16: integers stay integers.
    """

    def __init__(
        self,
        model: Any,
        *,
        precision: ExportPrecision = "fp32",
        threads: int | None = None,
    ) -> None:
        self._model = model
        self._precision: ExportPrecision = precision
        self._threads = threads
        self._compiled = lru_cache(_SHAPES)(self._compile)

    def __call__(self, images: npt.NDArray[Any]) -> npt.NDArray[Any]:
        return self._compiled(images.shape)(images)[0]

    def _compile(self, shape: tuple[int, ...]) -> Any:
        model = self._model.clone()
        model.reshape([*shape])
        return compiled_openvino(
            model, precision=self._precision, threads=self._threads
        )


def compiled_openvino(
    model: Any, *, precision: ExportPrecision = "fp32", threads: int | None = None
) -> Any:
    """A model that OpenVINO has read, compiled for the CPU as it is: of any size."""
    settings = {
        "INFERENCE_PRECISION_HINT": _HINTS.get(precision, _EXACT),
        "PERFORMANCE_HINT": "LATENCY",
        "INFERENCE_NUM_THREADS": threads or torch.get_num_threads(),
    }
    return openvino_core().compile_model(model, "CPU", settings)
