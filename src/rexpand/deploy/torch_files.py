"""Networks as files of torch: programs of torch.export, and TorchScript.

Both hold the module with its batch norms folded, take any number of images at once,
and run without rexpand. torch plans to retire TorchScript; LibTorch's users have it still.
"""

import io
import warnings
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import torch
from torch import nn

from rexpand.deploy.folding import folded
from rexpand.deploy.graph_form import GraphInput, as_input
from rexpand.deploy.onnx import NOTHING
from rexpand.deploy.parity import device_of, difference
from rexpand.deploy.running import open_exported
from rexpand.deploy.silence import silence
from rexpand.deploy.torch_archives import read_program, read_script
from rexpand.records import write_atomic
from rexpand.spec import Image
from rexpand.trace.foreign import foreign_code


def export_program(
    module: nn.Module,
    image: Image,
    path: str | Path,
    metadata: Mapping[str, str] = NOTHING,
) -> None:
    """Write a module in inference mode as a program of torch.export, in a .pt2 file.

    The file is replaced as a whole; `metadata` are its extra files.
    """
    write_program(folded(module, image), as_input(image), path, metadata)


def write_program(
    module: nn.Module,
    taken: GraphInput,
    path: str | Path,
    metadata: Mapping[str, str] = NOTHING,
) -> None:
    """As `export_program`, of a module whose norms are folded already."""
    content = io.BytesIO()
    images = taken.example(device_of(module))
    free = dict.fromkeys(taken.free_axes(), torch.export.Dim.DYNAMIC)
    with _writing(module, "a program of torch.export"):
        # It saves no weight in another order without a warning.
        found = module.to(memory_format=torch.contiguous_format)
        program = torch.export.export(found, (images,), dynamic_shapes=(free,))
        # For images of any size these are lines of Python on the size, which the reader
        # would have to run. The scores are compared at several sizes instead.
        program._guards_code = []
        torch.export.save(program, content, extra_files=dict(metadata))
    write_atomic(Path(path), content.getvalue())


def program_difference(
    module: nn.Module, image: Image | GraphInput, path: str | Path, *, seed: int = 0
) -> float:
    """Largest difference of scores, as a share of our largest score."""
    batches = as_input(image).random(seed)
    return difference(module, open_exported(path).run, batches)


def program_operators(path: str | Path) -> Counter[str]:
    """How many operators of each kind a program has, by torch's names."""
    program, _ = read_program(Path(path))
    nodes = program.graph.nodes
    calls = (each.target for each in nodes if each.op == "call_function")
    return Counter(each.__name__ for each in calls)


def export_script(
    module: nn.Module,
    image: Image,
    path: str | Path,
    metadata: Mapping[str, str] = NOTHING,
) -> None:
    """Write a module in inference mode as TorchScript, traced.

    The file is replaced as a whole; `metadata` are its extra files.
    """
    write_script(folded(module, image), as_input(image), path, metadata)


def write_script(
    module: nn.Module,
    taken: GraphInput,
    path: str | Path,
    metadata: Mapping[str, str] = NOTHING,
) -> None:
    """As `export_script`, of a module whose norms are folded already."""
    content = io.BytesIO()
    images = taken.example(device_of(module))
    with _writing(module, "TorchScript"), torch.no_grad():
        found = module.to(memory_format=torch.contiguous_format)
        script = torch.jit.trace(found, images, check_trace=False)  # type: ignore[no-untyped-call]
        torch.jit.save(script, content, _extra_files=dict(metadata))
    write_atomic(Path(path), content.getvalue())


def script_difference(
    module: nn.Module, image: Image | GraphInput, path: str | Path, *, seed: int = 0
) -> float:
    """Largest difference of scores, as a share of our largest score."""
    batches = as_input(image).random(seed)
    return difference(module, open_exported(path).run, batches)


def script_operators(path: str | Path) -> Counter[str]:
    """How many operators of each kind a script has, by torch's names."""
    script, _ = read_script(Path(path))
    kinds = (each.kind() for each in script.inlined_graph.nodes())
    spaces = (kind.partition("::") for kind in kinds)
    return Counter(name for space, _, name in spaces if space == "aten")


@contextmanager
def _writing(module: nn.Module, what: str) -> Iterator[None]:
    with (
        warnings.catch_warnings(),
        silence(),  # of sizes whose inequalities sympy cannot solve
        foreign_code(f"{type(module).__name__} cannot be written as {what}"),
    ):
        # Tracing warns of deprecation and of sizes that become constants.
        warnings.simplefilter("ignore")
        yield
