"""A network of a source in files for other runtimes, compared with it first."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType

import torch
from torch import Tensor, nn

from rexpand.deploy.folding import folded
from rexpand.deploy.graph_form import PLAIN, GraphForm, GraphInput, formed
from rexpand.deploy.onnx import (
    ONNX_EXPORTERS,
    OnnxExporter,
    onnx_graph,
    onnx_operators,
    write_onnx,
)
from rexpand.deploy.openvino import openvino_operators, write_openvino
from rexpand.deploy.parity import BATCHES, difference
from rexpand.deploy.properties import Properties, to_texts
from rexpand.deploy.running import bytes_of, open_exported
from rexpand.deploy.torch_files import (
    program_operators,
    script_operators,
    write_program,
    write_script,
)
from rexpand.errors import ForeignCodeError, RunError, SpecError
from rexpand.models import Opened, check_runs
from rexpand.records import write_atomic
from rexpand.size import Resolution
from rexpand.spec import (
    ExportFormat,
    ImageContract,
    check_installed,
    find_formats,
    format_of,
)

# Of the largest score, as for the whole catalogue (docs/deployment.md)
TOLERANCE = 1e-4
# An export took 2.5 times what one pass reads and writes: torch's convolutions copy their
# maps into another layout, and keep them while the runtime holds its own.
_PASSES = 3


@dataclass(frozen=True, kw_only=True)
class Exported:
    """The files of one format, and how far their scores are from torch's.

    The first of `files` is the one that a runtime opens. `difference` is the largest, as
    a share of the largest score; `operators` counts those of the graph; `exporter` is
    the one of torch's that wrote the ONNX graph, where there is one.
    """

    format: str
    files: tuple[Path, ...]
    size_bytes: int
    difference: float
    operators: Mapping[str, int]
    exporter: OnnxExporter | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class _Network:
    """What is written: a network with what is inside of its graph.

    `images` are real ones to compare the scores of, normalised.
    """

    opened: Opened
    contract: ImageContract
    form: GraphForm
    images: Tensor | None

    @property
    def taken(self) -> GraphInput:
        return GraphInput(image=self.contract.image, form=self.form)

    @property
    def texts(self) -> Mapping[str, str]:
        return to_texts(
            Properties(
                network=str(self.opened.source),
                contract=self.contract,
                precision="fp32",
                has_preprocessing=self.form.has_preprocessing,
                has_softmax=self.form.has_softmax,
            )
        )

    @cached_property
    def whole(self) -> nn.Module:
        return formed(self.opened.module, self.contract, self.form)

    @cached_property
    def graphs(self) -> "_Graphs":
        return _Graphs(module=self.whole, taken=self.taken)

    def folded(self) -> nn.Module:
        found = folded(self.opened.module, self.contract.image)
        return formed(found, self.contract, self.form)

    def batches(self) -> Iterator[Tensor]:
        """Random images, then the real ones, as the graph takes them."""
        yield from self.taken.random(seed=0)
        if self.images is not None:
            for images in torch.split(self.images, max(BATCHES)):
                if self.form.has_preprocessing:
                    yield bytes_of(images, self.contract).contiguous()
                else:
                    yield images


class _Graphs:
    """The ONNX graphs of a module: each is made once, for every format made of it."""

    def __init__(self, *, module: nn.Module, taken: GraphInput) -> None:
        self._module, self._taken = module, taken
        self._made: dict[OnnxExporter, bytes | ForeignCodeError] = {}

    def of(self, exporter: OnnxExporter) -> bytes:
        """The graph of an exporter; ForeignCodeError if it cannot make one."""
        if exporter not in self._made:
            try:
                self._made[exporter] = onnx_graph(
                    self._module, self._taken, exporter=exporter
                )
            except ForeignCodeError as error:
                self._made[exporter] = error
        made = self._made[exporter]
        if isinstance(made, ForeignCodeError):
            raise made
        return made


@dataclass(frozen=True, kw_only=True)
class _Way:
    """How a format is written with its metadata and read.

    One made of the ONNX graph is tried with each of torch's exporters, one of torch
    itself is written of the folded module.
    """

    operators: Callable[[Path], Counter[str]]
    write_graph: Callable[[bytes, Path, Mapping[str, str]], None] | None = None
    write_module: (
        Callable[[nn.Module, GraphInput, Path, Mapping[str, str]], None] | None
    ) = None


_WAYS = MappingProxyType(
    {
        "onnx": _Way(write_graph=write_onnx, operators=onnx_operators),
        "openvino": _Way(write_graph=write_openvino, operators=openvino_operators),
        "torch_export": _Way(write_module=write_program, operators=program_operators),
        "torchscript": _Way(write_module=write_script, operators=script_operators),
    }
)


def export(
    opened: Opened,
    formats: Iterable[str],
    folder: str | Path,
    *,
    name: str | None = None,
    resolution: Resolution | None = None,
    form: GraphForm = PLAIN,
    images: Tensor | None = None,
) -> tuple[Exported, ...]:
    """Write a network with its weights in some formats, as files `name` of a folder.

    export(open_source(Source.parse("rexnet_100")), ["onnx", "openvino"], "there")

    The name is by default the source's; `form` says what is inside the graph. The files
    hold `Properties`. They are written only after the scores of every format agree
    within TOLERANCE, on random images and on `images`, real ones, float32 (images,
    channels, height, width), normalised. An ONNX graph is torch's tracing exporter's;
    where that fails or its scores are others, the newer one's. Raises RunError if no
    graph agrees, UnknownNameError for a format that is none, MissingExtraError for one
    whose packages are not installed, SpecError for weights larger than a format holds or
    images that no memory holds, ForeignCodeError if a format cannot express the network.
    """
    chosen = find_formats(formats)
    for each in chosen:
        _check(opened, each)
    contract = opened.contract.at(resolution)
    check_runs(
        opened.module, images=_PASSES * max(BATCHES), resolution=contract.resolution
    )
    network = _Network(opened=opened, contract=contract, form=form, images=images)
    with TemporaryDirectory() as drafts:
        drafted = [_drafted(network, each, Path(drafts) / "draft") for each in chosen]
        place = Path(folder) / (name or opened.source.stem)
        return tuple(_placed(each, place) for each in drafted)


def operators_of(path: str | Path) -> Counter[str]:
    """How many operators of each kind an exported file has, by its format's names."""
    path = Path(path)
    return _WAYS[format_of(path).name].operators(path)


