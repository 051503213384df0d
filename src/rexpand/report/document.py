"""The frame of every page, one offline HTML document, and how its numbers came about.

The page loads nothing: style, scripts, charts and data are written into it, and its
content security policy forbids the browser to ask any network.
"""

from collections.abc import Mapping, Sequence
from html import escape
from importlib import resources
from string import Template
from typing import Any

from rexpand.codec import to_content
from rexpand.recipe import DetectorTrialRecipe, Recipe
from rexpand.records import Machine, Provenance
from rexpand.report import formats, markup
from rexpand.report.figures import Figure
from rexpand.report.rendering import vega_javascript
from rexpand.report.reproduce import reproduce
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
        heading=markup.breakable(title),
        kicker=escape(kicker),
        lead=escape(lead),
        body=body,
        style=_resource("page.css"),
        vega=vega_javascript() if figures else "",
        charts=markup.embedded_json(embedded),
        script=_resource("page.js"),
    )


def recipe(recipe: Recipe | DetectorTrialRecipe) -> str:
    """How the networks were trained."""
    values = flat(to_content(recipe))
    return markup.section("Recipe", markup.definitions(values), "recipe")


def flat(content: Mapping[str, Any], place: str = "") -> dict[str, Any]:
    """Nested values under the names that a recipe file gives them: schedule.kind."""
    found: dict[str, Any] = {}
    for name, value in content.items():
        if isinstance(value, Mapping):
            found |= flat(value, f"{place}{name}.")
        else:
            found[f"{place}{name}"] = "none" if value is None else value
    return found


def provenance(
    provenances: Sequence[Provenance], with_folder: Sequence[str] = ()
) -> str:
    """Machine, code and versions of the numbers, then the commands that gave them.

    `with_folder` are further commands for somebody who has the page's folder.
    """
    body = "".join(
        f'<ul class="machines"><li>{escape(_machine(each.machine))}</li></ul>'
        f"{markup.definitions(_origin(each))}"
        for each in provenances
    )
    origin = markup.section("Where the numbers come from", body, "machines")
    return origin + reproduce(provenances, with_folder)


def _origin(found: Provenance) -> dict[str, object]:
    changed = " with changes" if found.has_changes else ""
    origin = {
        "commit": f"{found.commit[:12]}{changed}" if found.commit else None,
        "threads": found.threads,
        "processes": found.processes if found.processes > 1 else None,
        "seeds": ", ".join(map(str, found.seeds)) if found.seeds else None,
        "data fingerprint": (found.data_fingerprint or "")[:12] or None,
        **found.versions,
    }
    return {name: value for name, value in origin.items() if value is not None}


def _machine(machine: Machine) -> str:
    cores = formats.plural(machine.cores, "core")
    return (
        f"{machine.cpu}, {cores}, {machine.memory_gb:g} GiB, {machine.system}, "
        f"device {machine.device}"
    )


def _resource(name: str) -> str:
    return resources.files("rexpand.report").joinpath(name).read_text("utf-8")
