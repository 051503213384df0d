"""The numbers that stand on a page, and the rule by which a digit is one.

Every number of README.md and docs/*.md counts, in sentences, tables and in what a
command is shown to print, except:

1. code: blocks that are not ```text, what stands in `code`, and targets of links;
2. what a script writes between `<!-- from ... -->` and `<!-- end -->` (or the end of the
   page): the test of that page compares it with its record as a whole;
3. headings;
4. names: digits with a letter, an underscore or a hyphen at them, but for the unit
   behind a number (CIFAR-100, x1.0, 3x3, int8, 8-bit), a word of `_NAMED` before it
   (Table 5, torch 2.14.1, seed 0, arXiv 2007.00992), dates, and the numbers of a list;
5. the 95 % of intervals;
6. among words, a whole number up to 12 without a unit: a count that could be a word (2
   seeds, one of 10), or part of a formula. In a cell of a table without words it counts.

A block ```text is one number, whatever it holds: what one command printed.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_GENERATED = re.compile(r"<!-- from .*?(?:<!-- end -->|\Z)", re.DOTALL)
_FENCE = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_INDENTED = re.compile(r"(?<=\n\n)(?: {4}.*\n(?:\n(?= {4}))?)+")
_COMMANDS = ("rexpand ", "make ", "pip ", "python ")
_NAMED = (
    r"(?:Tables?|Figures?|Sections?|Appendix|[Pp]anels?|arXiv|Python|torch|version|seeds?"
    r"|trials?|cells?|levels?|opset|CVPR|ONNX|numpy|Linux|equations?|[Oo]f block|item)"
)
_NOT_NUMBERS = (
    r"`[^`\n]*(?:\n[^`\n]*)?`",  # code, which may go on in the next line
    r"\]\([^)]*\)",
    r"<[^>\n]*>",
    r"^#.*$",
    r"^\|[-: |]+\|$",
    r"\$[^$\n]+\$",
    r"^ *\d+\. ",
    r"\b20\d\d-\d\d(?:-\d\d)?\b|\bin 20\d\d\b",
    r"\((?:[A-Z][\w. ]+ )+(?:and [A-Z]\w+)?,? \d{4}\)",
    rf"\b{_NAMED}\s+\d[\d.]*(?:\s+\([a-d]\))?(?:(?:, | and | to )\d[\d.]*)*(?![\w%])",
    r"#\d+|\[\d{4}\.\d{5}\]",
    (
        r"\b95 %(?= (?:(?:t|bootstrap|jackknife) )?intervals?)|(?<=of )95 %(?=[ ,.;:)|\n]|$)"
        r"|(?<=of\n)95 %|(?<=Student's )95 %|(?<=the )95 %(?= t)|(?<=, )95 %(?= \|)"
    ),
)
_MASKS = re.compile("|".join(f"(?:{each})" for each in _NOT_NUMBERS), re.MULTILINE)
_GLUED = r"(?:[kMBG](?![\w])|[mu]?s\b|[KMG]i?B\b|px\b|x\b)?"
_UNIT = re.compile(
    r"\s?(?P<unit>%|[kMBG](?!\w)|[mu]?s\b|[KMG]i?B\b|px\b|points?\b|percent\b|pixels?\b"
    r"|times\b|seconds?\b|minutes?\b|min\b|hours?\b|bytes\b|dB\b)"
)
_NUMBER = re.compile(
    r"(?<![\w.,#/:^-])"
    r"(?P<number>\d[\d.]*(?:-\d[\d.]*\d|-\d)+|[+-]?\d[\d,]*(?:\.\d+)?(?:e[+-]?\d+)?)"
    rf"(?<!,){_GLUED}(?![\w_]|-[A-Za-z]|\.\d)"
)
_COUNT = 12


@dataclass(frozen=True, kw_only=True)
class PageNumber:
    """A number as a page writes it, with the words around it, and where it begins.

    `written` has its unit, if it has one: 0.41, 28M, 77 %, 1.42 GiB.
    """

    written: str
    words: str
    start: int


def numbers_of(text: str) -> tuple[PageNumber, ...]:
    """The numbers of a page, in their order."""
    masked = masked_text(text)
    found = [_number(text, match) for match in _matches(masked)]
    found += [_block(start, content) for start, content in outputs_of(text)]
    return tuple(sorted(found, key=lambda each: each.start))


def masked_text(text: str) -> str:
    """The page with blanks in place of all that holds no number; offsets stay."""
    for pattern in (_GENERATED, _FENCE):
        text = pattern.sub(_blank, text)
    text = _INDENTED.sub(_blank, text)
    return _MASKS.sub(_blank, text)


def _blank(match: re.Match[str]) -> str:
    """As many blanks; a letter in their place, so that 5`x` does not become 5."""
    return re.sub(r"[^\n]", " ", match.group())


def _matches(masked: str) -> Iterator[re.Match[str]]:
    for match in _NUMBER.finditer(masked):
        if not _is_count(masked, match):
            yield match


def _is_count(masked: str, match: re.Match[str]) -> bool:
    written = match["number"]
    if not written.isdigit() or int(written) > _COUNT:
        return False
    has_unit = _UNIT.match(masked, match.end("number")) is not None
    after_spread = masked[: match.start()].endswith("± ")
    is_spread = masked.startswith(" ±", match.end())
    in_cell = _is_in_cell_without_words(masked, match.start())
    return not (in_cell or has_unit or after_spread or is_spread)


def _is_in_cell_without_words(masked: str, place: int) -> bool:
    line_start = masked.rfind("\n", 0, place) + 1
    if not masked.startswith("|", line_start):
        return False
    cell_start = masked.rfind("|", 0, place)
    cell = masked[cell_start + 1 : masked.find("|", place)]
    return not re.search(r"[A-Za-z]", cell)


def parted(written: str) -> tuple[str, str]:
    """A number and its unit, which may be empty."""
    match = re.match(r"[-+\d,.]+(?:e[-+]?\d+)?", written)
    assert match is not None, written
    return match.group(), written[match.end() :].strip()


def _number(text: str, match: re.Match[str]) -> PageNumber:
    unit = _UNIT.match(text, match.end("number"))
    end = unit.end() if unit else match.end("number")
    return PageNumber(
        written=" ".join(text[match.start() : end].split()),
        words=_around(text, match.start(), end),
        start=match.start(),
    )


def _around(text: str, start: int, end: int, width: int = 28) -> str:
    """The number with whole words on both sides, in one line."""
    before = text[max(0, start - width) : start].rpartition("\n\n")[2]
    after = text[end : end + width].partition("\n\n")[0]
    if start > width:
        before = before.partition(" ")[2] if " " in before else before
    if end + width < len(text):
        after = after.rpartition(" ")[0] if " " in after else after
    return " ".join((before + text[start:end] + after).split())


def outputs_of(text: str) -> Iterator[tuple[int, str]]:
    """Blocks of what a command prints: where they start, and what they show."""
    plain = _GENERATED.sub(_blank, text)
    for match in _FENCE.finditer(plain):
        if match[1] == "text" and re.search(r"\d", match[2]):
            yield match.start(), match[2]
    for match in _INDENTED.finditer(_FENCE.sub(_blank, plain)):
        lines = [line[4:] for line in match.group().strip("\n").split("\n")]
        if re.search(r"\d", match.group()) and not lines[0].startswith(_COMMANDS):
            yield match.start(), "\n".join(lines)


def _block(start: int, content: str) -> PageNumber:
    first = next(line for line in content.splitlines() if re.search(r"\d", line))
    words = " ".join(first.split())[:60]
    return PageNumber(written="output", words=words, start=start)
