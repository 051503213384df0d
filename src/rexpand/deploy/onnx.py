"""Networks as ONNX graphs.

An image is (channels, height, width); the graph takes `images`, any number of them at
once, and outputs `scores`.
"""

import ctypes
import logging
import os
import re
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import Any, Literal, get_args

import torch
from torch import Tensor, nn

from rexpand.deploy.constants import without_constants
from rexpand.deploy.graph_form import GraphInput, as_input
from rexpand.deploy.parity import device_of, difference
from rexpand.deploy.running import open_exported
from rexpand.errors import ForeignCodeError, MissingExtraError
from rexpand.records import write_atomic
from rexpand.spec import Image
from rexpand.trace.evaluating import evaluating
from rexpand.trace.foreign import foreign_code

OPSET = 18  # of ONNX; every runtime since 2023 reads it
NOTHING: Mapping[str, str] = MappingProxyType({})
Axes = Mapping[int, str]  # those of a tensor that may have any size, by name
_SCORES: Mapping[str, Axes] = MappingProxyType({"scores": {0: "batch"}})
# torch's two, the one that is tried first in front: the other takes nine times as long
# for the same layers (docs/deployment.md).
OnnxExporter = Literal["tracing", "dynamo"]
ONNX_EXPORTERS: tuple[OnnxExporter, ...] = get_args(OnnxExporter)


def export_onnx(
    module: nn.Module,
    image: Image | GraphInput,
    path: str | Path,
    metadata: Mapping[str, str] = NOTHING,
) -> None:
    """Write a module in inference mode as a graph with a free batch size.

    The file is replaced as a whole; `metadata` are its properties. torch's tracing
    exporter is used; `export` takes the other one where its scores are right alone.
    """
    write_atomic(Path(path), onnx_graph(module, image, metadata))


def write_onnx(
    graph: bytes, path: str | Path, metadata: Mapping[str, str] = NOTHING
) -> None:
    """Write a graph with its properties; the file is replaced as a whole."""
    import onnx

    found = onnx.load_from_string(graph)
    write_atomic(Path(path), _with_properties(found, metadata))


def onnx_graph(
    module: nn.Module,
    image: Image | GraphInput,
    metadata: Mapping[str, str] = NOTHING,
    *,
    exporter: OnnxExporter = "tracing",
) -> bytes:
    """The graph of a module, as the content of the file that `export_onnx` writes.

    Raises ForeignCodeError, with the operator and its layer, for a module that ONNX
    cannot express.
    """
    taken = as_input(image)
    images = taken.example(device_of(module))
    graph = _graph(module, images, taken.free_axes(), _SCORES, exporter)
    return _with_properties(without_constants(graph), metadata)


def graph_of_outputs(
    module: nn.Module,
    images: Tensor,
    free: Axes,
    outputs: Mapping[str, Axes],
    metadata: Mapping[str, str] = NOTHING,
) -> bytes:
    """The graph of a module that gives several tensors: their names and free axes.

    `images` are an example of what it takes, and `free` its axes of any size. It is
    written as torch's tracing exporter has it: where sizes depend on the images there
    is little to fold, and runtimes do that as they open it. Raises as `onnx_graph`.
    """
    return _with_properties(_graph(module, images, free, outputs), metadata)


def _graph(
    module: nn.Module,
    images: Tensor,
    free: Axes,
    outputs: Mapping[str, Axes],
    exporter: OnnxExporter = "tracing",
) -> Any:
    """The graph as an exporter of torch writes it, in inference mode."""
    try:
        import onnx  # noqa: F401
        import onnxscript  # noqa: F401
    except ImportError as error:
        package = (error.name or "onnx").partition(".")[0]
        raise MissingExtraError(package, "deploy") from None
    with torch.no_grad(), evaluating(module), warnings.catch_warnings():
        # It warns that it is deprecated, and that sizes become constants: what is
        # free is compared in several sizes.
        warnings.simplefilter("ignore")
        return _EXPORTERS[exporter](module, images, free, outputs)


