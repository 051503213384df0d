"""A network of a source in files for other runtimes, compared with it first."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType

from torch import nn

from rexpand.deploy.onnx import export_onnx, onnx_difference, onnx_operators
from rexpand.deploy.openvino import (
    export_openvino,
    openvino_difference,
    openvino_operators,
)
from rexpand.deploy.parity import BATCHES
from rexpand.deploy.properties import Properties, to_texts
from rexpand.deploy.torch_files import (
    export_program,
    export_script,
    program_difference,
    program_operators,
    script_difference,
    script_operators,
)
from rexpand.errors import MissingExtraError, RunError, SpecError
from rexpand.models import Opened, check_runs
from rexpand.records import write_atomic
from rexpand.spec import ExportFormat, Image, ImageContract, find_formats, format_of

# Of the largest score, as for the whole catalogue (docs/deployment.md)
TOLERANCE = 1e-4
# An export took 2.5 times what one pass reads and writes: torch's convolutions copy their
# maps into another layout, and keep them while the runtime holds its own.
_PASSES = 3


@dataclass(frozen=True, kw_only=True)
class Exported:
    """The files of one format, and how far their scores are from torch's.

    The first of `files` is the one that a runtime opens. `difference` is the largest over
    random images, as a share of the largest score; `operators` counts those of the graph.
    """

    format: str
    files: tuple[Path, ...]
    size_bytes: int
    difference: float
    operators: Mapping[str, int]


@dataclass(frozen=True, kw_only=True)
class _Way:
    """How a format is written with its metadata, compared and read."""

    write: Callable[[nn.Module, Image, Path, Mapping[str, str]], None]
    difference: Callable[[nn.Module, Image, Path], float]
    operators: Callable[[Path], Counter[str]]


_WAYS = MappingProxyType(
    {
        "onnx": _Way(
            write=export_onnx, difference=onnx_difference, operators=onnx_operators
        ),
        "openvino": _Way(
            write=export_openvino,
            difference=openvino_difference,
            operators=openvino_operators,
        ),
        "torch_export": _Way(
            write=export_program,
            difference=program_difference,
            operators=program_operators,
        ),
        "torchscript": _Way(
            write=export_script,
            difference=script_difference,
            operators=script_operators,
        ),
    }
)


def export(
    opened: Opened,
    formats: Iterable[str],
    folder: str | Path,
    *,
    name: str | None = None,
    resolution: int | None = None,
) -> tuple[Exported, ...]:
    """Write a network with its weights in some formats, as files `name` of a folder.

    export(open_source(Source.parse("rexnet_100")), ["onnx", "openvino"], "there")

    The name is by default the source's. Inside are the properties `network`, `contract`
    (as in a checkpoint) and `class_names`, a list. Files are written only after the
    scores of every format agree within TOLERANCE. Raises RunError if they do not,
    UnknownNameError for a format that is none, MissingExtraError for one whose packages
    are not installed, SpecError for weights larger than a format holds or images that no
    memory holds, ForeignCodeError if a format cannot express the network.
    """
    chosen = find_formats(formats)
    for each in chosen:
        _check(opened, each)
    contract = opened.contract.at(resolution)
    check_runs(opened.module, images=_PASSES * max(BATCHES), resolution=contract.height)
    with TemporaryDirectory() as drafts:
        drafted = [
            _drafted(opened, contract, each, Path(drafts) / "draft") for each in chosen
        ]
        place = Path(folder) / (name or opened.source.stem)
        return tuple(_placed(each, place) for each in drafted)


def operators_of(path: str | Path) -> Counter[str]:
    """How many operators of each kind an exported file has, by its format's names."""
    path = Path(path)
    return _WAYS[format_of(path).name].operators(path)


def _check(opened: Opened, form: ExportFormat) -> None:
    """Refuse a format before work: packages that are missing, too many weights."""
    for package in form.packages:
        if find_spec(package) is None:
            raise MissingExtraError(package, "deploy")
    module = opened.module
    tensors = (*module.parameters(), *module.buffers())
    size = sum(each.numel() * each.element_size() for each in tensors)
    if size > form.most_bytes:
        raise SpecError(
            f"the weights of {opened.source} are {size / 1e9:.1f} GB, and a file of "
            f"{form.name} holds {form.most_bytes / 1e9:.1f} GB; export as torch_export"
        )


def _drafted(
    opened: Opened, contract: ImageContract, form: ExportFormat, draft: Path
) -> Exported:
    """The files in a folder for the moment; RunError if their scores are others."""
    way = _WAYS[form.name]
    files = tuple(draft.with_suffix(suffix) for suffix in form.suffixes)
    properties = Properties(
        network=str(opened.source), contract=contract, precision="fp32"
    )
    way.write(opened.module, contract.image, files[0], to_texts(properties))
    difference = way.difference(opened.module, contract.image, files[0])
    if not difference <= TOLERANCE:
        raise RunError(
            f"the graph of {opened.source} as {form.name} differs from the network by "
            f"{difference:.2g} of the largest score, more than {TOLERANCE:g}; "
            "nothing was written"
        )
    return Exported(
        format=form.name,
        files=files,
        size_bytes=sum(each.stat().st_size for each in files),
        difference=difference,
        operators=dict(way.operators(files[0]).most_common()),
    )


def _placed(draft: Exported, place: Path) -> Exported:
    """The same files where they belong; the one that is opened comes last."""
    files = tuple(place.with_name(place.name + each.suffix) for each in draft.files)
    for source, target in reversed([*zip(draft.files, files, strict=True)]):
        write_atomic(target, source.read_bytes())
    return replace(draft, files=files)
