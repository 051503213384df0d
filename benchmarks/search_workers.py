"""What a second worker is worth: trainings by one worker, by two, and by two on Ray.

Claim: two local workers, or two workers on Ray, train in at most 1 / 1.7 of the time of
one worker, on two cores, one thread each. Every way runs the same trainings (search_18
on CIFAR-100, or on digits without it) in folders of its own, and takes its turn in
every round. The first round is not timed: in it every process starts, imports torch and
gets the images, which a study of hours does not notice. The weights of all ways must be
the same, to the bit. With more images a training takes longer, and a round too. A
fourth way, two crews of one local worker each that work at once, each on half of the
trainings, shows what the machine itself gives two processes that share nothing of ours:
memory, caches and clock rate.
"""

import time
from argparse import Namespace
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha256
from itertools import count, cycle
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

_TRAININGS, _IMAGES, _HELD_OUT = 4, 400, 500
_ONE, _LOCAL, _RAY = "one worker", "two local workers", "two workers on Ray"
_APART = "two crews of one worker"


@dataclass(frozen=True, kw_only=True)
class Ways:
    """The same trainings by several crews; `folder` has a folder for each round."""

    tasks: list[Task]
    folder: Path

    def seconds(
        self, crews: Sequence[Workers[Task, Record]], folders: Iterator[str]
    ) -> float:
        """The time of all trainings by these crews in turn, in the next of the folders."""
        place = self.folder / next(folders)
        tasks = [
            replace(task, folder=place / str(number))
            for number, task in enumerate(self.tasks)
        ]
        started = time.perf_counter()
        pairs = zip(tasks, cycle(crews), strict=False)
        for future in [crew.submit(task) for task, crew in pairs]:
            future.result()
        return time.perf_counter() - started

    def check_same(self) -> None:
        """Every round of every crew gave the same weights."""
        for number in range(len(self.tasks)):
            files = self.folder.glob(f"*/{number}/network.safetensors")
            found = {sha256(file.read_bytes()).hexdigest() for file in files}
            assert len(found) == 1, "the weights differ between the workers"


def main() -> None:
    options = parser(__doc__, rounds=3)
    options.add_argument("--images", type=int, default=_IMAGES, help="of CIFAR-100")
    options.add_argument("--trainings", type=int, default=_TRAININGS, help="a round")
    chosen = options.parse_args()
    report = Report(__file__, chosen, ("torch", "ray", "numpy"))
    crews = {
        _ONE: [in_processes(1, threads=1)],
        _LOCAL: [in_processes(2, threads=1)],
        _APART: [in_processes(1, threads=1), in_processes(1, threads=1)],
        _RAY: [on_ray(RayCluster(), jobs=2, threads=1)],
    }
    with TemporaryDirectory() as folder, ExitStack() as stack:
        ways = Ways(tasks=_tasks(chosen), folder=Path(folder))
        rivals = {
            name: partial(
                ways.seconds,
                [stack.enter_context(each) for each in crew],
                _folders(f"crew-{number}"),
            )
            for number, (name, crew) in enumerate(crews.items())
        }
        timings = interleave(rivals, report.rounds)
        ways.check_same()
    print(f"{len(ways.tasks)} trainings a round on {ways.tasks[0].data}")
    report.timings(timings.values())
    two = (_LOCAL, _APART, _RAY)
    report.ratios([ratio(timings[_ONE], timings[each]) for each in two])
    print("target: one worker takes 1.7 times as long as two, local or on Ray\n")
    report.close()


def _folders(crew: str) -> Iterator[str]:
    """A folder for each round of a crew."""
    return (f"{crew}-{turn}" for turn in count())


def _tasks(options: Namespace) -> list[Task]:
    """One network, trained for an epoch from several seeds."""
    real = (root_folder(None) / "cifar100.npz").exists()
    data = "cifar100" if real and not options.smoke else "digits"
    held_out, images = (100, 200)
    if data == "cifar100":
        held_out, images = _HELD_OUT, options.images
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
    trainings = 2 if options.smoke else options.trainings
    return [replace(task, seed=seed) for seed in range(trainings)]


if __name__ == "__main__":
    main()
