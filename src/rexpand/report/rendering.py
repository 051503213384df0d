"""Charts as files: one Vega-Lite specification gives SVG, PNG, PDF and the page.

Nothing here asks the network: vl-convert carries Vega with it.
"""

from functools import cache
from typing import Any

from rexpand.errors import MissingExtraError

Spec = dict[str, Any]

# Two pixels per point: sharp on a projector and in print.
_PNG_SCALE = 2.0


def to_svg(spec: Spec) -> str:
    """The chart as SVG text; raises MissingExtraError without the `report` extra."""
    return str(_vl_convert().vegalite_to_svg(spec, vl_version=_vega_lite_version()))


def to_png(svg: str) -> bytes:
    """An SVG chart as PNG, two pixels per point."""
    return bytes(_vl_convert().svg_to_png(svg, scale=_PNG_SCALE))


def to_pdf(svg: str) -> bytes:
    """An SVG chart as a PDF of one page."""
    return bytes(_vl_convert().svg_to_pdf(svg))


@cache
def vega_javascript() -> str:
    """Vega, Vega-Lite and Vega-Embed as one script, to be written into a page."""
    script = _vl_convert().javascript_bundle(vl_version=_vega_lite_version())
    # A page's parser ends the script at this tag even inside a string.
    return str(script).replace("</script", r"<\/script")


def _vega_lite_version() -> str:
    """The version whose schema Altair writes, as vl-convert names it: 6.4."""
    import altair

    major, minor = altair.SCHEMA_VERSION.removeprefix("v").split(".")[:2]
    return f"{major}.{minor}"


def _vl_convert() -> Any:
    try:
        import vl_convert
    except ImportError as absent:
        raise MissingExtraError("vl-convert-python", "report") from absent
    return vl_convert