def _with_properties(graph: Any, metadata: Mapping[str, str]) -> bytes:
    import onnx

    onnx.helper.set_model_props(graph, dict(metadata))
    return bytes(graph.SerializeToString())


def onnx_difference(
    module: nn.Module, image: Image | GraphInput, path: str | Path, *, seed: int = 0
) -> float:
    """Largest difference of scores, as a share of our largest score.

    Both receive the same random images, in batches of other sizes than the traced one.
    """
    batches = as_input(image).random(seed)
    return difference(module, open_exported(path).run, batches)


def onnx_operators(path: str | Path) -> Counter[str]:
    """How many operators of each kind a graph has."""
    import onnx

    graph = onnx.load(path, load_external_data=False).graph
    return Counter(node.op_type for node in graph.node)


def _traced(
    module: nn.Module, images: Tensor, free: Axes, outputs: Mapping[str, Axes]
) -> Any:
    """The graph as torch's tracing exporter writes it, before its constants are folded."""
    import onnx

    what = f"{type(module).__name__} cannot be written as ONNX"
    with TemporaryDirectory() as folder:
        path, printed = Path(folder) / "traced.onnx", Path(folder) / "printed"
        try:
            with foreign_code(what), _printing_to(printed):
                torch.onnx.export(
                    module,
                    (images,),
                    path,
                    dynamo=False,
                    opset_version=OPSET,
                    input_names=["images"],
                    output_names=[*outputs],
                    dynamic_axes={
                        "images": dict(free),
                        **{name: dict(axes) for name, axes in outputs.items()},
                    },
                )
        except ForeignCodeError as error:
            if said := _unsupported(error.__cause__, printed.read_text()):
                way_out = "replace that layer, or write torch_export or torchscript"
                raise ForeignCodeError(what, said, way_out) from error
            raise
        return onnx.load(path)


@contextmanager
def _printing_to(path: Path) -> Iterator[None]:
    """Keep what torch prints while it exports, also from C++: a graph of pages."""
    with path.open("w") as file, redirect_stdout(file), redirect_stderr(file):
        kept = {}
        for stream in (1, 2):
            with suppress(OSError):  # it is closed
                kept[stream] = os.dup(stream)
                os.dup2(file.fileno(), stream)
        logging.disable(logging.CRITICAL)
        try:
            yield
        finally:
            logging.disable(logging.NOTSET)
            if os.name == "posix":
                ctypes.CDLL(None).fflush(None)  # C++ prints into C's buffer
            for stream, place in kept.items():
                os.dup2(place, stream)
                os.close(place)


def _unsupported(error: BaseException | None, graph: str) -> str:
    """The operator that ONNX does not have and its layer; empty for another error."""
    if not isinstance(error, torch.onnx.errors.UnsupportedOperatorError):
        return ""
    name = re.search(r"'(\w+::\w+)'", str(error))
    if name is None:
        return ""
    called = re.search(rf"{name[1]}\(.*, scope: \S*::(\S+)", graph)
    layer = f" (layer '{called[1]}')" if called else ""
    return f"it has no operator {name[1]}{layer}"


def _through_export(
    module: nn.Module, images: Tensor, free: Axes, outputs: Mapping[str, Axes]
) -> Any:
    """The graph of torch's newer exporter, through torch.export."""
    sizes = dict.fromkeys(free, torch.export.Dim.DYNAMIC)
    what = f"{type(module).__name__} cannot be written as ONNX"
    with (
        TemporaryDirectory() as folder,
        foreign_code(what),
        _printing_to(Path(folder) / "printed"),
    ):
        program = torch.onnx.export(
            module,
            (images,),
            dynamo=True,
            verbose=False,
            opset_version=OPSET,
            input_names=["images"],
            output_names=[*outputs],
            dynamic_shapes=(sizes,),
        )
        assert program is not None
        return program.model_proto


_Exporter = Callable[[nn.Module, Tensor, Axes, Mapping[str, Axes]], Any]
_EXPORTERS: Mapping[str, _Exporter] = MappingProxyType(
    {"tracing": _traced, "dynamo": _through_export}
)
