"""Who keeps the forecasts of a training, and a clock that tests can foresee."""

from collections.abc import Callable
from itertools import count

from rexpand.train import Forecast, Silence

# 30 epochs of CIFAR-100 as two busy cores might take them: 83 minutes.
LONG_TRAINING = Forecast(
    epochs=30,
    steps_per_epoch=391,
    batch_size=128,
    seconds=5000.0,
    step_seconds=0.41,
    evaluations=30,
    evaluation_seconds=6.25,
    measured_steps=8,
    peak_bytes=3 * 2**29,
    usable_bytes=24 * 2**30,
    largest_batch=1990,
)


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
