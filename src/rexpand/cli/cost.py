"""`rexpand cost`: what a network costs."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rexpand.cli.options import Json, Networks, Resolution
from rexpand.cli.places import page_folder, run_folder
from rexpand.size import Size

if TYPE_CHECKING:
    from rexpand.cost import Graph
    from rexpand.spec import DetectorKind, Image, Source


class Detector(StrEnum):
    """A detector that can be built on a network."""

    SSDLITE = "ssdlite"
    FASTER_RCNN = "faster_rcnn"
    MASK_RCNN = "mask_rcnn"


def cost(
    networks: Networks,
    resolution: Resolution = None,
    blocks: Annotated[
        bool, typer.Option("--blocks", help="Also show stem, blocks and head.")
    ] = False,
    layers: Annotated[
        bool,
        typer.Option(
            "--layers",
            metavar="PATTERN",
            help="Also show every operator, in the order of the run.",
        ),
    ] = False,
    tree: Annotated[
        bool, typer.Option("--tree", help="Also show the modules as a tree.")
    ] = False,
    conventions: Annotated[
        bool,
        typer.Option(
            "--conventions", help="Also show what other counters report, and why."
        ),
    ] = False,
    detector: Annotated[
        Detector | None,
        typer.Option(
            "--detector",
            help="The cost of this detector on the network instead, for 80 classes. "
            "--resolution is then the side of SSDLite's images (default: 320), or the "
            "shorter side of the others' (default: 800).",
        ),
    ] = None,
    roofline: Annotated[
        bool,
        typer.Option(
            "--roofline",
            help="Time every layer and compare it with this machine's peak speeds.",
        ),
    ] = False,
    out: Annotated[
        Path | None,
        page_folder(
            "--out",
            help="The folder of --roofline's page (default: runs/roofline-NETWORK).",
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Params, macs, activations and memory access for one image.

    Several networks are compared in one table, and with --json in one list. A network
    without a spec is run once and its operators are counted. package.module:factory
    imports and calls your own code.
    """
    from rexpand.cli.cost_tables import show, show_several
    from rexpand.errors import MistakeError
    from rexpand.spec import Source

    if roofline and detector:
        raise MistakeError(
            "a roofline times a network, not a detector; leave out --roofline"
        )
    asked = _Asked(
        resolution=resolution, blocks=blocks, layers=layers, tree=tree,
        conventions=conventions, detector=detector, roofline=roofline, out=out,
    )  # fmt: skip
    sources = [Source.parse(each) for each in networks]
    if len(sources) == 1:
        show(_document(sources[0], asked), as_json=as_json)
        return
    if roofline:
        raise MistakeError(
            f"a roofline times one network; give one instead of {len(sources)}"
        )
    documents = [_document(source, asked) for source in sources]
    show_several(documents, as_json=as_json)


@dataclass(frozen=True, kw_only=True)
class _Asked:
    """What is to be said of each network besides its totals."""

    resolution: Size | None
    blocks: bool
    layers: bool
    tree: bool
    conventions: bool
    detector: Detector | None
    roofline: bool
    out: Path | None

    @property
    def is_run(self) -> bool:
        return self.layers or self.tree or self.conventions or self.roofline


def _document(source: "Source", asked: _Asked) -> dict[str, Any]:
    from rexpand.cli import cost_documents as documents

    source.check_weights()
    if asked.detector is not None:
        return _detector(source, asked.detector.value, asked)
    document = dict[str, Any]()
    if source.is_foreign or asked.is_run:
        seen, image = _seen(source, asked.resolution)
        document = documents.module_document(source.label, image, seen)
        document |= _details(seen, asked)
        document |= _roofline(source, image, asked.out) if asked.roofline else {}
    if source.spec is not None:
        spec = documents.spec_document(source.spec, asked.resolution)
        document = {**document, **spec}
    if not asked.blocks:
        document.pop("parts", None)
    return document


def _detector(source: "Source", kind: "DetectorKind", asked: _Asked) -> dict[str, Any]:
    """The cost of a detector on the network, whose weights are not read."""
    from rexpand.cli.cost_documents import detector_document
    from rexpand.transfer.detection import detector_cost, detector_graph
    from rexpand.transfer.detection.building import weightless_spec

    side = asked.resolution.side if asked.resolution else None
    spec = weightless_spec(kind, source, side)
    document = detector_document(source.label, spec, detector_cost(spec))
    has_details = asked.layers or asked.tree or asked.conventions
    return document | (_details(detector_graph(spec), asked) if has_details else {})


def _details(seen: "Graph", asked: _Asked) -> dict[str, Any]:
    from rexpand.cli import cost_documents as documents

    found = documents.layers_document(seen) if asked.layers else {}
    found |= documents.tree_document(seen) if asked.tree else {}
    return found | (documents.conventions_document(seen) if asked.conventions else {})


def _seen(source: "Source", resolution: Size | None) -> "tuple[Graph, Image]":
    from rexpand.models import run_weightless
    from rexpand.trace import trace

    seen, contract = run_weightless(source, trace, resolution)
    return seen, contract.image


def _roofline(source: "Source", image: "Image", out: Path | None) -> dict[str, Any]:
    from rexpand.cli.cost_documents import roofline_document
    from rexpand.models import check_runs, open_source
    from rexpand.report import write_roofline_report
    from rexpand.trace import measured_roofline

    folder = out or run_folder("roofline", source.label)
    module = open_source(source).module
    check_runs(module, images=1, resolution=Size.of_image(image))
    measured = measured_roofline(module, image, name=source.label)
    files = write_roofline_report(measured, folder)
    return roofline_document(measured, str(files.page))
