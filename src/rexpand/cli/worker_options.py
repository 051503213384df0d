"""The options that say where trainings run, for every verb that trains many networks."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from rexpand.cli.numbers import Number, number
from rexpand.cli.option_groups import spread
from rexpand.errors import MistakeError, quoted
from rexpand.ranges import JOBS, SHARE_OR_ALL, THREADS

if TYPE_CHECKING:
    from rexpand.search.workers import Placement
    from rexpand.workers import RayCluster

_AUTO = "auto"


class WorkersKind(StrEnum):
    """What a worker is a process of."""

    LOCAL = "local"
    RAY = "ray"


def _jobs(typed: str) -> str:
    """A number of jobs as it was typed, or `auto`."""
    if typed != _AUTO:
        try:
            Number(allowed=JOBS)(typed)
        except typer.BadParameter as mistake:
            raise typer.BadParameter(f"{mistake}, or {_AUTO}") from None
    return typed


@dataclass(frozen=True, kw_only=True)
class WorkerOptions:
    """What the command line says of the workers."""

    jobs: Annotated[
        str | None,
        typer.Option(
            "--jobs",
            parser=_jobs,
            metavar="N|auto",
            help="Train N networks at a time; auto: as many as the cores, or the Ray "
            "cluster at the time, have room for (default: 1, on Ray auto).",
        ),
    ] = None
    worker_threads: Annotated[
        int | None,
        number(
            THREADS,
            "--worker-threads",
            help="Threads of each training (default: this machine's cores divided by "
            "--jobs).",
        ),
    ] = None
    workers: Annotated[
        WorkersKind,
        typer.Option(
            "--workers",
            help="Processes of this machine, or of a Ray cluster.",
        ),
    ] = WorkersKind.LOCAL
    ray_address: Annotated[
        str | None,
        typer.Option(
            "--ray-address",
            metavar="HOST:PORT",
            help="The head of the Ray cluster (default: Ray is started on this machine).",
        ),
    ] = None
    gpu_share: Annotated[
        float | None,
        number(
            SHARE_OR_ALL,
            "--gpu-share",
            metavar="SHARE",
            help="Share of a GPU for each training on Ray: with 0.5 two of them share "
            "one (default: a whole GPU).",
        ),
    ] = None

    def placed(self) -> "Placement":
        """Where trainings run. Raises MistakeError for options that do not fit."""
        from rexpand.search.workers import Placement

        ray = self._ray()
        jobs = self.jobs or (_AUTO if ray else "1")
        return Placement(
            jobs=None if jobs == _AUTO else int(jobs),
            threads=self.worker_threads,
            ray=ray,
        )

    def _ray(self) -> "RayCluster | None":
        from rexpand.workers import RayCluster

        if self.workers is WorkersKind.RAY:
            return RayCluster(address=self.ray_address, gpu_share=self.gpu_share)
        given = {"--ray-address": self.ray_address, "--gpu-share": self.gpu_share}
        for option, value in given.items():
            if value is not None:
                raise MistakeError(
                    f"{option} {quoted(value)} is for workers on Ray; add --workers ray"
                )
        return None


def takes_workers(verb: Callable[..., None]) -> Callable[..., None]:
    """The verb with those options where it has the parameter `crew`."""
    return spread(verb, "crew")
