"""The catalogue against timm and torchvision: cost, build, training step, inference.

Claims: the closed-form cost of the whole catalogue takes 50 ms without torch; building
a network takes no longer than theirs, nor does a training step at batch 32 (forward and
backward, one resident batch), nor inference of one image, given to theirs in the better
of both memory formats. Both modules hold the same weights and stand in one process,
eager, in float32. One network a
family that both have; `--all` takes every network that both have.
"""

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor, nn

from interleave import Report, interleave, parser, ratio, stopwatch
from rexpand.cost import cost_of
from rexpand.models import as_released, build, import_state, name_in
from rexpand.models.weights import Layout
from rexpand.spec import CATALOGUE, NetworkSpec, network

_PARTS = ("cost_of", "build", "step", "inference")
_ONE_A_FAMILY = (
    *("efficientnet_b0", "fbnetc_100", "mixnet_s", "mnasnet_100", "mobilenetv1_100"),
    *("mobilenetv2_100", "mobilenetv3_large_100", "resnet18", "resnext50_32x4d"),
    *("rexnet_100", "semnasnet_100", "shufflenetv2_100", "squeezenet_1_1"),
    "legacy_xception",
)


@dataclass(frozen=True, kw_only=True)
class Pair:
    """A network of ours and the library's way to build its own."""

    spec: NetworkSpec
    layout: Layout
    theirs: Callable[[], nn.Module]


def main() -> None:
    options = parser(__doc__, rounds=5)
    options.add_argument("--parts", default=",".join(_PARTS), help="of the four")
    options.add_argument("--threads", type=int, default=2)
    options.add_argument("--all", action="store_true", help="every network of both")
    chosen = options.parse_args()
    report = Report(__file__, chosen, ("torch", "torchvision", "timm"))
    torch.set_num_threads(chosen.threads)
    names = list(CATALOGUE) if chosen.all else list(_ONE_A_FAMILY)
    pairs = list(_pairs(names[:2] if chosen.smoke else names))
    side, batch = (64, 4) if chosen.smoke else (224, 32)
    parts = chosen.parts.split(",")
    if "cost_of" in parts:
        _price(report)
    if "build" in parts:
        _compare(report, "build", pairs, _building)
    if "step" in parts:
        _compare(report, "step", pairs, partial(_steps, batch, side))
    if "inference" in parts:
        _compare(report, "inference", pairs, partial(_inference, side))
    report.close()


def _pairs(names: list[str]) -> Iterator[Pair]:
    """timm's network where it has one, else torchvision's."""
    import timm
    import torchvision

    for name in names:
        if theirs := name_in("timm", name):
            build_theirs = partial(timm.create_model, theirs)
            yield Pair(spec=network(name), layout="timm", theirs=build_theirs)
        elif theirs := name_in("torchvision", name):
            get = partial(torchvision.models.get_model, theirs, weights=None)
            yield Pair(spec=network(name), layout="torchvision", theirs=get)


def _price(report: Report) -> None:
    def everything() -> None:
        for name in CATALOGUE:
            cost_of(network(name))

    timings = interleave({"whole catalogue": stopwatch(everything)}, report.rounds)
    print(f"closed form of {len(CATALOGUE)} networks, their specs built anew")
    report.timings(timings.values())
    print("target: 50 ms\n")


def _compare(
    report: Report,
    part: str,
    pairs: list[Pair],
    rivals: Callable[[Pair], dict[str, Callable[[], object]]],
) -> None:
    """Theirs over ours for every network; above 1, ours is faster."""
    print(f"{part}: time of theirs over time of ours\n")
    ratios = []
    for pair in pairs:
        watches = {name: stopwatch(call) for name, call in rivals(pair).items()}
        ours, *theirs = interleave(watches, report.rounds).values()
        report.timings((ours, *theirs))
        ratios.append(ratio(min(theirs, key=lambda each: each.median), ours))
    report.ratios(ratios)
    slower = [r.under for r in ratios if r.high < 1]
    report.finding(
        f"{part}_slower", slower, f"slower than theirs in {part}: {slower}\n"
    )


def _building(pair: Pair) -> dict[str, Callable[[], object]]:
    name = pair.spec.name
    return {name: partial(build, pair.spec), f"{pair.layout} {name}": pair.theirs}


def _both(pair: Pair) -> tuple[nn.Module, nn.Module]:
    theirs = pair.theirs()
    spec = as_released(pair.spec, pair.layout)
    ours = build(spec)
    ours.load_state_dict(import_state(spec, theirs.state_dict(), pair.layout))
    return ours, theirs


def _steps(batch: int, side: int, pair: Pair) -> dict[str, Callable[[], object]]:
    images = torch.randn(batch, 3, side, side)
    ours, theirs = _both(pair)
    name = pair.spec.name
    return {
        name: partial(_step, ours.train(), images),
        f"{pair.layout} {name}": partial(_step, theirs.train(), images),
    }


def _step(module: nn.Module, images: Tensor) -> None:
    module.zero_grad(set_to_none=True)
    module(images).logsumexp(1).mean().backward()


def _inference(side: int, pair: Pair) -> dict[str, Callable[[], object]]:
    images = torch.randn(1, 3, side, side)
    ours, theirs = (module.eval() for module in _both(pair))
    with torch.inference_mode():
        scores, reference = ours(images), theirs(images)
    scale = reference.abs().max()
    assert (scores - reference).abs().max() < 1e-4 * scale, pair.spec.name
    name = pair.spec.name
    innermost = torch.channels_last
    other = copy.deepcopy(theirs).to(memory_format=innermost)
    reordered = images.contiguous(memory_format=innermost)
    return {
        name: partial(_infer, ours, images),
        f"{pair.layout} {name}": partial(_infer, theirs, images),
        f"{pair.layout} {name} channels_last": partial(_infer, other, reordered),
    }


@torch.inference_mode()
def _infer(module: nn.Module, images: Tensor) -> None:
    module(images)


if __name__ == "__main__":
    main()