def _check(opened: Opened, form: ExportFormat) -> None:
    """Refuse a format before work: packages that are missing, too many weights."""
    check_installed(form)
    module = opened.module
    tensors = (*module.parameters(), *module.buffers())
    size = sum(each.numel() * each.element_size() for each in tensors)
    if size > form.most_bytes:
        raise SpecError(
            f"the weights of {opened.source} are {size / 1e9:.1f} GB, and a file of "
            f"{form.name} holds {form.most_bytes / 1e9:.1f} GB; export as torch_export"
        )


def _drafted(network: _Network, form: ExportFormat, draft: Path) -> Exported:
    """The files in a folder for the moment; RunError if their scores are others."""
    way = _WAYS[form.name]
    files = tuple(draft.with_suffix(suffix) for suffix in form.suffixes)
    exporter: OnnxExporter | None = None
    if way.write_module is not None:
        way.write_module(network.folded(), network.taken, files[0], network.texts)
        found = _difference(network, form, files[0])
    else:
        exporter, found = _through_graph(network, form, files[0])
    return Exported(
        format=form.name,
        files=files,
        size_bytes=sum(each.stat().st_size for each in files),
        difference=found,
        operators=dict(way.operators(files[0]).most_common()),
        exporter=exporter,
    )


def _through_graph(
    network: _Network, form: ExportFormat, path: Path
) -> tuple[OnnxExporter, float]:
    """Write the first graph whose scores agree: its exporter, and the difference.

    Raises what the first exporter met where none agrees.
    """
    write = _WAYS[form.name].write_graph
    assert write is not None
    met: list[ForeignCodeError | RunError] = []
    for exporter in ONNX_EXPORTERS:
        try:
            write(network.graphs.of(exporter), path, network.texts)
            return exporter, _difference(network, form, path)
        except (ForeignCodeError, RunError) as error:
            met.append(error)
    raise met[0]


def _difference(network: _Network, form: ExportFormat, path: Path) -> float:
    """How far the scores of a file are; RunError where they are others."""
    run = open_exported(path, threads=torch.get_num_threads()).run
    found = difference(network.whole, run, network.batches())
    if not found <= TOLERANCE:
        sizes = ", in one of the sizes," if network.form.has_free_size else ""
        raise RunError(
            f"the graph of {network.opened.source} as {form.name} differs from the "
            f"network{sizes} by {found:.2g} of the largest score, more than "
            f"{TOLERANCE:g}; nothing was written"
        )
    return found


def _placed(draft: Exported, place: Path) -> Exported:
    """The same files where they belong; the one that is opened comes last."""
    files = tuple(place.with_name(place.name + each.suffix) for each in draft.files)
    for source, target in reversed([*zip(draft.files, files, strict=True)]):
        write_atomic(target, source.read_bytes())
    return replace(draft, files=files)
