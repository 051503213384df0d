"""What a second worker is worth: trainings by one worker, by two, and by two on Ray.

Claim: two local workers, or two workers on Ray, train in at most 1 / 1.7 of the time of
one worker, on two cores, one thread each. Every way runs the same trainings (search_18
on CIFAR-100, or on digits without it) in folders of its own, and takes its turn in every
round. The first round is not timed: in it every process starts, imports torch and gets
the images, which a study of hours does not notice. The weights of all ways must be the
same, to the bit.
"""

import time
from argparse import Namespace
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha256
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from interleave import Report, interleave, parser, ratio
from rexpand.data.load import load
from rexpand.data.places import root_folder
from rexpand.recipe import RECIPES
from rexpand.records import Record, Workers
from rexpand.search.task import Task
from rexpand.search.workers import in_processes, on_ray
from rexpand.spec import network
from rexpand.train import fitted
from rexpand.workers import RayCluster

_TRAININGS, _IMAGES, _HELD_OUT = 4, 2000, 1000
_ONE, _LOCAL, _RAY = "one worker", "two local workers", "two workers on Ray"


@dataclass(frozen=True, kw_only=True)
class Ways:
    """The same trainings by several crews; `folder` has a folder for each round."""

    tasks: list[Task]
    folder: Path

    def seconds(self, workers: Workers[Task, Record], folders: Iterator[str]) -> float:
        """The time of all trainings by these workers, in the next of the folders."""
        place = self.folder / next(folders)
        tasks = [
            replace(task, folder=place / str(number))
            for number, task in enumerate(self.tasks)
        ]
        started = time.perf_counter()
        for future in [workers.submit(task) for task in tasks]:
            future.result()
        return time.perf_counter() - started

    def check_same(self) -> None:
        """Every round of every crew gave the same weights."""
        for number in range(len(self.tasks)):
            files = self.folder.glob(f"*/{number}/network.safetensors")
            found = {sha256(file.read_bytes()).hexdigest() for file in files}
            assert len(found) == 1, "the weights differ between the workers"


def main() -> None:
    chosen = parser(__doc__, rounds=5).parse_args()
    report = Report(__file__, chosen, ("torch", "ray", "numpy"))
    crews = {
        _ONE: in_processes(1, threads=1),
        _LOCAL: in_processes(2, threads=1),
        _RAY: on_ray(RayCluster(), jobs=2, threads=1),
    }
    with TemporaryDirectory() as folder, ExitStack() as stack:
        ways = Ways(tasks=_tasks(chosen), folder=Path(folder))
        rivals = {
            name: partial(
                ways.seconds,
                stack.enter_context(crew),
                _folders(f"crew-{number}"),
            )
            for number, (name, crew) in enumerate(crews.items())
        }
        timings = interleave(rivals, report.rounds)
        ways.check_same()
    print(f"{len(ways.tasks)} trainings a round on {ways.tasks[0].data}")
    report.timings(timings.values())
    report.ratios([ratio(timings[_ONE], timings[each]) for each in (_LOCAL, _RAY)])
    print("target: one worker takes 1.7 times as long as two, local or on Ray\n")
    report.close()


def _folders(crew: str) -> Iterator[str]:
    """A folder for each round of a crew."""
    return (f"{crew}-{turn}" for turn in count())


def _tasks(options: Namespace) -> list[Task]:
    """One network, trained for an epoch from several seeds."""
    real = (root_folder(None) / "cifar100.npz").exists()
    data = "cifar100" if real and not options.smoke else "digits"
    held_out, images = (_HELD_OUT, _IMAGES) if data == "cifar100" else (100, 200)
    task = Task(
        trial="one of several",
        spec=fitted(network("search_18"), load(data)),
        recipe=replace(RECIPES["quick"].with_epochs(1), validation=held_out),
        seed=0,
        data=data,
        data_root=None,
        train_subset=images,
        subset_seed=0,
        folder=Path(),
    )
    count = 2 if options.smoke else _TRAININGS
    return [replace(task, seed=seed) for seed in range(count)]


if __name__ == "__main__":
    main()
