"""One pass over a module against the counters that run it.

Claim: `trace` counts any timm network at 224 pixels in 0.3 s, building it and
importing torch aside, and in less time than fvcore, ptflops, torchinfo and thop. Every
rival gets the same module, built beforehand on the CPU, and one image, as in the
manuals; torch's own counter gets one on `meta`, where it is fastest. With `--all`,
every network of timm is counted once as well, and the slowest are named.
"""

import time
import warnings
from collections.abc import Callable, Iterator
from functools import partial

import timm
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from closed_form import quiet
from interleave import Report, interleave, parser, ratio, stopwatch
from rexpand.errors import MistakeError
from rexpand.models import open_weightless
from rexpand.spec import Source
from rexpand.trace import trace

_LIBRARIES = ("torch", "timm", "fvcore", "ptflops", "torchinfo", "thop")
_NETWORKS = (
    "mobilenetv2_100",
    "rexnet_100",
    "swin_tiny_patch4_window7_224",
    "nasnetalarge",
)
_IMAGE = (3, 224, 224)
_OURS, _TARGET = "trace", 0.3  # seconds
_SLOWEST = 5  # that `--all` names


def main() -> None:
    options = parser(__doc__, rounds=9)
    options.add_argument("--all", action="store_true", help="every network of timm")
    chosen = options.parse_args()
    report = Report(__file__, chosen, _LIBRARIES)
    warnings.simplefilter("ignore")
    for name in _NETWORKS[:1] if chosen.smoke else _NETWORKS:
        print(name)
        rivals = {
            rival: stopwatch(quiet(count)) for rival, count in _counters(name).items()
        }
        timings = interleave(rivals, report.rounds)
        report.timings(timings.values())
        ours = timings.pop(_OURS)
        report.ratios([ratio(each, ours) for each in timings.values()])
        report.finding(name, ours.median, f"{name}: {ours.median:.3f} s; {_TARGET} s\n")
    if chosen.all:
        _every_network(report)
    report.close()


def _counters(name: str) -> dict[str, Callable[[], float]]:
    module = timm.create_model(name).eval()
    with torch.device("meta"):
        weightless = timm.create_model(name).eval()
    return {
        _OURS: lambda: trace(module, _IMAGE).total.macs,
        "torch's counter, meta": partial(_torch, weightless),
        "fvcore": partial(_fvcore, module),
        "ptflops": partial(_ptflops, module),
        "torchinfo": partial(_torchinfo, module),
        "thop": partial(_thop, module),
    }


def _torch(module: nn.Module) -> float:
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        module(torch.empty(1, *_IMAGE, device="meta"))
    return counter.get_total_flops() / 2


def _fvcore(module: nn.Module) -> float:
    from fvcore.nn import FlopCountAnalysis

    analysis = FlopCountAnalysis(module, torch.zeros(1, *_IMAGE))
    analysis.unsupported_ops_warnings(False).uncalled_modules_warnings(False)
    return analysis.tracer_warnings("none").total()


def _ptflops(module: nn.Module) -> float:
    from ptflops import get_model_complexity_info

    macs, _ = get_model_complexity_info(
        module, _IMAGE, as_strings=False, print_per_layer_stat=False
    )
    return macs


def _torchinfo(module: nn.Module) -> float:
    from torchinfo import summary

    found = summary(module, input_data=torch.zeros(1, *_IMAGE), verbose=0)
    return found.total_mult_adds


def _thop(module: nn.Module) -> float:
    from thop import profile

    return profile(module, (torch.zeros(1, *_IMAGE),), verbose=False)[0]


def _every_network(report: Report) -> None:
    """Once each, the better of two passes: the first may load what torch loads late."""
    found = sorted(_passes(), reverse=True)
    within = sum(seconds <= _TARGET for seconds, _ in found)
    rows = [[name, f"{seconds:.3f}"] for seconds, name in found[:_SLOWEST]]
    report.table(("slowest of timm", "seconds"), rows)
    line = f"{within} of {len(found)} networks of timm within {_TARGET} s"
    report.finding("within", [within, len(found)], line)


def _passes() -> Iterator[tuple[float, str]]:
    for name in timm.list_models():
        module = open_weightless(Source.parse(f"timm:{name}")).module
        size = module.pretrained_cfg["input_size"]
        seconds = []
        for image in (_IMAGE, size):  # some take their own size only
            try:
                for _ in range(2):
                    started = time.perf_counter()
                    trace(module, image)
                    seconds.append(time.perf_counter() - started)
            except MistakeError:
                continue
            break
        yield min(seconds, default=float("inf")), name


if __name__ == "__main__":
    main()
