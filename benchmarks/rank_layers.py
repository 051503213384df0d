"""The layer study of Figure 1: batched, against the plain loop, on the same networks.

Claim: 5 times faster. The plain loop builds each network as an `nn.Module`, runs it and
asks `torch.linalg.matrix_rank`, one network and one activation at a time. The study
measures tasks of the size it cuts its work into, and eight more definitions of rank; the
loop takes every tenth of the same networks by size. Both follow the protocol `paper` at
three dim_ratios. The loop runs in one process with one thread; the study as it does, a
process of one thread a core, and in a single one too. Time is that of a network under
its eight activations. Mean rank ratios are printed: a fast answer must be the same one.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from interleave import Report, Timing, interleave, parser, ratio, stopwatch
from rexpand.blocks.activation import activation
from rexpand.rank.draws import Sizes, draw_sizes, generator
from rexpand.rank.layers import ACTIVATIONS
from rexpand.rank.measure import Task, measure
from rexpand.rank.protocol import preset
from rexpand.rank.structures import STRUCTURES, Convolution, layers
from rexpand.rank.workers import measuring
from rexpand.records import this_machine
from rexpand.workers import Processes

_PROTOCOL = preset("paper")
_DIM_RATIOS = (0.2, 0.6, 1.0)
_DIM_RATIO_COUNT = 10  # of Figure 1
_TARGET_MINUTES = 15


class _Network(nn.Module):
    """A structure as anybody would write it."""

    def __init__(self, structure: str, sizes: Sizes, name: str) -> None:
        super().__init__()
        rows = layers(structure, sizes.d_in, sizes.d_out, sizes.expansion, _PROTOCOL)
        self.has_shortcut = rows.has_shortcut
        self.body = nn.Sequential()
        for row in rows.convolutions:
            self.body.append(_convolution(row))
            if row.is_activated:
                self.body.append(activation(name))

    def forward(self, images: Tensor) -> Tensor:
        outputs = self.body(images)
        if not self.has_shortcut:
            return outputs
        missing = outputs.shape[1] - images.shape[1]
        return outputs + nn.functional.pad(images, (0, 0, 0, 0, 0, missing))


def _convolution(row: Convolution) -> nn.Conv2d:
    convolution = nn.Conv2d(
        row.in_channels,
        row.out_channels,
        row.kernel_size,
        padding=row.kernel_size // 2,
        groups=row.in_channels if row.is_depthwise else 1,
        bias=False,
    )
    nn.init.normal_(convolution.weight)
    return convolution


@torch.inference_mode()
def _plain_loop(structure: str, networks: int) -> float:
    """Mean rank ratio, network by network and activation by activation."""
    ratios = []
    for dim_ratio in _DIM_RATIOS:
        for sizes in _every_tenth(structure, dim_ratio, networks):
            for name in ACTIVATIONS:
                images = torch.rand(_PROTOCOL.images(sizes.d_out), sizes.d_in, 1, 1)
                features = _Network(structure, sizes, name)(images)
                rows = features.movedim(1, -1).flatten(0, -2)
                ratios.append(int(torch.linalg.matrix_rank(rows)) / sizes.d_out)
    return float(np.mean(ratios))


def _every_tenth(structure: str, dim_ratio: float, networks: int) -> list[Sizes]:
    """Of the study's own networks, from the narrowest on."""
    drawn = [
        draw_sizes(
            _PROTOCOL,
            dim_ratio,
            generator(0, structure, dim_ratio, index, torch.device("cpu")),
        )
        for index in range(networks)
    ]
    return sorted(drawn, key=lambda each: (each.d_out, each.expansion))[5::10]


def _study(structure: str, networks: int) -> float:
    """Mean rank ratio by the study's own tasks, in this process."""
    return _mean(map(measure, _tasks(structure, networks, networks)))


def _study_in(
    pool: Processes[Task, NDArray[np.float64]], structure: str, networks: int
) -> float:
    """The same, in the processes of a pool, as the study itself runs."""
    parts = [pool.submit(task) for task in _tasks(structure, networks, networks // 2)]
    return _mean(part.result() for part in parts)


def _mean(parts: Iterable[NDArray[np.float64]]) -> float:
    return float(np.mean([part[0].mean() for part in parts]))


def _tasks(structure: str, networks: int, count: int) -> list[Task]:
    return [
        Task(
            protocol=_PROTOCOL,
            structure=structure,
            activations=ACTIVATIONS,
            dim_ratio=dim_ratio,
            seed=0,
            first=first,
            count=count,
        )
        for dim_ratio in reversed(_DIM_RATIOS)
        for first in range(0, networks, count)
    ]


def main() -> None:
    options = parser(__doc__, rounds=3).parse_args()
    report = Report(__file__, options, ("torch", "numpy"))
    torch.set_num_threads(1)
    networks = 20 if options.smoke else 250  # those of a task
    cores = this_machine().cores
    with measuring(cores) as pool:
        measured = [_compare(report, pool, name, networks) for name in STRUCTURES]
    shared, alone, plain = (_sum(each) for each in zip(*measured, strict=True))
    report.timings((shared, alone, plain))
    report.ratios([ratio(plain, shared), ratio(plain, alone)])
    minutes = shared.median * _DIM_RATIO_COUNT * 1000 / 60
    report.finding(
        "minutes",
        minutes,
        f"1,000 networks a point of Figure 1 in {cores} processes at this speed: "
        f"{minutes:.1f} min; target {_TARGET_MINUTES}",
    )
    report.close()


def _compare(
    report: Report,
    pool: Processes[Task, NDArray[np.float64]],
    structure: str,
    networks: int,
) -> list[Timing]:
    """Seconds a network of one structure: the study in all cores, in one, the loop."""
    calls: dict[str, Callable[[], float]] = {
        "study, a process a core": partial(_study_in, pool, structure, networks),
        "study, one process": partial(_study, structure, networks),
        "plain loop": partial(_plain_loop, structure, networks),
    }
    means: dict[str, float] = {}

    def kept(name: str) -> Callable[[], None]:
        def run() -> None:
            means[name] = calls[name]()

        return run

    timings = interleave({name: stopwatch(kept(name)) for name in calls}, report.rounds)
    whole = len(_DIM_RATIOS) * networks
    found = [
        timing.per(whole / 10 if name == "plain loop" else whole)
        for name, timing in timings.items()
    ]
    print(f"{structure}, a network")
    report.timings(found)
    report.ratios([ratio(found[2], found[0]), ratio(found[2], found[1])])
    report.finding(
        f"mean_rank_ratio_{structure}",
        means,
        f"mean rank ratio: {', '.join(f'{mean:.3f}' for mean in means.values())}\n",
    )
    return found


def _sum(timings: Sequence[Timing]) -> Timing:
    """One network of each structure."""
    seconds = zip(*(each.seconds for each in timings), strict=True)
    return Timing(name=f"{timings[0].name}, all four", seconds=tuple(map(sum, seconds)))


if __name__ == "__main__":
    main()
