"""What it costs to watch the rank of every block, beside the training of an epoch.

Claim: under 1 % of an epoch's time. `train` watches while it judges, so the cost is
that of the hooks and of the eigenvalues: both are timed on the maps of 256 CIFAR-sized
images, beside a training step of the same network. An epoch of CIFAR-100 has 50,000
images; how few an epoch may have for 1 % is said too.
"""

from collections.abc import Callable, Mapping

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from interleave import Report, Timing, duration, interleave, parser, ratio, stopwatch
from rexpand.models import Network, build
from rexpand.recipe import RECIPES
from rexpand.spec import network
from rexpand.train.block_watch import BlockWatch
from rexpand.train.optimization import optimizer_of

_BATCH, _WATCHED, _EPOCH = 64, 256, 50_000
_STEP, _WATCH = "training step", "watching"


def main() -> None:
    options = parser(__doc__, rounds=9)
    options.add_argument("--network", default="search_18")
    options.add_argument("--threads", type=int, default=1)
    chosen = options.parse_args()
    torch.set_num_threads(chosen.threads)
    report = Report(__file__, chosen, ("torch", "numpy"))
    torch.manual_seed(0)
    module = build(network(chosen.network).with_classes(100))
    module = module.to(memory_format=torch.channels_last)
    side = module.spec.resolution
    batch = 8 if chosen.smoke else _BATCH
    step = _step(module, _images(batch, side))
    maps = _maps(module, _images(16 if chosen.smoke else _WATCHED, side))
    rivals = {_STEP: stopwatch(step), _WATCH: stopwatch(lambda: _watch(maps, module))}
    timings = interleave(rivals, report.rounds)
    print(f"{chosen.network}, batch {batch}, {chosen.threads} threads")
    report.timings(timings.values())
    _verdict(report, timings[_STEP].per(batch), timings[_WATCH])
    report.close()


def _images(count: int, side: int) -> Tensor:
    pixels = torch.randn(count, 3, side, side)
    return pixels.contiguous(memory_format=torch.channels_last)


def _step(module: Network, images: Tensor) -> Callable[[], None]:
    labels = torch.arange(len(images)) % 100
    optimizer = optimizer_of(module, RECIPES["search"].optimizer)

    def step() -> None:
        module.train()
        cross_entropy(module(images), labels).backward()
        optimizer.step()
        optimizer.zero_grad()

    return step


def _maps(module: Network, images: Tensor) -> dict[str, tuple[Tensor, ...]]:
    """What the stem and every block put out, in the batches that they come in."""
    module.eval()
    kept, maps = {}, images
    with torch.inference_mode():
        for name, block in (("stem", module.stem), *module.blocks.named_children()):
            maps = block(maps)
            kept[name] = maps.clone().split(_BATCH)
    return kept


def _watch(maps: Mapping[str, tuple[Tensor, ...]], module: Network) -> None:
    watch = BlockWatch(_WATCHED)
    for name, batches in maps.items():
        for batch in batches:
            watch.take(name, module, None, batch)
    watch.ranks()


def _verdict(report: Report, an_image: Timing, watching: Timing) -> None:
    epoch = an_image.per(1 / _EPOCH, f"{_EPOCH:,} images trained on")
    found = ratio(watching, epoch)
    least = watching.median / an_image.median / 0.01
    report.finding(
        "share_percent",
        100 * found.median,
        f"watching takes {duration(watching.median)}, {100 * found.median:.3f} % of an "
        f"epoch of {_EPOCH:,} images ({100 * found.low:.3f} to {100 * found.high:.3f}); "
        f"1 % of an epoch of {least:,.0f}",
    )


if __name__ == "__main__":
    main()
