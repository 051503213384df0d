"""Who keeps the forecasts of a training, and a clock that tests can foresee."""

from collections.abc import Callable
from itertools import count

from rexpand.train import Forecast, Silence


class Told(Silence):
    """Keeps what it is told to expect."""

    def __init__(self) -> None:
        self.forecasts: list[Forecast] = []

    def expect(self, forecast: Forecast) -> None:
        self.forecasts.append(forecast)


def ticking(seconds: float) -> Callable[[], float]:
    """A clock that goes on by so many seconds whenever it is looked at."""
    ticks = count()
    return lambda: next(ticks) * seconds
