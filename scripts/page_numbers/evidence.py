"""What stands behind a number of a page, and whether it says that number.

| kind | `record` | `value` |
|---|---|---|
| measured | a file of results/, or several by * | an expression in it |
| counted | `network NAME[:controls]` or `catalogue`, counted now; or a test that counts | an expression; empty |
| setting | a record, `recipe NAME`, `detection-recipe NAME`, or a file of code | the same |
| printed | a file that quotes its source, or the source in words | the same |
| output | the command that prints it now, or `once: ...` | empty |

A file with an empty value has to hold a number that is written or rounds like the
page's.
"""

import csv
import json
import re
import tomllib
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from page_numbers.expression import evaluate
from rexpand.codec import to_content
from rexpand.cost import cost_of
from rexpand.recipe import DETECTION_RECIPES, RECIPES
from rexpand.spec import CATALOGUE, Compound, Source, scalable
from rexpand.spec.as_spec import as_spec
from rexpand.spec.line_fit import fitted_line

ROOT = Path(__file__).parents[2]
KINDS = ("measured", "counted", "setting", "printed", "output")
_SHARE = (1.0, 100.0)
# What a value in ones, shares, seconds or bytes is multiplied by; or it is in the unit.
_SCALES = {
    "": _SHARE,
    "%": _SHARE,
    "percent": _SHARE,
    "point": _SHARE,
    "points": _SHARE,
    "k": (1.0, 1e-3),
    "M": (1.0, 1e-6),
    "B": (1.0, 1e-9),
    "G": (1.0, 1e-9),
    "ms": (1.0, 1e3),
    "us": (1.0, 1e6),
    "min": (1.0, 1 / 60),
    "minutes": (1.0, 1 / 60),
    "hours": (1.0, 1 / 3600),
    "KB": (1.0, 1e-3),
    "MB": (1.0, 1e-6),
    "GB": (1.0, 1e-3, 1e-9),
    "MiB": (1.0, 2.0**-20),
    "GiB": (1.0, 2.0**-10, 2.0**-30),
}
_DIGITS = re.compile(r"(?<![\w.])-?\d[\d,_]*(?:\.\d+)?(?:e[+-]?\d+)?")


def says(value: Any, written: str, unit: str) -> bool:
    """Whether a value, rounded to the written digits, is the written number.

    It may be in another unit (a share for percent, seconds for ms, ones for M). A text
    says the numbers that stand in it.
    """
    if isinstance(value, list | tuple):
        return "-".join(f"{each:g}" for each in value) == written
    if isinstance(value, str):
        # "by 0.067" is said of a difference of -0.067.
        found = {*_numbers_in(value), *map(abs, _numbers_in(value))}
        return value == written or any(says(each, written, unit) for each in found)
    if _is_joined(written) or not isinstance(value, int | float):
        return False
    return any(low <= value <= high for low, high in rounding_to(written, unit))


def _is_joined(written: str) -> bool:
    """Whether it is a range or a configuration: 20-60, 7-7-7-9-9."""
    return "-" in written[1:] and "e" not in written


@cache
def rounding_to(written: str, unit: str) -> tuple[tuple[float, float], ...]:
    """The ranges of values that round to a written number, one for each unit."""
    mantissa, _, exponent = written.replace(",", "").partition("e")
    power = 10.0 ** int(exponent or 0)
    number = float(mantissa) * power
    # What is exactly half way may be rounded up or down.
    half = 0.5 * 10.0 ** -len(mantissa.partition(".")[2]) * power * (1 + 1e-9)
    scales = _SCALES.get(unit, (1.0,))
    return tuple(((number - half) / each, (number + half) / each) for each in scales)


def found_in(record: str, value: str) -> Any:
    """The value of a row's expression; raises ValueError if there is none."""
    return evaluate(value, opened(record))


def is_readable(record: str) -> bool:
    """Whether a record's name is that of something that can be opened."""
    kind, _, name = record.partition(" ")
    return (
        (kind in _OWN and (bool(name) or record == "catalogue"))
        or "*" in record
        or (ROOT / record).is_file()
    )


def stands_in(record: str, written: str, unit: str) -> bool:
    """Whether a text file holds the number, or one that rounds to it."""
    return says(_text(record), written, unit) or (
        _is_joined(written) and written in _text(record)
    )


@cache
def _text(record: str) -> str:
    paths = _paths(record)
    return "\n".join(path.read_text(encoding="utf-8") for path in paths)


@cache
def _numbers_in(text: str) -> tuple[float, ...]:
    texts = _DIGITS.findall(text)
    return tuple(float(each.replace(",", "").replace("_", "")) for each in texts)


def _paths(record: str) -> list[Path]:
    """The files that a record's name means; raises ValueError if there are none."""
    if "*" not in record:
        if not (ROOT / record).is_file():
            raise ValueError(f"there is no file {record}")
        return [ROOT / record]
    found = sorted(ROOT.glob(record))
    if not found:
        raise ValueError(f"no file is called {record}")
    return found


@cache
def opened(record: str) -> Any:
    """What a record's name means, as JSON would have it."""
    kind, _, name = record.partition(" ")
    if kind in _OWN:
        return _OWN[kind](name)
    paths = _paths(record)
    if "*" in record:
        return {"rows": [_document(path) for path in paths]}
    return _document(paths[0])


def _document(path: Path) -> Any:
    text = path.read_text(encoding="utf-8")
    match path.suffix:
        case ".csv":
            return {"rows": list(csv.DictReader(text.splitlines()))}
        case ".jsonl":
            return {"rows": [json.loads(line) for line in text.splitlines() if line]}
        case ".toml":
            return tomllib.loads(text)
        case ".json":
            return json.loads(text)
    raise ValueError(f"{path.name} is no record")


def _counted(name: str) -> dict[str, Any]:
    """The cost of a network as `rexpand cost` counts it, and what its source prints."""
    spec = as_spec(name)
    cost = cost_of(spec)
    entry = CATALOGUE.get(name)
    return {
        "params": cost.params,
        "macs": cost.macs,
        "activations": cost.activations,
        "memory_access": cost.memory_access,
        "resolution": spec.resolution,
        "channels": list(spec.channels),
        "line": to_content(fitted_line(spec.channels)),
        "published": to_content(entry.published) if entry else {},
    }


def _scaled(name: str) -> dict[str, Any]:
    """A network at a phi of compound scaling: `scaled efficientnet_b0 0.5`."""
    network, phi = name.split(" ")
    found = scalable(Source.parse(network)).at(Compound(), float(phi))
    cost = cost_of(found.spec)
    return {
        "phi": found.phi,
        "depth_mult": found.depth_mult,
        "width_mult": found.width_mult,
        "resolution": found.resolution,
        "params": cost.params,
        "macs": cost.macs,
    }


_OWN: Mapping[str, Callable[[str], Any]] = {
    "network": _counted,
    "scaled": _scaled,
    "catalogue": lambda _: {"names": list(CATALOGUE)},
    "recipe": lambda name: to_content(RECIPES[name]),
    "detection-recipe": lambda name: to_content(DETECTION_RECIPES[name]),
}
