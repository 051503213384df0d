"""The frame of every page: one offline HTML document.

The page loads nothing: style, scripts, charts and data are written into it, and its
content security policy forbids the browser to ask any network.
"""

from collections.abc import Sequence
from html import escape
from importlib import resources
from string import Template

from rexpand.report import markup
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


def _resource(name: str) -> str:
    return resources.files("rexpand.report").joinpath(name).read_text("utf-8")
