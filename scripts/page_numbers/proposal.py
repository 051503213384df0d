"""Rows for numbers that have no evidence yet, out of the records that a page names.

Every field of these records that rounds to the number is a candidate. The best one has
most words in common with the number's place: its sentence, or the head of its column
and of its line. A number of one or two digits is proposed only with words in common.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from page_numbers.evidence import ROOT, found_in, opened, rounding_to, says
from page_numbers.page import PageNumber, parted
from page_numbers.table import DocumentRow, numbers_on
from rexpand.recipe import DETECTION_RECIPES, RECIPES
from rexpand.spec import CATALOGUE

_RECORDS = (".json", ".jsonl", ".csv")
_LARGEST = 400_000  # bytes: spectra of a whole network are no table of results
_NAMED = re.compile(r"results/[\w./-]*\w|src/rexpand/ledger/printed/\w+\.csv")
_SUMMARIES = ("mean", "std", "median", "first_quartile", "third_quartile", "min", "max")
_RANGE = re.compile(
    r"[-+\d.,]+ ?(?:%|ms|us|s|points)?,? (?:\(|95 % interval )(?:quartiles )?"
    r"([-+]?\d[\d.]*) to ([-+]?\d[\d.]*)"
)
_WORD = re.compile(r"[a-z]+|\d+(?:\.\d+)?")


@dataclass(frozen=True, kw_only=True)
class Leaf:
    """A number in a record: the expression that reads it, and the words on its way."""

    record: str
    value: str
    number: float
    words: frozenset[str]
    is_summary: bool = False


def proposed(page: str, rows: tuple[DocumentRow, ...]) -> Iterator[DocumentRow]:
    """The rows of a page; those without evidence with the best candidate, if any."""
    text = (ROOT / page).read_text(encoding="utf-8")
    owner = ""  # of the number before: its neighbours lie beside it in the record, too
    for row, number in zip(rows, numbers_on(page), strict=True):
        if row.kind or row.number == "output":
            yield row
            continue
        words, near = _words_at(text, number.start), _nearby(text, number.start)
        best = _best(row, words, near, _range_after(text, number), owner)
        owner = "" if best is None else _owner(best)
        yield row if best is None else _with_leaf(row, best)


def _best(
    row: DocumentRow,
    words: frozenset[str],
    near: tuple[str, ...],
    ends: tuple[str, ...],
    owner: str,
) -> Leaf | None:
    written, unit = parted(row.number)
    digits = len(re.sub(r"\D", "", written).lstrip("0"))
    best, best_score = None, 0.5 if digits > 2 else 2.5
    in_table = row.words.count("|") > 1
    best_score -= 0.8 * (in_table and digits > 2)
    for place, record in enumerate(near):
        for leaf in _leaves_that_say(record, written, unit):
            score = len(leaf.words & words) - 0.1 * place - 1.5 * leaf.is_summary
            is_beside = _owner(leaf) == owner
            fits_range = bool(ends) and _has_ends(leaf, ends, unit)
            is_named = bool(_field_words(leaf) & words)
            if digits < 3 and not (is_beside or fits_range or is_named):
                continue
            score += (digits > 3) + 3.0 * is_beside + 6.0 * fits_range
            if score > best_score:
                best, best_score = leaf, score
    return best


def _with_leaf(row: DocumentRow, leaf: Leaf) -> DocumentRow:
    kind = "measured" if leaf.record.startswith("results/") else "printed"
    if "recipe " in leaf.record:
        kind = "setting"
    if leaf.record.startswith("network ") and "published" not in leaf.value:
        kind = "counted"
    return replace(row, kind=kind, record=leaf.record, value=leaf.value)


def _field_words(leaf: Leaf) -> frozenset[str]:
    """The words of a field's own name, without what it belongs to."""
    return _words(re.split(r"[.\]]", leaf.value.rstrip("]'\""))[-1])


def _owner(leaf: Leaf) -> str:
    """What a field belongs to, with its record."""
    return f"{leaf.record} {leaf.value.rpartition('.')[0]}"


def _range_after(text: str, number: PageNumber) -> tuple[str, ...]:
    """The ends of the range in brackets behind a number: 6.46 (6.35 to 6.51)."""
    match = _RANGE.match(text, number.start)
    return match.groups() if match else ()


def _has_ends(leaf: Leaf, ends: tuple[str, ...], unit: str) -> bool:
    beside = _by_owner(leaf.record)[_owner(leaf)]
    return all(any(says(number, end, unit) for number in beside) for end in ends)


@cache
def _by_owner(record: str) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {}
    for leaf in leaves_of(record):
        found.setdefault(_owner(leaf), []).append(leaf.number)
    return found


def _leaves_that_say(record: str, written: str, unit: str) -> Iterator[Leaf]:
    if "-" in written[1:] and "e" not in written:
        return
    numbers, leaves = _numbers_of(record), leaves_of(record)
    for low, high in rounding_to(written, unit):
        for place in np.flatnonzero((low <= numbers) & (numbers <= high)):
            yield leaves[place]


@cache
def _numbers_of(record: str) -> NDArray[np.float64]:
    return np.array([leaf.number for leaf in leaves_of(record)])


def _words(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(text.lower().replace("_", " ")))


def _words_at(text: str, start: int) -> frozenset[str]:
    """The words of a number's sentence; in a table those of its line and column."""
    line_start = text.rfind("\n", 0, start) + 1
    line = text[line_start : text.find("\n", start)]
    if not line.startswith("|"):
        return _words(text[max(0, start - 150) : start + 100])
    table_start = text.rfind("\n\n", 0, start) + 2
    header = text[table_start : text.find("\n", table_start)].split("|")
    column = text[line_start:start].count("|")
    head = header[column] if column < len(header) else ""
    cells = [cell for cell in line.split("|") if not re.fullmatch(r"[-+\d.,% ]*", cell)]
    return _words(" ".join((head, *cells)))


