"""The sessions of other runtimes: each is set here, and nowhere else.

Threads are as many as torch has where no number is given.
"""

from pathlib import Path
from types import MappingProxyType
from typing import Any

import torch

from rexpand.deploy.silence import no_telemetry
from rexpand.errors import MissingExtraError
from rexpand.spec import ExportPrecision

_FATAL = 4  # of onnxruntime's levels: what it refuses, it raises
# Where a processor has bfloat16, OpenVINO computes in it unless it is told not to.
_HINTS = MappingProxyType({"bf16": "bf16"})
_EXACT = "f32"


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


def openvino_compiled(
    model: Any, *, precision: ExportPrecision = "fp32", threads: int | None = None
) -> Any:
    """A model that OpenVINO has read, compiled for the CPU and for one batch at a time.

    It computes in float32 unless the precision is bf16: integers stay integers.
    """
    settings = {
        "INFERENCE_PRECISION_HINT": _HINTS.get(precision, _EXACT),
        "PERFORMANCE_HINT": "LATENCY",
        "INFERENCE_NUM_THREADS": threads or torch.get_num_threads(),
    }
    return openvino_core().compile_model(model, "CPU", settings)
