"""OpenVINO's models in int8 by NNCF, calibrated on images.

They are made of the ONNX graph, with the weights that `rounding` puts on their grids:
NNCF finds the same grids. Its own part are the grids of activations, where they are
needed, and the correction of biases for them.
"""

from collections.abc import Collection, Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rexpand.deploy.calibration import Array
from rexpand.deploy.converted import Converted, properties_in
from rexpand.deploy.layers import named_layers
from rexpand.deploy.quantising_onnx import (
    Calibrated,
    calibrated,
    graph_with,
)
from rexpand.deploy.sessions import openvino_core
from rexpand.deploy.silence import no_telemetry, silence
from rexpand.errors import MissingExtraError


def quantised_openvino(
    graph: bytes | str | Path,
    images: Array | Iterable[Array],
    *,
    in_float: Collection[str] = (),
) -> Converted:
    """An exported ONNX graph as OpenVINO's two files in int8.

    As `quantised_onnx`, with NNCF in the place of onnxruntime's quantiser.
    """
    return integers_openvino(calibrated(graph, images), in_float)


def integers_openvino(found: Calibrated, in_float: Collection[str]) -> Converted:
    """A calibrated graph as a model in int8; SpecError for a layer it does not have."""
    left = named_layers(found.layers, in_float)
    nncf = _nncf()
    model = openvino_model(graph_with(found, left))
    kept = [
        each.get_friendly_name()
        for each in model.get_ordered_ops()
        if each.get_friendly_name().removesuffix("/WithoutBiases") in left
    ]
    images = [batch[at : at + 1] for batch in found.batches for at in range(len(batch))]
    with silence():
        quantised = nncf.quantize(
            model,
            nncf.Dataset(images),
            preset=nncf.QuantizationPreset.MIXED,
            target_device=nncf.TargetDevice.CPU,
            subset_size=len(images),
            ignored_scope=nncf.IgnoredScope(names=kept),
            advanced_parameters=nncf.AdvancedQuantizationParameters(
                # Weights of the first layer keep all of their grid.
                overflow_fix=nncf.OverflowFix.DISABLE
            ),
        )
    return Converted(
        precision="int8",
        contents=openvino_files(quantised, properties_in(found.graph, "int8")),
        in_float=left,
    )


def openvino_model(graph: Any) -> Any:
    """A graph as OpenVINO reads it."""
    return openvino_core().read_model(model=graph.SerializeToString(), weights=b"")


def openvino_files(
    model: Any, properties: dict[str, str], *, in_float16: bool = False
) -> dict[str, bytes]:
    """The content of a model's two files, with what it says of itself."""
    from openvino import save_model

    for key, value in properties.items():
        model.set_rt_info(value, ["rexpand", key])
    with TemporaryDirectory() as folder:
        draft = Path(folder) / "draft.xml"
        save_model(model, draft, compress_to_fp16=in_float16)
        return {
            suffix: draft.with_suffix(suffix).read_bytes()
            for suffix in (".xml", ".bin")
        }


def _nncf() -> Any:
    openvino_core()
    try:
        with silence(), no_telemetry():
            import nncf
    except ImportError:
        raise MissingExtraError("nncf", "deploy") from None
    return nncf
