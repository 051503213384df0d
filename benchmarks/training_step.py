"""A training step of search_18 by our loop, by a plain one, and with no loop at all.

Claim: at batch 128 on two threads, `rexpand.train.train` takes CIFAR-100 through at 1.4
times the images of the plain PyTorch loop, and at most 3 % fewer than the bare step on
one resident batch. The loops have processes of their own, since the allocator's
setting is a process's, and take turns (pacing.py). Steps inside an epoch are timed:
neither the evaluation behind it nor the state file is. Beside it stand the machine's
own limits, from the same rounds: float32 matrix products of 2048, and copies of 512 MiB
against the bytes that an unfused step moves (traffic.py). `--precision` adds the bare
step under bf16 autocast.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

import torch

from interleave import Report, Timing, interleave, parser, ratio
from pacing import LEAD, Loop, taking_turns
from plain_loop import plain
from rexpand.cost import cost_of
from rexpand.recipe import Augmentation, Recipe
from rexpand.spec import NetworkSpec, network
from rexpand.train import fitted
from traffic import bytes_per_step
from training_loops import bare, copy, gemm, ours
from training_setup import Setup

_THREADS, _STEPS, _BATCH = 2, 10, 128
_SIDE, _FLOATS = 2048, 2**27  # of the matrices, and of what is copied
_OURS, _PLAIN, _BARE, _HALF = "ours", "plain torch", "bare step", "bare step, bf16"
_GEMM, _COPY = f"matrix product {_SIDE}", "copy"


def main() -> None:
    options = parser(__doc__, rounds=9)
    options.add_argument("--precision", action="store_true", help="bf16 beside fp32")
    chosen = options.parse_args()
    report = Report(__file__, chosen, ("torch", "torchvision", "accelerate", "numpy"))
    setup = _setup(chosen.smoke)
    data = setup.data()
    steps = 2 if chosen.smoke else _STEPS
    _check_epoch(len(data.train), setup.recipe.batch_size, report.rounds, steps)
    loops = _loops(setup, chosen.smoke, chosen.precision)
    with taking_turns(loops, steps=steps, threads=_THREADS) as stopwatches:
        timings = interleave(stopwatches, report.rounds)

    batch = setup.recipe.batch_size
    print(f"{data.name}; batch {batch}, {_THREADS} threads, {steps} steps a round")
    report.timings(timings.values())
    _throughput(report, timings, batch)
    _limits(report, timings, fitted(setup.spec, data), batch, chosen.smoke)
    report.close()


def _setup(smoke: bool) -> Setup:
    recipe = Recipe(
        epochs=1,
        batch_size=_BATCH,
        augmentation=Augmentation(crop_padding=4, flip=True),
        precision="fp32",
    )
    spec = network("search_18")
    if smoke:
        return Setup(spec=spec, recipe=replace(recipe, batch_size=8), images=1000)
    return Setup(spec=spec, recipe=recipe, images=0)


def _check_epoch(images: int, batch: int, rounds: int, steps: int) -> None:
    """Refuse more rounds than an epoch of `train` has steps for."""
    needed, most = (rounds + 1) * (LEAD + steps), images // batch
    if needed > most:
        fit = most // (LEAD + steps) - 1
        raise SystemExit(f"{rounds} rounds need {needed} steps of {most}; give {fit}")


def _loops(setup: Setup, smoke: bool, halves: bool) -> dict[str, Loop]:
    side, floats = (256, 2**20) if smoke else (_SIDE, _FLOATS)
    loops: dict[str, Loop] = {
        _OURS: partial(ours, setup),
        _PLAIN: partial(plain, setup),
        _BARE: partial(bare, setup, torch.float32),
        _GEMM: partial(gemm, side),
        _COPY: partial(copy, floats),
    }
    return loops | ({_HALF: partial(bare, setup, torch.bfloat16)} if halves else {})


def _throughput(report: Report, timings: Mapping[str, Timing], batch: int) -> None:
    images = {
        name: batch / timings[name].median
        for name in (_OURS, _PLAIN, _BARE, _HALF)
        if name in timings
    }
    rates = [f"{name} {rate:,.0f}" for name, rate in images.items()]
    report.finding("images_a_second", images, f"images a second: {', '.join(rates)}\n")
    bare_step = timings[_BARE]
    pairs = [(timings[_PLAIN], timings[_OURS]), (timings[_OURS], bare_step)]
    pairs += [(bare_step, timings[_HALF])] if _HALF in timings else []
    report.ratios([ratio(over, under) for over, under in pairs])
    print(
        "target: plain over ours 1.4 or more; ours over bare 1 / 0.97 = 1.031 or less\n"
    )


def _limits(
    report: Report,
    timings: Mapping[str, Timing],
    spec: NetworkSpec,
    batch: int,
    smoke: bool,
) -> None:
    """What share of the machine the bare step reaches, by arithmetic and by memory."""
    side, floats = (256, 2**20) if smoke else (_SIDE, _FLOATS)
    seconds = timings[_BARE].median
    # Forward, the gradient of the input and that of the weights cost the same macs.
    step = 2 * 3 * cost_of(spec).macs * batch / seconds / 1e9
    most = 2 * side**3 / timings[_GEMM].median / 1e9
    report.finding(
        "gflops",
        {"step": step, "machine": most},
        f"arithmetic: {step:.1f} of {most:.1f} GFLOP/s, {100 * step / most:.1f} % "
        "(2 for a multiply-accumulate; forward and two backward passes)",
    )
    moved = bytes_per_step(spec, batch)
    bandwidth = 2 * 4 * floats / timings[_COPY].median  # read and written
    least = moved / bandwidth
    report.finding(
        "memory",
        {"bytes": moved, "bandwidth": bandwidth, "least_seconds": least},
        f"memory: about {moved / 1e9:.2f} GB a step at {bandwidth / 1e9:.1f} GB/s take "
        f"{least:.3f} s, {100 * least / seconds:.0f} % of the bare step's {seconds:.3f}",
    )


if __name__ == "__main__":
    main()
