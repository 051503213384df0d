"""Tables 1 to 4 of ShuffleNetV2 (arXiv 1807.11164): speeds on a GPU and an ARM core.

A row has three widths on the GPU, in batches per second, and three on ARM, in images per
second on one thread. The paper's GPU is a GTX 1080 Ti, its ARM core a Snapdragon 810's.
"""

from collections.abc import Iterable
from types import MappingProxyType

from rexpand.records import Platform, PublishedSpeed

_Row = tuple[float, float, float, float, float, float]

_TABLES: MappingProxyType[int, dict[str, _Row]] = MappingProxyType(
    {
        1: {
            "1:1": (1480, 723, 232, 76.2, 21.7, 5.3),
            "1:2": (1296, 586, 206, 72.9, 20.5, 5.1),
            "1:6": (876, 489, 189, 69.1, 17.9, 4.6),
            "1:12": (748, 392, 163, 57.6, 15.1, 4.4),
        },
        2: {
            "1 group": (2451, 1289, 437, 40.0, 10.2, 2.3),
            "2 groups": (1725, 873, 341, 35.0, 9.5, 2.2),
            "4 groups": (1026, 644, 338, 32.9, 8.7, 2.1),
            "8 groups": (634, 445, 230, 27.8, 7.5, 1.8),
        },
        3: {
            "1 fragment": (2446, 1274, 434, 40.2, 10.1, 2.3),
            "2 in series": (1790, 909, 336, 38.6, 10.1, 2.2),
            "4 in series": (752, 745, 349, 38.4, 10.1, 2.3),
            "2 in parallel": (1537, 803, 320, 33.4, 9.1, 2.2),
            "4 in parallel": (691, 572, 292, 35.0, 8.4, 2.1),
        },
        4: {
            "ReLU and shortcut": (2427, 2066, 1436, 56.7, 16.9, 5.0),
            "ReLU": (2647, 2256, 1735, 61.9, 18.8, 5.2),
            "shortcut": (2672, 2121, 1458, 57.3, 18.2, 5.1),
            "neither": (2842, 2376, 1782, 66.3, 20.2, 5.4),
        },
    }
)
_SCALES = (1, 2, 4)
# Channels at the first scale: on the GPU, on ARM.
_FIRST_WIDTHS = MappingProxyType(
    {1: (128, 32), 2: (128, 64), 3: (128, 64), 4: (32, 32)}
)


def published_speeds(guidelines: Iterable[int]) -> tuple[PublishedSpeed, ...]:
    """What the paper printed for some guidelines."""
    platforms: tuple[Platform, Platform] = ("GPU", "ARM")
    return tuple(
        PublishedSpeed(
            guideline=number,
            variant=variant,
            platform=platform,
            scale=scale,
            width=_FIRST_WIDTHS[number][column] * scale,
            per_second=row[3 * column + place],
        )
        for number in guidelines
        for variant, row in _TABLES[number].items()
        for column, platform in enumerate(platforms)
        for place, scale in enumerate(_SCALES)
    )
