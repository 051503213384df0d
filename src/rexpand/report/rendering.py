"""Charts as files: one Vega-Lite specification gives SVG, PNG, PDF and the page.

Nothing here asks the network: vl-convert carries Vega with it.
"""

import re
from functools import cache
from typing import Any

from rexpand.errors import MissingExtraError
from rexpand.memory import check_addresses

Spec = dict[str, Any]

# Control characters, halves of pairs and non-characters: no XML holds them.
_UNDRAWABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]"
)

# Two pixels per point: sharp on a projector and in print.
_PNG_SCALE = 2.0

# vl-convert holds V8, which ends the process if it cannot reserve 65 GiB (1.9).
_ADDRESSES = 72 * 2**30


def to_svg(spec: Spec) -> str:
    """The chart as SVG text; raises MissingExtraError without the `report` extra.

    Characters that no SVG may have are drawn escaped: the renderer ends the process on
    them.
    """
    drawn = _drawable(spec)
    return str(_vl_convert().vegalite_to_svg(drawn, vl_version=_vega_lite_version()))


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


def _drawable(content: Any) -> Any:
    """The content of a specification, every text in it one that XML may hold."""
    match content:
        case str():
            return _UNDRAWABLE.sub(_escaped, content)
        case dict():
            return {_drawable(key): _drawable(each) for key, each in content.items()}
        case list():
            return [_drawable(each) for each in content]
    return content


def _escaped(found: re.Match[str]) -> str:
    return found[0].encode("unicode_escape").decode()


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
    check_addresses("drawing a figure", _ADDRESSES)
    return vl_convert
