"""Networks for other runtimes."""

from rexpand.deploy.folding import folded
from rexpand.deploy.formats import TOLERANCE, Exported, export, operators_of
from rexpand.deploy.onnx import (
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
from rexpand.deploy.properties import Properties
from rexpand.deploy.running import ExportedModule, ExportedNetwork, open_exported
from rexpand.deploy.sessions import (
    onnxruntime_session,
    openvino_compiled,
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
    "OPSET",
    "TOLERANCE",
    "Exported",
    "ExportedModule",
    "ExportedNetwork",
    "Optimized",
    "Properties",
    "export",
    "export_onnx",
    "export_openvino",
    "export_program",
    "export_script",
    "folded",
    "onnx_difference",
    "onnx_graph",
    "onnx_operators",
    "onnxruntime_session",
    "open_exported",
    "openvino_compiled",
    "openvino_core",
    "openvino_difference",
    "openvino_operators",
    "operators_of",
    "optimized",
    "program_difference",
    "program_operators",
    "script_difference",
    "script_operators",
]
