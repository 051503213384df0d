"""The runtimes that can run a module here, each as one object with one method."""

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from shutil import which
from time import perf_counter
from types import FunctionType, MappingProxyType
from typing import ClassVar, Protocol

import torch
from torch import Tensor, nn

from rexpand.deploy import (
    OpenvinoSession,
    onnx_graph,
    onnxruntime_session,
    openvino_core,
    optimized,
    quantised_onnx,
    quantised_openvino,
)
from rexpand.errors import MissingExtraError, MistakeError, UnknownNameError
from rexpand.latency.cuda import captured
from rexpand.latency.rounds import Call
from rexpand.spec import ExportPrecision

_TYPES: Mapping[ExportPrecision, torch.dtype] = MappingProxyType(
    {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}
)


class Runtime(Protocol):
    """Makes a module ready to run; `seconds` is what that takes, roughly."""

    name: str
    seconds: float

    def prepared(self, module: nn.Module, images: Tensor) -> Call:
        """A call that runs the module once on the images, in evaluation mode."""

    def clock(self) -> float:
        """Seconds by which its calls are timed; a simulated device has its own."""
        return perf_counter()


@dataclass(frozen=True, kw_only=True)
class Installable(Runtime):
    """A runtime of this machine in one of its `precisions`, on one of its `devices`."""

    name = ""
    seconds = 0.0
    packages: ClassVar[tuple[str, ...]] = ()
    precisions: ClassVar[tuple[ExportPrecision, ...]] = ("fp32",)
    devices: ClassVar[tuple[str, ...]] = ("cpu",)

    precision: ExportPrecision = "fp32"
    device: str = "cpu"

    @property
    def is_installed(self) -> bool:
        """Whether its packages are there."""
        return all(find_spec(package) for package in self.packages)


@dataclass(frozen=True, kw_only=True)
class Eager(Installable):
    """torch, one operator after the other."""

    name = "torch"
    precisions = ("fp32", "bf16", "fp16")
    devices: ClassVar[tuple[str, ...]] = ("cpu", "cuda")

    def prepared(self, module: nn.Module, images: Tensor) -> Call:
        evaluated, fed = self.placed(module, images)

        def call() -> object:
            with torch.inference_mode():
                return evaluated(fed)

        return call

    def placed(self, module: nn.Module, images: Tensor) -> tuple[nn.Module, Tensor]:
        """Both on the device and in the precision, the module in evaluation mode."""
        dtype = _TYPES[self.precision]
        if dtype != torch.float32 or self.device != "cpu":
            module = copy.deepcopy(module).to(self.device, dtype)
        return module.eval(), images.to(self.device, dtype)


@dataclass(frozen=True, kw_only=True)
class Optimizing(Eager):
    """torch with the copy of a network that `deploy.optimized` gives."""

    name = "optimized"
    seconds = 1.0

    def prepared(self, module: nn.Module, images: Tensor) -> Call:
        evaluated, fed = self.placed(module, images)
        found = optimized(evaluated, _image(images))
        return lambda: found(fed)


@dataclass(frozen=True, kw_only=True)
class Compiled(Eager):
    """torch.compile with its default backend."""

    name = "compile"
    seconds = 30.0

    @property
    def is_installed(self) -> bool:
        """torch.compile writes C++ for a CPU."""
        return any(which(each) for each in ("c++", "g++", "clang++"))

    def prepared(self, module: nn.Module, images: Tensor) -> Call:
        evaluated, fed = self.placed(module, images)
        compiled = torch.compile(_own_function(evaluated), dynamic=False)

        def call() -> object:
            with torch.no_grad():
                return compiled(fed)

        call()  # compiles now
        return call


@dataclass(frozen=True, kw_only=True)
class Graphed(Eager):
    """torch on a GPU, all kernels of a network launched at once by a CUDA graph."""

    name = "cuda_graph"
    seconds = 1.0
    devices = ("cuda",)

    def prepared(self, module: nn.Module, images: Tensor) -> Call:
        evaluated, fed = self.placed(module, images)
        return captured(evaluated, fed)


