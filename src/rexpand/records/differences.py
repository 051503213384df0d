"""Where two designs of an experiment differ, with both values of each place."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rexpand.codec import to_content
from rexpand.errors import quoted

_SHOWN = 3  # differences that a refusal lists


@dataclass(frozen=True, kw_only=True)
class Difference:
    """A place such as `recipe.epochs`, and its two values as JSON content."""

    place: str
    saved: Any
    asked: Any

    def __str__(self) -> str:
        return f"{self.place} is {_short(self.saved)}, asked for {_short(self.asked)}"

    def is_in(self, places: Sequence[str]) -> bool:
        """Whether the place is one of those, or inside of one."""
        return any(f"{self.place}.".startswith(f"{each}.") for each in places)


def differences(saved: object, asked: object) -> list[Difference]:
    """Every place where two dataclasses differ."""
    return [*_differences(to_content(saved), to_content(asked), "")]


def listed(found: Sequence[Difference]) -> str:
    """The first differences, and how many more there are."""
    rest = f"; and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    return "; ".join(map(str, found[:_SHOWN])) + rest


def _differences(saved: Any, asked: Any, place: str) -> Iterator[Difference]:
    if isinstance(saved, Mapping) and isinstance(asked, Mapping):
        for name in dict.fromkeys((*saved, *asked)):
            inside = f"{place}.{name}" if place else str(name)
            yield from _differences(saved.get(name), asked.get(name), inside)
    elif (
        isinstance(saved, list) and isinstance(asked, list) and len(saved) == len(asked)
    ):
        for index, pair in enumerate(zip(saved, asked, strict=True)):
            yield from _differences(*pair, f"{place}[{index}]")
    elif saved != asked:
        yield Difference(place=place, saved=saved, asked=asked)


def _short(value: Any) -> str:
    """A value as a message quotes it; of a long list, how long it is."""
    if isinstance(value, list | Mapping) and len(str(value)) > 60:
        return f"{len(value)} values"
    return quoted(value)
