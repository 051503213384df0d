"""The closed form against counters that build and run the network.

Claim: in a batch of 100,000, the cost of a configuration of rexnet_100 takes a
microsecond, and a single one needs no network. Each rival starts where `cost_of` starts,
from the spec: it builds the network and counts it. fvcore, ptflops and torchinfo run on
the CPU, as in their manuals; torch's own counter runs on `meta`, where nothing is
computed. "building alone" says how much of that is building. The conventions differ:
fvcore and torchinfo add batch norm, ptflops activations and pooling too.
"""

import os
import warnings
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from functools import partial
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from interleave import Report, interleave, parser, ratio, stopwatch
from rexpand.cost import cost_of, costs_of
from rexpand.models import build
from rexpand.spec import NetworkSpec, network

_LIBRARIES = ("numpy", "torch", "fvcore", "ptflops", "torchinfo")
_IMAGE = (3, 224, 224)


def main() -> None:
    options = parser(__doc__, rounds=9).parse_args()
    report = Report(__file__, options, _LIBRARIES)
    spec = network("rexnet_100")
    rows = _configurations(1000 if options.smoke else 100_000, spec.depth)
    counters = {name: quiet(count) for name, count in _counters(spec).items()}
    timings = interleave(
        {
            "costs_of": stopwatch(partial(costs_of, spec, rows)),
            **{name: stopwatch(count) for name, count in counters.items()},
            "building alone": stopwatch(partial(_built, spec)),
        },
        report.rounds,
    )
    one_of_many = f"costs_of, one of {len(rows):,}"
    timings["costs_of"] = timings["costs_of"].per(len(rows), one_of_many)
    report.timings(timings.values())

    many, alone = timings.pop("costs_of"), timings.pop("cost_of")
    report.ratios([ratio(each, alone) for each in timings.values()])
    report.ratios([ratio(alone, many)])

    macs = {name: int(count()) for name, count in counters.items()}
    rows_of_macs = [
        [name, f"{m:,}", f"{m - macs['cost_of']:,}"] for name, m in macs.items()
    ]
    report.table(("rival", "macs", "more than ours"), rows_of_macs)
    target = f"one of {len(rows):,}: {1e6 * many.median:.3f} us; target 1 us"
    report.finding("macs", macs, target)
    report.close()


def _configurations(count: int, depth: int) -> NDArray[np.int64]:
    """Non-decreasing channels from 8 to 320."""
    rng = np.random.default_rng(0)
    return np.sort(rng.integers(8, 321, (count, depth)), axis=1)


def _counters(spec: NetworkSpec) -> dict[str, Callable[[], float]]:
    """The rivals that tell the macs of a spec."""
    return {
        "cost_of": lambda: cost_of(spec).macs,
        "torch's counter, meta": partial(_torch, spec),
        "fvcore": partial(_fvcore, spec),
        "ptflops": partial(_ptflops, spec),
        "torchinfo": partial(_torchinfo, spec),
    }


def _built(spec: NetworkSpec) -> nn.Module:
    return build(spec).eval()


def _image() -> Tensor:
    return torch.zeros(1, *_IMAGE)


def _torch(spec: NetworkSpec) -> float:
    counter = FlopCounterMode(display=False)
    with torch.device("meta"), torch.no_grad(), counter:
        _built(spec)(_image())
    return counter.get_total_flops() // 2  # it counts 2 for a multiply-accumulate


def _fvcore(spec: NetworkSpec) -> float:
    from fvcore.nn import FlopCountAnalysis

    analysis = FlopCountAnalysis(_built(spec), _image())
    analysis.unsupported_ops_warnings(False).uncalled_modules_warnings(False)
    return analysis.tracer_warnings("none").total()


def _ptflops(spec: NetworkSpec) -> float:
    from ptflops import get_model_complexity_info

    macs, _ = get_model_complexity_info(
        _built(spec), _IMAGE, as_strings=False, print_per_layer_stat=False
    )
    return macs


def _torchinfo(spec: NetworkSpec) -> float:
    from torchinfo import summary

    return summary(_built(spec), input_data=_image(), verbose=0).total_mult_adds


def quiet(count: Callable[[], float]) -> Callable[[], float]:
    """The same without what a rival prints and warns of."""

    def counted() -> float:
        with (
            Path(os.devnull).open("w") as nowhere,
            redirect_stdout(nowhere),
            redirect_stderr(nowhere),
            warnings.catch_warnings(),
        ):
            warnings.simplefilter("ignore")
            return count()

    return counted


if __name__ == "__main__":
    main()
