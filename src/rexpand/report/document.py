"""The frame of every page, one offline HTML document, and how its numbers came about.

The page loads nothing: style, scripts, charts and data are written into it, and its
content security policy forbids the browser to ask any network.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from html import escape
from importlib import resources
from string import Template

from rexpand.records import Machine
from rexpand.report import formats, markup
from rexpand.report.figures import Figure
from rexpand.report.rendering import vega_javascript
from rexpand.report.theme import DARK, LIGHT, vega_config


def document(
    *, title: str, kicker: str, lead: str, body: str, figures: Sequence[Figure]
) -> str:
    """The page of a title, a lead, a body of HTML and the figures that it names.

    Raises MissingExtraError without the `report` extra.
    """
    # The page chooses the theme, so a chart must not bring its own.
    specs = {
        figure.name: {k: v for k, v in figure.spec.items() if k != "config"}
        for figure in figures
    }
    embedded = {
        "specs": specs,
        "light": {**vega_config(LIGHT), "background": None},
        "dark": vega_config(DARK),
    }
    return Template(_resource("page.html")).substitute(
        title=escape(title),
        kicker=escape(kicker),
        lead=escape(lead),
        body=body,
        style=_resource("page.css"),
        vega=vega_javascript() if figures else "",
        charts=markup.embedded_json(embedded),
        script=_resource("page.js"),
    )


def recipe(recipe: Mapping[str, object]) -> str:
    """How the networks were trained."""
    return markup.section("Recipe", markup.definitions(recipe), "recipe")


def provenance(machines: Sequence[Machine], versions: Mapping[str, str]) -> str:
    """The machines and versions behind the numbers."""
    counted = Counter(machines).items()
    lines = "".join(f"<li>{escape(_machine(*pair))}</li>" for pair in counted)
    body = f'<ul class="machines">{lines}</ul>{markup.definitions(versions)}'
    return markup.section("Machines and versions", body, "machines")


def _machine(machine: Machine, number: int) -> str:
    times = f"{number} machines, each " if number > 1 else ""
    cores = formats.plural(machine.cores, "core")
    return (
        f"{times}{machine.cpu}, {cores}, {machine.memory_gb:g} GiB, {machine.system}, "
        f"device {machine.device}"
    )


def _resource(name: str) -> str:
    return resources.files("rexpand.report").joinpath(name).read_text("utf-8")
