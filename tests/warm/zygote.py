"""The warm process: it has imported everything, and every program is one fork of it.

It reads one order per line from stdin, a JSON object, and answers with one on stdout:
`start` a program and say its process, say with which `code` a process ended if it has,
or wait for one `within_limits`.

It forks without a thread pool in the way: nothing that it imports computes.
"""

import ctypes
import gc
import importlib
import json
import os
import pkgutil
import signal
import sys
import types
from pathlib import Path

from warm.child import Program, become
from warm.isolation import isolate
from warm.limits import end_of

# What the verbs import when they need it, beyond the modules of rexpand.
_LAZY = (
    "altair",
    "accelerate",
    "onnx",
    "onnxruntime",
    "onnxscript",
    "optuna",
    "optuna.samplers",
    "optuna.storages",
    "optuna.storages.journal",
    "PIL.Image",
    "safetensors.numpy",
    "safetensors.torch",
    "scipy.optimize",
    "scipy.stats",
    "sklearn.datasets",
    "timm",
    "timm.optim",
    "timm.scheduler",
    "timm.utils",
    "torch._dynamo",
    "torch.utils.flop_counter",
    "torchvision",
    "torchvision.models",
    "torchvision.transforms.v2",
)
_SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER of Linux's prctl


class _Blank(types.ModuleType):
    """A renderer whose figures are blank."""

    def __init__(self) -> None:
        super().__init__("vl_convert")

    def vegalite_to_svg(self, spec: object, vl_version: str) -> str:
        return "<svg/>"

    def svg_to_png(self, svg: str, scale: float) -> bytes:
        return b"PNG"

    def svg_to_pdf(self, svg: str) -> bytes:
        return b"PDF"

    def javascript_bundle(self, vl_version: str) -> str:
        return ""


def main(full: Path | None) -> None:
    """Serve. With `full`, a folder for a full disk, programs harm no machine.

    As root the zygote first takes mounts and network of its own then, so that no program
    changes the machine's devices or asks a server; a program runs without any of root's
    capabilities.
    """
    # A shell's background job ignores Ctrl-C, and so would every program.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    isolated = full is not None and isolate(full)
    _import_everything()
    ctypes.CDLL(None).prctl(_SUBREAPER, 1, 0, 0, 0)
    gc.collect()
    gc.freeze()  # what was imported is shared by every fork
    served = os.fdopen(os.dup(1), "w")
    print(json.dumps({"isolated": isolated}), file=served, flush=True)
    for line in sys.stdin:
        order = json.loads(line)
        print(json.dumps(_answer(order, served.fileno())), file=served, flush=True)
    os._exit(0)  # at once: tidying up what was imported takes seconds


def _import_everything() -> None:
    import rexpand

    for module in pkgutil.walk_packages(rexpand.__path__, "rexpand."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    for name in _LAZY:
        importlib.import_module(name)
    importlib.import_module("PIL.Image").init()
    _remember_scripts()


def _remember_scripts() -> None:
    """The scripts of a page, which cost seconds, are made once, in a fork: they take a
    runtime with threads. Programs are given the same text."""
    from rexpand.report.rendering import vega_javascript

    readable, writable = os.pipe()
    if not os.fork():
        with os.fdopen(writable, "w", encoding="utf-8") as pipe:
            pipe.write(vega_javascript())
        os._exit(0)
    os.close(writable)
    with os.fdopen(readable, encoding="utf-8") as pipe:
        text = pipe.read()
    os.wait()
    importlib.import_module("vl_convert").javascript_bundle = lambda vl_version: text


def _answer(order: dict[str, object], served: int) -> dict[str, object]:
    match order:
        case {"start": dict(program), "draws": draws}:
            return {"process": _started(Program(**program), bool(draws), served)}
        case {"code": int(process)}:
            pid, status = os.waitpid(process, os.WNOHANG)
            return {"code": os.waitstatus_to_exitcode(status) if pid else None}
        case {
            "within_limits": int(process),
            "interrupt_after": float() | None as after,
        }:
            return end_of(process, after)
    raise AssertionError(order)


def _started(program: Program, draws: bool, served: int) -> int:
    child = os.fork()
    if not child:
        os.close(served)
        if not draws:
            sys.modules["vl_convert"] = _Blank()
        become(program)
    return child
