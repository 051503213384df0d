"""Networks as OpenVINO's intermediate representation, made of their ONNX graphs.

It is two files, NAME.xml and the weights in NAME.bin beside it; as in the graph, the
input is `images`, any number of them at once, and the output `scores`.
"""

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from torch import nn

from rexpand.deploy.onnx import NOTHING, difference, onnx_graph
from rexpand.errors import MissingExtraError, OutputError
from rexpand.records import write_atomic

# Where a processor has bfloat16, OpenVINO computes in it unless it is told not to.
_EXACT = {"INFERENCE_PRECISION_HINT": "f32"}


def export_openvino(
    module: nn.Module,
    image: tuple[int, int, int],
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
    openvino = _openvino()
    model = openvino.Core().read_model(model=onnx_graph(module, image), weights=b"")
    for key, value in metadata.items():
        model.set_rt_info(value, ["rexpand", key])
    with TemporaryDirectory() as folder:
        draft = Path(folder) / path.name
        openvino.save_model(model, draft, compress_to_fp16=False)
        for suffix in (".bin", ".xml"):  # the one that is opened last
            content = draft.with_suffix(suffix).read_bytes()
            write_atomic(path.with_suffix(suffix), content)


def openvino_difference(
    module: nn.Module, image: tuple[int, int, int], path: str | Path, *, seed: int = 0
) -> float:
    """Largest difference of scores, as a share of our largest score.

    As `onnx_difference`, with OpenVINO on the CPU in float32.
    """
    core = _openvino().Core()
    compiled = core.compile_model(core.read_model(str(path)), "CPU", _EXACT)
    return difference(
        module, image, lambda images: compiled(images)["scores"], seed=seed
    )


def _openvino() -> Any:
    try:
        import openvino
    except ImportError:
        raise MissingExtraError("openvino", "deploy") from None
    return openvino
