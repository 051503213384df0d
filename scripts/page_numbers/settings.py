"""Files of code that may set a number: those that hold it and share most words with it.

For numbers that no record has: limits, defaults, tolerances. They are only named, for a
person to choose from.
"""

import math
import re
from collections import Counter
from functools import cache

from page_numbers.evidence import ROOT, stands_in
from page_numbers.page import parted

_WORD = re.compile(r"[a-z]{3,}")
_LONG = 1250  # characters of a file that shares words by its length alone


def likely_files(written: str, around: str, count: int = 3) -> tuple[str, ...]:
    """The files, the likeliest first; `around` is the text around the number."""
    number, unit = parted(written)
    words = set(_WORD.findall(around.lower()))
    scored = [
        (_shared(words, file), file)
        for file in _words_of_files()
        if stands_in(file, number, unit)
    ]
    return tuple(file for _, file in sorted(scored, reverse=True)[:count])


def _shared(words: set[str], file: str) -> float:
    """Rare words in common weigh most; a long file has many by chance."""
    files, rarity = _words_of_files(), _rarity()
    length = (ROOT / file).stat().st_size
    return sum(rarity[word] for word in words & files[file]) / (
        (1 + length / _LONG) ** 0.5
    )


@cache
def _words_of_files() -> dict[str, set[str]]:
    return {
        str(path.relative_to(ROOT)): set(_WORD.findall(path.read_text("utf-8").lower()))
        for folder in ("src/rexpand", "tests")
        for path in sorted((ROOT / folder).rglob("*.py"))
    }


@cache
def _rarity() -> dict[str, float]:
    files = _words_of_files()
    holding = Counter(word for words in files.values() for word in words)
    return {word: math.log(len(files) / count) for word, count in holding.items()}
