"""Services that people follow many trainings with: Weights & Biases, and MLflow.

Each is a run that is opened, told of epochs and closed. They are loaded where they are
asked for; neither ever asks the person anything.
"""

import logging
import os
import secrets
import time
import warnings
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

from rexpand.errors import MissingExtraError, OutputError, UnknownNameError

_PROJECT = "rexpand"  # unless the service's own variable names another
_WANDB = "https://api.wandb.ai"
_LONGEST = 6000  # characters of a parameter, by MLflow's own limit


class Tracker(Protocol):
    """A run of a service."""

    def check(self) -> None:
        """Raise MissingExtraError, or OutputError where no place is known, at once."""

    def open(
        self, earlier: str | None, name: str, folder: Path, config: Mapping[str, Any]
    ) -> str:
        """Open a run, or the `earlier` one again; what it is called there."""

    def told(self) -> int:
        """The last epoch, from 1, that the run has; 0 for none."""

    def log(self, epoch: int, numbers: Mapping[str, float]) -> None:
        """The numbers of an epoch, which is counted from 1."""

    def close(self) -> None:
        """The training is over."""


class WandB:
    """Weights & Biases, set by its own variables: WANDB_MODE, WANDB_PROJECT and more."""

    def __init__(self) -> None:
        self._run: Any = None

    def check(self) -> None:
        if find_spec("wandb") is None:
            raise MissingExtraError("wandb", "track")
        from requests.utils import get_netrc_auth

        url = os.environ.get("WANDB_BASE_URL", _WANDB)
        known = "WANDB_MODE" in os.environ or "WANDB_API_KEY" in os.environ
        if not known and get_netrc_auth(url) is None:
            raise OutputError(
                "Weights & Biases has no key here; run `wandb login`, or set "
                "WANDB_MODE=offline and send the run later with `wandb sync`"
            )

    def open(
        self, earlier: str | None, name: str, folder: Path, config: Mapping[str, Any]
    ) -> str:
        import wandb

        run = earlier or secrets.token_hex(4)
        self._run = wandb.init(
            project=os.environ.get("WANDB_PROJECT", _PROJECT),
            id=run,
            resume="allow",
            name=name,
            dir=folder,
            config=dict(config),
            settings=wandb.Settings(silent=True, console="off"),
        )
        return run

    def told(self) -> int:
        return int(self._run.step)  # offline, where it does not know, 0

    def log(self, epoch: int, numbers: Mapping[str, float]) -> None:
        self._run.log(dict(numbers), step=epoch)

    def close(self) -> None:
        self._run.finish()


class MLflow:
    """MLflow, at the place that MLFLOW_TRACKING_URI names: a server or a database."""

    def __init__(self) -> None:
        self._client: Any = None
        self._run = ""

    def check(self) -> None:
        if find_spec("mlflow") is None:
            raise MissingExtraError("mlflow-skinny", "track")
        if "MLFLOW_TRACKING_URI" not in os.environ:
            raise OutputError(
                "MLflow has no place here; set MLFLOW_TRACKING_URI to that of a server, "
                "or to sqlite:///mlflow.db"
            )

    def open(
        self, earlier: str | None, name: str, folder: Path, config: Mapping[str, Any]
    ) -> str:
        from mlflow import MlflowClient
        from mlflow.entities import Param

        logging.getLogger("mlflow").setLevel(logging.WARNING)
        self._client = MlflowClient()
        if earlier is not None:
            self._run = earlier
            self._client.set_terminated(earlier, "RUNNING")
            return earlier
        wanted = os.environ.get("MLFLOW_EXPERIMENT_NAME", _PROJECT)
        found = self._client.get_experiment_by_name(wanted)
        place = found.experiment_id if found else self._client.create_experiment(wanted)
        self._run = self._client.create_run(place, run_name=name).info.run_id
        params = [Param(key, str(value)[:_LONGEST]) for key, value in config.items()]
        self._client.log_batch(self._run, params=params)
        return self._run

    def told(self) -> int:
        points = self._client.get_metric_history(self._run, "loss")
        return max((int(point.step) for point in points), default=0)

    def log(self, epoch: int, numbers: Mapping[str, float]) -> None:
        from mlflow.entities import Metric

        now = int(1000 * time.time())
        metrics = [Metric(key, value, now, epoch) for key, value in numbers.items()]
        self._client.log_batch(self._run, metrics=metrics)

    def close(self) -> None:
        self._client.set_terminated(self._run)


_TRACKERS: Mapping[str, Callable[[], Tracker]] = {"wandb": WandB, "mlflow": MLflow}


def tracker(name: str) -> Tracker:
    """A tracker by its name, wandb or mlflow, checked.

    Raises MissingExtraError, OutputError where the service is not set up, and
    UnknownNameError.
    """
    if name not in _TRACKERS:
        raise UnknownNameError("tracker", name, _TRACKERS, "give wandb or mlflow")
    found = _TRACKERS[name]()
    with warnings.catch_warnings(action="ignore"):  # of its own libraries
        found.check()
    return found
