"""Networks as ONNX graphs.

An image is (channels, height, width); the graph takes `images`, any number of them at
once, and outputs `scores`.
"""

import warnings
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import Any

import torch
from torch import Tensor, nn

from rexpand.deploy.constants import without_constants
from rexpand.deploy.parity import device_of, difference
from rexpand.deploy.running import open_exported
from rexpand.errors import MissingExtraError
from rexpand.records import write_atomic
from rexpand.trace.evaluating import evaluating
from rexpand.trace.foreign import foreign_code

OPSET = 18  # of ONNX; every runtime since 2023 reads it
NOTHING: Mapping[str, str] = MappingProxyType({})


def export_onnx(
    module: nn.Module,
    image: tuple[int, int, int],
    path: str | Path,
    metadata: Mapping[str, str] = NOTHING,
) -> None:
    """Write a module in inference mode as a graph with a free batch size.

    The file is replaced as a whole; `metadata` are its properties. torch's tracing
    exporter is used: the newer one, through torch.export, gives the same layers and
    takes nine times as long (docs/deployment.md).
    """
    write_atomic(Path(path), onnx_graph(module, image, metadata))


def onnx_graph(
    module: nn.Module,
    image: tuple[int, int, int],
    metadata: Mapping[str, str] = NOTHING,
) -> bytes:
    """The content of the file that `export_onnx` writes."""
    try:
        import onnx
        import onnxscript  # noqa: F401
    except ImportError as error:
        package = (error.name or "onnx").partition(".")[0]
        raise MissingExtraError(package, "deploy") from None
    graph = without_constants(_traced(module, image))
    onnx.helper.set_model_props(graph, dict(metadata))
    return bytes(graph.SerializeToString())


def onnx_difference(
    module: nn.Module, image: tuple[int, int, int], path: str | Path, *, seed: int = 0
) -> float:
    """Largest difference of scores, as a share of our largest score.

    Both receive the same random images, in batches of other sizes than the traced one.
    """
    return difference(module, image, open_exported(path).run, seed=seed)


def onnx_operators(path: str | Path) -> Counter[str]:
    """How many operators of each kind a graph has."""
    import onnx

    graph = onnx.load(path, load_external_data=False).graph
    return Counter(node.op_type for node in graph.node)


def _traced(module: nn.Module, image: tuple[int, int, int]) -> Any:
    """The graph as torch writes it, before its constants are folded."""
    import onnx

    images = torch.zeros(2, *image, device=device_of(module))
    with TemporaryDirectory() as folder, torch.no_grad(), evaluating(module):
        path = Path(folder) / "traced.onnx"
        with foreign_code(f"{type(module).__name__} cannot be written as ONNX"):
            _trace(module, images, path)
        return onnx.load(path)


def _trace(module: nn.Module, images: Tensor, path: Path) -> None:
    with warnings.catch_warnings():
        # It warns that it is deprecated, and that sizes become constants: all but the
        # batch size are constant, and `onnx_difference` would show it otherwise.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            module,
            (images,),
            path,
            dynamo=False,
            opset_version=OPSET,
            input_names=["images"],
            output_names=["scores"],
            dynamic_axes={"images": {0: "batch"}, "scores": {0: "batch"}},
        )
