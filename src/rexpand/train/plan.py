"""A training that ends as soon as it knows what it would take, and leaves nothing."""

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from rexpand.data.dataset import DataSet
from rexpand.errors import RunError
from rexpand.recipe import Recipe
from rexpand.spec import SpecLike
from rexpand.train.forecast import Forecast
from rexpand.train.progress import Silence
from rexpand.train.start import Start
from rexpand.train.training import train


def plan(
    spec: SpecLike,
    recipe: Recipe | str | None = None,
    data: DataSet | str = "digits",
    *,
    start: Start | None = None,
) -> Forecast:
    """What `train` would take, by its first steps on these images: seconds and bytes.

        plan("search_18", "paper", "cifar100").seconds

    Raises as `train` does, SpecError for one that no memory would hold.
    """
    return foretold(
        lambda folder, progress: train(
            spec, recipe, data, folder=folder, start=start, progress=progress
        )
    )


def foretold(training: Callable[[Path, Silence], object]) -> Forecast:
    """What a training into a folder tells its progress to expect; it ends there.

    Raises as the training does.
    """
    with TemporaryDirectory(prefix="rexpand.") as folder:
        try:
            training(Path(folder, "planned"), _UntilForetold())
        except _Foretold as told:
            return told.forecast
    raise RunError("the training ended without a step")


class _Foretold(Exception):
    def __init__(self, forecast: Forecast) -> None:
        super().__init__()
        self.forecast = forecast


class _UntilForetold(Silence):
    """Ends the training once it has told what it expects."""

    def expect(self, forecast: Forecast) -> None:
        raise _Foretold(forecast)
