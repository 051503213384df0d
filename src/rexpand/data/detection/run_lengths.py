"""COCO's compressed run lengths: numbers in text, six bits a character.

A number is written in groups of five bits, the lowest first; bit 5 of a character says
that another follows, and the highest bit of the last group is the sign. From the fourth
run on it is the difference from the run before the last (pycocotools, `maskApi.c`).
"""

_FIRST = 48  # the character of zero
_LONGEST = 7  # characters of a number below 2**31


def decompressed(text: str, place: str) -> tuple[int, ...]:
    """The run lengths of a text; ValueError, with its place, if it holds none."""
    counts: list[int] = []
    number = shift = 0
    for each in text:
        bits = ord(each) - _FIRST
        if not 0 <= bits < 64 or shift >= 5 * _LONGEST:
            raise ValueError(
                f"{place} is no text of run lengths; write them as numbers"
            )
        number |= (bits & 31) << shift
        shift += 5
        if bits & 32:
            continue
        if bits & 16:
            number -= 1 << shift
        counts.append(number + counts[-2] if len(counts) > 2 else number)
        number = shift = 0
    if shift or min(counts, default=0) < 0:
        raise ValueError(f"{place} is cut off, or no text of run lengths")
    return tuple(counts)