def _nearby(text: str, start: int) -> tuple[str, ...]:
    """Records that the page names, those nearest to the number first; then networks."""
    found = sorted(_NAMED.finditer(text), key=lambda match: abs(match.start() - start))
    files = [file for match in found for file in _files(match.group())]
    names = re.findall(r"`([a-z0-9]\w+)`", text[max(0, start - 400) : start + 100])
    networks = [f"network {name}" for name in names if name in CATALOGUE]
    line = text[text.rfind("\n", 0, start) + 1 : text.find("\n", start)]
    recipes = re.findall(r"^\| `(\w+)`", line)
    own = [f"recipe {name}" for name in recipes if name in RECIPES]
    own += [f"detection-recipe {name}" for name in recipes if name in DETECTION_RECIPES]
    return tuple(dict.fromkeys([*own, *reversed(networks), *files]))


@cache
def _files(named: str) -> tuple[str, ...]:
    """The records that a path on a page means: a file, or those of a folder."""
    path = ROOT / named
    if path.name == "README.md":
        path = path.parent
    if path.is_file():
        return (named,) if path.suffix in _RECORDS else ()
    every = sorted(each for each in path.rglob("*") if each.suffix in _RECORDS)
    return tuple(str(each.relative_to(ROOT)) for each in every if _is_small(each))


def _is_small(path: Path) -> bool:
    return path.stat().st_size < _LARGEST and "figures" not in path.parts


@cache
def leaves_of(record: str) -> tuple[Leaf, ...]:
    """All numbers of a record, each with the expression that reads it."""
    if record.startswith("network "):
        fields = ("params", "macs", "published.params", "published.macs")
        fields += ("published.top1", "published.paper_top1", "activations")
        pairs = [(each, _number(found_in(record, each))) for each in fields]
        words = _words(record.removeprefix("network ") + " params macs top1")
        return tuple(
            Leaf(record=record, value=each, number=number, words=words)
            for each, number in pairs
            if number is not None
        )
    name = frozenset(_words(record))
    return tuple(
        replace(leaf, record=record, words=leaf.words | name)
        for leaf in _leaves("", opened(record), frozenset())
    )


def _number(value: Any) -> float | None:
    """A number, also one that stands as text: 3.4M, 0.41."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return float(value)
    match = re.fullmatch(r"([+-]?[\d.]+(?:e-?\d+)?)([kMB]?)", str(value))
    powers = {"": 1.0, "k": 1e3, "M": 1e6, "B": 1e9}
    try:
        return float(match[1]) * powers[match[2]] if match else None
    except ValueError:
        return None


def _leaves(path: str, value: Any, words: frozenset[str]) -> Iterator[Leaf]:
    number = _number(value)
    if number is not None:
        yield Leaf(record="", value=path, number=number, words=words)
    elif isinstance(value, dict):
        texts = " ".join(str(each) for each in value.values() if isinstance(each, str))
        inside = words | (_words(texts) if len(texts) < 300 else frozenset())
        for key, each in value.items():
            yield from _leaves(_field(path, key), each, inside | _words(key))
    elif isinstance(value, list) and value:
        yield from _entries(path, value, words)


def _entries(path: str, values: list[Any], words: frozenset[str]) -> Iterator[Leaf]:
    numbers = [number for each in values if (number := _number(each)) is not None]
    if len(numbers) == len(values) > 1:
        for name in _SUMMARIES:
            value = f"{name}({path})"
            number = float(found_in_list(name, numbers))
            yield Leaf(
                record="", value=value, number=number, words=words, is_summary=True
            )
    if all(isinstance(each, dict) for each in values):
        chosen = _choosing(values)
        for place, each in enumerate(values):
            step = " and ".join(f"{key} == {each[key]!r}" for key in chosen)
            yield from _leaves(f"{path}[{step or place}]", each, words)
    else:
        for place, each in enumerate(values[:60]):
            yield from _leaves(f"{path}[{place}]", each, words)


def found_in_list(name: str, numbers: list[float]) -> float:
    """A summary of numbers by its name among the functions of an expression."""
    from page_numbers.expression import FUNCTIONS

    return float(FUNCTIONS[name](numbers))


def _choosing(entries: list[dict[str, Any]]) -> tuple[str, ...]:
    """The fewest fields that tell the entries apart: names first, never a measurement.

    A field that holds a decimal fraction is one; of the others the first ones are keys.
    """
    shared = [key for key in entries[0] if all(key in each for each in entries)]
    names, numbers = [], []
    for key in (each for each in shared if each.isidentifier()):
        values = [each[key] for each in entries]
        if all(isinstance(value, str | int) for value in values):
            read = [_number(value) for value in values]
            if None in read:
                names.append(key)
            elif all(value is not None and value.is_integer() for value in read):
                numbers.append(key)
    for keys in (names, names + numbers[:4]):
        for size in (1, 2, 3):
            for chosen in combinations(keys, size):
                if _tells_apart(chosen, entries):
                    return chosen
    return ()


def _tells_apart(keys: tuple[str, ...], entries: list[dict[str, Any]]) -> bool:
    return len({tuple(str(each[key]) for key in keys) for each in entries}) == len(
        entries
    )


def _field(path: str, key: str) -> str:
    if not key.isidentifier() or key in ("from", "in", "is", "and", "or", "not"):
        return f"{path}[{key!r}]"
    return f"{path}.{key}" if path else key
