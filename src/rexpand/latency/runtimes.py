"""The runtimes that can run a module here, each as one object with one method."""

from collections.abc import Callable, Sequence
from importlib.util import find_spec
from shutil import which
from time import perf_counter
from types import FunctionType, MappingProxyType
from typing import Protocol

import torch
from torch import Tensor, nn

from rexpand.deploy import onnx_graph, onnxruntime_session
from rexpand.errors import MissingExtraError, UnknownNameError
from rexpand.latency.rounds import Call


class Runtime(Protocol):
    """Makes a module ready to run; `seconds` is what that takes, roughly."""

    name: str
    seconds: float

    def prepared(self, module: nn.Module, images: Tensor) -> Call:
        """A call that runs the module once on the images, in evaluation mode."""

    def clock(self) -> float:
        """Seconds by which its calls are timed; a simulated device has its own."""
        return perf_counter()


class Eager(Runtime):
    """torch, one operator after the other."""

    name = "torch"
    seconds = 0.0

    def prepared(self, module: nn.Module, images: Tensor) -> Call:
        evaluated = module.eval()

        def call() -> object:
            with torch.inference_mode():
                return evaluated(images)

        return call


class Compiled(Runtime):
    """torch.compile with its default backend."""

    name = "compile"
    seconds = 30.0

    def prepared(self, module: nn.Module, images: Tensor) -> Call:
        compiled = torch.compile(_own_function(module.eval()), dynamic=False)

        def call() -> object:
            with torch.no_grad():
                return compiled(images)

        call()  # compiles now
        return call


def _own_function(module: nn.Module) -> Callable[[Tensor], object]:
    """A function of the module with code that is its own.

    torch counts compilations by code, and after a few of one code it runs it eagerly.
    """

    def run(images: Tensor) -> object:
        return module(images)

    code = run.__code__.replace(co_name=f"run_{id(module)}")
    return FunctionType(code, run.__globals__, closure=run.__closure__)


class OnnxRuntime(Runtime):
    """onnxruntime on the CPU, with as many threads as torch has."""

    name = "onnxruntime"
    seconds = 1.0

    def prepared(self, module: nn.Module, images: Tensor) -> Call:
        session = onnxruntime_session(onnx_graph(module, _image(images)))
        feed = {"images": images.numpy()}
        return lambda: session.run(None, feed)


def _image(images: Tensor) -> tuple[int, int, int]:
    channels, height, width = images.shape[1:]
    return channels, height, width


RUNTIMES = MappingProxyType(
    {runtime.name: runtime for runtime in (Eager(), OnnxRuntime(), Compiled())}
)


def installed() -> tuple[Runtime, ...]:
    """The runtimes that this machine has, the quickest to prepare first."""
    return tuple(
        runtime for runtime in RUNTIMES.values() if _is_installed(runtime.name)
    )


def find_runtimes(names: Sequence[str]) -> tuple[Runtime, ...]:
    """The runtimes of some names; UnknownNameError or MissingExtraError if absent."""
    found: list[Runtime] = []
    for name in names:
        if name not in RUNTIMES:
            hint = f"choose from {', '.join(RUNTIMES)}"
            raise UnknownNameError("runtime", name, RUNTIMES, hint)
        if not _is_installed(name):
            raise MissingExtraError(name, "deploy")
        found.append(RUNTIMES[name])
    return tuple(found)


def _is_installed(name: str) -> bool:
    if name == "onnxruntime":
        packages = ("onnxruntime", "onnx", "onnxscript")
        return all(find_spec(package) for package in packages)
    # torch.compile writes C++ for a CPU.
    return name == "torch" or any(which(c) for c in ("c++", "g++", "clang++"))
