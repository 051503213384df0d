"""The page of a network's roofline: the roof, where the time goes, every layer."""

from pathlib import Path

from rexpand.cost import Layer, Peak, Roofline, attainable, kind_of
from rexpand.report import formats, markup
from rexpand.report.document import document, provenance
from rexpand.report.figures import Figure
from rexpand.report.files import ReportFiles, write_report
from rexpand.report.markup import Cell, Column

_KINDS = (
    Column(title="Kind"),
    Column(title="Layers", is_number=True),
    Column(title="Time (ms)", is_number=True),
    Column(title="% of time", is_number=True),
    Column(title="Macs", is_number=True),
)
_LAYERS = (
    Column(title="Layer"),
    Column(title="Kind"),
    Column(title="Output"),
    Column(title="Macs", is_number=True),
    Column(title="Memory access", is_number=True, hint="elements read and written"),
    Column(title="Access / bound", is_number=True, hint="guideline 1 of ShuffleNetV2"),
    Column(title="Macs per byte", is_number=True),
    Column(title="Time (ms)", is_number=True),
    Column(title="% of roof", is_number=True, hint="share of the attainable speed"),
)


def write_roofline_report(measured: Roofline, folder: str | Path) -> ReportFiles:
    """Write the page and its figure below a folder, as `write_study_report` does."""
    folder = Path(folder)
    figure = roofline_figure(measured)
    return write_report(roofline_page(measured, figure), [figure], folder)


def roofline_figure(measured: Roofline) -> Figure:
    """The layers with macs under the roof."""
    from rexpand.report import charts

    return Figure(
        name="roofline",
        title=f"Layers of {measured.name} under this machine's roof",
        caption=(
            "One point per layer; its area is the layer's time. Left of the ridge the line "
            "is the memory's bandwidth, right of it the arithmetic's peak; both were "
            "measured beside the layers. A layer whose data are in a cache can be "
            "above the slope."
        ),
        spec=charts.roofline_chart(measured).to_dict(),
    )


def roofline_page(measured: Roofline, figure: Figure | None = None) -> str:
    """The page as one HTML document; MissingExtraError without the `report` extra."""
    drawn = figure or roofline_figure(measured)
    body = [
        markup.facts(_facts(measured)),
        markup.section("Roofline", markup.figure(1, drawn), "roofline"),
        _kinds(measured),
        _layers(measured),
        provenance([measured.provenance]),
    ]
    return document(
        title=measured.name,
        kicker=f"Roofline · {measured.resolution} pixels, batch of one, float32",
        lead=roofline_finding(measured),
        body="".join(body),
        figures=[drawn],
    )


def roofline_finding(measured: Roofline) -> str:
    """Which kind of layer takes most of the time, in a sentence or two."""
    first = measured.by_kind()[0]
    idle = sum(
        seconds
        for layer, seconds in zip(measured.layers, measured.seconds, strict=True)
        if not layer.has_macs
    )
    total = max(sum(layer.macs for layer in measured.layers), 1)
    does = f" and does {100 * first.macs / total:.0f} % of the multiply-accumulates"
    return (
        f"Of the {1e3 * measured.total_seconds:.1f} ms that the layers of one image "
        f"take, {first.kind} takes {100 * first.share:.0f} %"
        f"{does if first.macs else ''}; operators without multiply-accumulates take "
        f"{100 * idle / measured.total_seconds:.0f} %."
    )


def _facts(measured: Roofline) -> list[tuple[str, str]]:
    peaks = measured.peaks
    return [
        ("Time", f"{1e3 * measured.total_seconds:.1f} ms, {measured.runs} runs"),
        ("Macs", formats.count(sum(layer.macs for layer in measured.layers))),
        ("Peak, macs/s", _peak(peaks.macs)),
        ("Peak, bytes/s", _peak(peaks.memory)),
        ("Ridge", f"{peaks.ridge:.1f} macs per byte"),
        ("Threads", f"{peaks.threads}"),
    ]


def _peak(peak: Peak) -> str:
    return (
        f"{peak.rate / 1e9:.1f}G (median {peak.median / 1e9:.1f}, quartiles "
        f"{peak.low / 1e9:.1f} to {peak.high / 1e9:.1f}, n {peak.n})"
    )


def _kinds(measured: Roofline) -> str:
    rows = [
        [
            Cell(text=each.kind),
            _number(each.layers, f"{each.layers:,}"),
            _number(each.seconds, f"{1e3 * each.seconds:.2f}"),
            _number(each.share, f"{100 * each.share:.1f}"),
            _number(each.macs, formats.count(each.macs) if each.macs else ""),
        ]
        for each in measured.by_kind()
    ]
    caption = "Time of one image by kind of layer."
    return markup.section("Kinds", markup.table(_KINDS, rows, caption), "kinds")


def _layers(measured: Roofline) -> str:
    rows = [
        _cells(measured, layer, seconds)
        for layer, seconds in zip(measured.layers, measured.seconds, strict=True)
    ]
    caption = f"Every operator of {measured.name}, in the order in which they run."
    body = markup.table(_LAYERS, rows, caption, "sortable")
    return markup.section("Layers", body, "layers")


def _cells(measured: Roofline, layer: Layer, seconds: float) -> list[Cell]:
    bound = layer.memory_bound
    ratio = layer.memory_access / bound if bound else None
    roof = attainable(layer, measured.peaks) * seconds
    reached = 100 * layer.macs / roof if layer.macs and roof else None
    intensity = layer.intensity if layer.macs else None
    return [
        Cell(text=layer.name or "."),
        Cell(text=kind_of(layer)),
        Cell(text="x".join(map(str, layer.output[1:]))),
        _number(layer.macs, formats.count(layer.macs) if layer.macs else ""),
        _number(layer.memory_access, formats.count(layer.memory_access)),
        _number(ratio, "" if ratio is None else f"{ratio:.2f}"),
        _number(intensity, "" if intensity is None else f"{intensity:.2f}"),
        _number(seconds, f"{1e3 * seconds:.3f}"),
        _number(reached, "" if reached is None else f"{reached:.0f}"),
    ]


def _number(value: float | None, text: str) -> Cell:
    return Cell(text=text, value=value, is_number=True)
