"""Networks for other runtimes."""

from rexpand.deploy.agreeing import (
    LEAST_AGREEMENT,
    agreeing_onnx,
    agreeing_openvino,
)
from rexpand.deploy.calibration import check_calibration_classes
from rexpand.deploy.converted import Converted
from rexpand.deploy.folding import folded
from rexpand.deploy.formats import TOLERANCE, Exported, export, operators_of
from rexpand.deploy.friendliness import Friendliness, LayerNoise, friendliness
from rexpand.deploy.graph_form import PLAIN, GraphForm, GraphInput
from rexpand.deploy.half_precision import (
    InPrecision,
    onnx_in_float16,
    openvino_in_bfloat16,
    openvino_in_float16,
)
from rexpand.deploy.onnx import (
    ONNX_EXPORTERS,
    OPSET,
    export_onnx,
    onnx_difference,
    onnx_graph,
    onnx_operators,
)
from rexpand.deploy.openvino import (
    export_openvino,
    openvino_difference,
    openvino_operators,
)
from rexpand.deploy.optimized import Optimized, optimized
from rexpand.deploy.precisions import (
    ExportedFiles,
    graph_behind,
    in_precision,
    write_precisions,
)
from rexpand.deploy.properties import Properties
from rexpand.deploy.quantising_onnx import quantised_onnx
from rexpand.deploy.quantising_openvino import quantised_openvino
from rexpand.deploy.running import (
    ExportedModule,
    ExportedNetwork,
    given_to,
    open_exported,
)
from rexpand.deploy.sessions import (
    OpenvinoSession,
    compiled_openvino,
    onnxruntime_session,
    openvino_core,
)
from rexpand.deploy.torch_files import (
    export_program,
    export_script,
    program_difference,
    program_operators,
    script_difference,
    script_operators,
)

__all__ = [
    "LEAST_AGREEMENT",
    "ONNX_EXPORTERS",
    "OPSET",
    "PLAIN",
    "TOLERANCE",
    "Converted",
    "Exported",
    "ExportedFiles",
    "ExportedModule",
    "ExportedNetwork",
    "Friendliness",
    "GraphForm",
    "GraphInput",
    "InPrecision",
    "LayerNoise",
    "OpenvinoSession",
    "Optimized",
    "Properties",
    "agreeing_onnx",
    "agreeing_openvino",
    "check_calibration_classes",
    "compiled_openvino",
    "export",
    "export_onnx",
    "export_openvino",
    "export_program",
    "export_script",
    "folded",
    "friendliness",
    "given_to",
    "graph_behind",
    "in_precision",
    "onnx_difference",
    "onnx_graph",
    "onnx_in_float16",
    "onnx_operators",
    "onnxruntime_session",
    "open_exported",
    "openvino_core",
    "openvino_difference",
    "openvino_in_bfloat16",
    "openvino_in_float16",
    "openvino_operators",
    "operators_of",
    "optimized",
    "program_difference",
    "program_operators",
    "quantised_onnx",
    "quantised_openvino",
    "script_difference",
    "script_operators",
    "write_precisions",
]
