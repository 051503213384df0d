"""How many distinct configurations of a shape there may be, from what is drawn twice."""

from collections import Counter

_ENOUGH = 1000  # that fit: fewer say little of what is rare
_CAUTION = 3  # the estimate is a lower bound, so several times what it adds is allowed


class Supply:
    """The configurations of one shape that fitted, and how often each was drawn.

    Of the unseen ones there are at least once^2 / (2 twice), where `once` and `twice`
    are how many were drawn so often (A. Chao, Scand. J. Statist. 11, 1984).
    """

    def __init__(self) -> None:
        self._times: Counter[bytes] = Counter()
        self._tries = self._fits = self._once = self._twice = 0

    def tried(self, tries: int) -> None:
        """So many shapes were drawn, whether or not they fitted."""
        self._tries += tries

    def saw(self, configuration: bytes) -> None:
        """One of them fitted."""
        self._fits += 1
        times = self._times[configuration] = self._times[configuration] + 1
        self._once += (times == 1) - (times == 2)
        self._twice += (times == 2) - (times == 3)

    @property
    def most(self) -> float:
        """More than there are, with a wide margin; infinite where little is known.

        What did not fit may do so under looser rules, and then adds as many.
        """
        if self._fits < _ENOUGH:
            return float("inf")
        unseen = self._once * (self._once - 1) / (2 * (self._twice + 1))
        return (len(self._times) + _CAUTION * unseen) * self._tries / self._fits
