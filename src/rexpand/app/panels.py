"""The page's words and tables as HTML; every word from outside is escaped."""

from base64 import b64encode
from collections.abc import Sequence
from html import escape
from itertools import groupby
from typing import TYPE_CHECKING

from rexpand.app.shown import Reading, Shown
from rexpand.report import formats, markup, network_row
from rexpand.spec import NetworkSpec, network_to_toml

if TYPE_CHECKING:
    from rexpand.advise.lint import LintReport
    from rexpand.advise.rules import Finding
    from rexpand.cost import Peaks

_MOST_LAYERS = 4  # of one rule that are named
_BESIDE = (
    markup.Column(title="Network"),
    markup.Column(title="Channels", hint="width (blocks) of each stage"),
    markup.Column(title="Line", is_number=True, hint="least squares; i counts from 0"),
    markup.Column(title="R²", is_number=True),
    markup.Column(title="Macs", is_number=True),
    markup.Column(title="Params", is_number=True),
    markup.Column(title="Top-1 (%)", is_number=True, hint="as its source publishes it"),
)


def readings_html(readings: Sequence[Reading], shown: Shown, notice: str = "") -> str:
    """The numbers as a strip, each with its change, and what was refused, if anything."""
    items = "".join(map(_reading, readings))
    said = f'<p class="rx-notice" role="status">{escape(notice)}</p>' if notice else ""
    return (
        f'<dl class="rx-readings" aria-label="Cost of {escape(shown.name)} at '
        f'{shown.size} pixels">{items}</dl>{said}'
    )


def _reading(reading: Reading) -> str:
    exact = "" if reading.unit else f' title="{reading.value:,.0f}"'
    change = reading.change
    kind = "same" if abs(change) < 5e-5 else "more" if change > 0 else "less"
    said = "as at the start" if kind == "same" else f"{100 * change:+.1f} %"
    least = "at least " if reading.unit else ""
    number = (
        f"{reading.value:.3g} {reading.unit}"
        if reading.unit
        else formats.count(reading.value)
    )
    key = reading.name.replace(" ", "_")
    return (
        f'<div data-reading="{key}" data-value="{reading.value:.10g}"><dt>{escape(reading.name)}'
        f"</dt><dd{exact}><small>{least}</small>{number}</dd>"
        f'<dd class="rx-change {kind}">{said}</dd></div>'
    )


def roofline_html(peaks: "Peaks") -> str:
    """What the roof is, in words."""
    return markup.paragraph(
        f"This machine reached {formats.count(peaks.macs.rate)} macs and "
        f"{formats.count(peaks.memory.rate)} bytes a second on "
        f"{formats.plural(peaks.threads, 'thread')} (float32, best of {peaks.macs.n} and "
        f"{peaks.memory.n}). A part left of the corner waits for memory.",
        "rx-note",
    )


def spec_html(spec: NetworkSpec | None) -> str:
    """The spec as TOML, and a link that saves it; no file is written on the server."""
    if spec is None:
        return markup.paragraph(
            "A module that reads as no spec has no file.", "rx-note"
        )
    text = network_to_toml(spec)
    data = b64encode(text.encode()).decode()
    name = escape(f"{spec.name}.toml")
    channels = formats.configuration(spec.channels)
    return (
        f'<p><a class="rx-download" download="{name}" '
        f'data-channels="{channels}" '
        f'href="data:application/toml;base64,{data}">Download {name}</a></p>'
        f'<pre class="rx-spec" tabindex="0" aria-label="The spec">{escape(text)}</pre>'
    )


def lint_html(report: "LintReport") -> str:
    """The findings, a paragraph per rule, the most serious first."""
    if not report.findings:
        looked = formats.plural(len(report.looked), "rule")
        return markup.paragraph(f"{looked} looked and found nothing.", "rx-note")
    groups = groupby(report.findings, key=lambda each: (each.level, each.rule))
    items = "".join(_findings(list(group)) for _, group in groups)
    return f'<ul class="rx-lint">{items}</ul>'


def _findings(found: "list[Finding]") -> str:
    first = found[0]
    layers = ", ".join(each.layer for each in found[:_MOST_LAYERS])
    more = len(found) - _MOST_LAYERS
    layers += f" and {more} more" if more > 0 else ""
    return (
        f'<li><p><span class="rx-level {first.level}">{first.level}</span> '
        f"<strong>{first.rule} {escape(first.name)}</strong> "
        f'<span class="rx-where">{markup.breakable(layers)}</span></p>'
        f"<p>{escape(first.message)}. {escape(first.cost)}</p>"
        f'<p class="rx-note">{escape(first.fix)}</p></li>'
    )


def beside_html(specs: Sequence[NetworkSpec]) -> str:
    """The networks side by side, this one first."""
    rows = [_beside(spec) for spec in specs]
    caption = "Top-1 is that of the network's source; changed channels have none."
    return markup.table(_BESIDE, rows, caption)


def _beside(spec: NetworkSpec) -> list[markup.Cell]:
    row = network_row(spec)
    numbers = (row.line, row.r_squared, row.macs, row.params, row.top1)
    return [
        markup.Cell(text=row.name),
        markup.Cell(text=row.stages, markup=markup.sparkline(row.channels)),
        *(markup.Cell(text=number, is_number=True) for number in numbers),
    ]