@dataclass(frozen=True, kw_only=True)
class OnnxRuntime(Installable):
    """onnxruntime on the CPU, with as many threads as torch has.

    In int8 it is calibrated on the images that it is timed on: right for a time, and not
    for scores.
    """

    name = "onnxruntime"
    seconds = 1.0
    packages = ("onnxruntime", "onnx", "onnxscript")
    precisions = ("fp32", "int8")

    def prepared(self, module: nn.Module, images: Tensor) -> Call:
        graph = onnx_graph(module, _image(images))
        if self.precision == "int8":
            graph = quantised_onnx(graph, images.numpy()).contents[".onnx"]
        session = onnxruntime_session(graph)
        feed = {"images": images.contiguous().numpy()}
        return lambda: session.run(None, feed)[0]


@dataclass(frozen=True, kw_only=True)
class OpenVino(Installable):
    """OpenVINO on the CPU, with as many threads as torch has.

    In fp32 it is told so: where a processor has bfloat16, it uses it unasked. In int8 it
    is calibrated as onnxruntime is.
    """

    name = "openvino"
    seconds = 2.0
    packages = ("openvino", "onnx", "onnxscript")
    precisions = ("fp32", "bf16", "int8")

    def prepared(self, module: nn.Module, images: Tensor) -> Call:
        core = openvino_core()
        capable = core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")
        if self.precision == "bf16" and "BF16" not in capable:
            raise MistakeError(
                "OpenVINO has no bf16 on this processor; choose the precision fp32"
            )
        graph, weights = onnx_graph(module, _image(images)), b""
        if self.precision == "int8":
            found = quantised_openvino(graph, images.numpy()).contents
            graph, weights = found[".xml"], found[".bin"]
        model = core.read_model(model=graph, weights=weights)
        session = OpenvinoSession(model, precision=self.precision)
        fed = images.contiguous().numpy()
        return lambda: session(fed)


def _image(images: Tensor) -> tuple[int, int, int]:
    channels, height, width = images.shape[1:]
    return channels, height, width


def _own_function(module: nn.Module) -> Callable[[Tensor], object]:
    """A function of the module with code that is its own.

    torch counts compilations by code, and after a few of one code it runs it eagerly.
    """

    def run(images: Tensor) -> object:
        return module(images)

    code = run.__code__.replace(co_name=f"run_{id(module)}")
    return FunctionType(code, run.__globals__, closure=run.__closure__)


_KINDS: tuple[type[Installable], ...] = (
    *(Eager, OnnxRuntime, Optimizing, OpenVino, Compiled, Graphed),
)
RUNTIMES: Mapping[str, Installable] = MappingProxyType(
    {kind.name: kind() for kind in _KINDS if "cpu" in kind.devices}
)
USUAL = ("torch", "onnxruntime", "compile")  # where nobody names a runtime


def installed(names: Sequence[str] = USUAL) -> tuple[Installable, ...]:
    """Those of some runtimes that this machine has."""
    found = (RUNTIMES[name] for name in names)
    return tuple(runtime for runtime in found if runtime.is_installed)


def find_runtimes(names: Sequence[str]) -> tuple[Installable, ...]:
    """The runtimes of some names; UnknownNameError or MissingExtraError if absent."""
    return tuple(find_runtime(name) for name in names)


def find_runtime(
    name: str, precision: ExportPrecision = "fp32", device: str = "cpu"
) -> Installable:
    """A runtime by name, in a precision and on a device that it has.

    Raises UnknownNameError for another name, MissingExtraError for one that is not
    installed, MistakeError for a precision or a device that it does not have.
    """
    kind = _kind(name)
    if precision not in kind.precisions:
        raise MistakeError(
            f"{name} has no {precision} here; choose from {', '.join(kind.precisions)}"
        )
    if device not in kind.devices:
        raise MistakeError(
            f"{name} runs on {' and '.join(kind.devices)} alone, not on {device}"
        )
    found = kind(precision=precision, device=device)
    if not found.is_installed:
        raise MissingExtraError(name, "deploy")
    return found


def precisions_of(name: str) -> tuple[ExportPrecision, ...]:
    """The precisions of a runtime; UnknownNameError for a name that is none."""
    return _kind(name).precisions


def _kind(name: str) -> type[Installable]:
    kinds = {kind.name: kind for kind in _KINDS}
    if name not in kinds:
        hint = f"choose from {', '.join(kinds)}"
        raise UnknownNameError("runtime", name, kinds, hint)
    return kinds[name]
