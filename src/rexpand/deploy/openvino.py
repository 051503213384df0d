"""Networks as OpenVINO's intermediate representation, made of their ONNX graphs.

It is two files, NAME.xml and the weights in NAME.bin beside it; as in the graph, the
input is `images`, any number of them at once, and the output `scores`.
"""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from torch import nn

from rexpand.deploy.graph_form import GraphInput, as_input
from rexpand.deploy.onnx import NOTHING, onnx_graph
from rexpand.deploy.parity import difference
from rexpand.deploy.running import open_exported
from rexpand.deploy.sessions import openvino_core
from rexpand.errors import OutputError
from rexpand.records import write_atomic
from rexpand.spec import Image
from rexpand.trace.foreign import foreign_code

_NO_OPERATORS = ("Parameter", "Constant", "Result")


def export_openvino(
    module: nn.Module,
    image: Image | GraphInput,
    path: str | Path,
    metadata: Mapping[str, str] = NOTHING,
) -> None:
    """Write a module in inference mode, with float32 weights and a free batch size.

    `path` ends in .xml; each of the two files is replaced as a whole. `metadata` is the
    model's `rt_info`, below `rexpand`. Raises OutputError for another suffix.
    """
    path = Path(path)
    if path.suffix != ".xml":
        raise OutputError(f"{path} does not end in .xml, as OpenVINO's files do")
    write_openvino(onnx_graph(module, image), path, metadata)


def write_openvino(
    graph: bytes, path: str | Path, metadata: Mapping[str, str] = NOTHING
) -> None:
    """Write an ONNX graph as OpenVINO's two files; each is replaced as a whole."""
    path = Path(path)
    core = openvino_core()
    from openvino import save_model

    with TemporaryDirectory() as folder:
        draft = Path(folder) / path.name
        with foreign_code("the graph cannot be written as OpenVINO's"):
            model = core.read_model(model=graph, weights=b"")
            _simplify(model)
            for key, value in metadata.items():
                model.set_rt_info(value, ["rexpand", key])
            save_model(model, draft, compress_to_fp16=False)
        for suffix in (".bin", ".xml"):  # the one that is opened last
            content = draft.with_suffix(suffix).read_bytes()
            write_atomic(path.with_suffix(suffix), content)


def openvino_difference(
    module: nn.Module, image: Image | GraphInput, path: str | Path, *, seed: int = 0
) -> float:
    """Largest difference of scores, as a share of our largest score.

    As `onnx_difference`, with OpenVINO on the CPU in float32.
    """
    batches = as_input(image).random(seed)
    return difference(module, open_exported(path).run, batches)


def openvino_operators(path: str | Path) -> Counter[str]:
    """How many operators of each kind a model has."""
    model = openvino_core().read_model(str(path))
    kinds = (each.get_type_name() for each in model.get_ordered_ops())
    return Counter(kind for kind in kinds if kind not in _NO_OPERATORS)


def _simplify(model: Any) -> None:
    """Do at once what a runtime does each time that it opens the file."""
    from openvino._offline_transformations import apply_moc_transformations

    apply_moc_transformations(model, cf=False)  # cf: remove the free batch size
