"""Spectra of every layer of ReXNet x1.0 against the forward passes alone.

Claim: over 1,000 images at 224 pixels they cost at most 1.5 times the passes, in under
2 GB. Fewer images are passed through here, with the grid of positions that 1,000 have:
a round times the passes alone, the passes with their Gram matrices, and the
eigenvalues, which come once however many the images. What 1,000 images take is put
together from the three of each round. Random weights and images: no layer of it asks
what the numbers are.
"""

import resource
from collections.abc import Mapping

import torch
from torch import Tensor, nn

from interleave import Report, Timing, interleave, parser, ratio, stopwatch
from rexpand.models import build
from rexpand.rank import Site, Spectrum, find_sites, layer_ranks, network_spectra
from rexpand.rank.sites import evaluating
from rexpand.spec import network
from rexpand.trace import trace

_IMAGES, _BATCH, _CLAIMED = 64, 32, 1000
_ALONE, _WATCHED, _EIGEN = "passes alone", "passes and Gram matrices", "eigenvalues"
_GB = 1e9


def main() -> None:
    options = parser(__doc__, rounds=5)
    options.add_argument("--images", type=int, default=_IMAGES, help="passed a round")
    options.add_argument("--threads", type=int, default=1)
    chosen = options.parse_args()
    torch.set_num_threads(chosen.threads)
    report = Report(__file__, chosen, ("torch", "numpy"))
    images = 2 if chosen.smoke else chosen.images
    module, batches = _network(images, 32 if chosen.smoke else 224)
    sites = find_sites(module, trace(module, tuple(batches[0].shape[1:])))
    spectra: dict[str, Spectrum] = {}

    def watched() -> None:
        spectra.clear()  # one set of Gram matrices at a time, as in a real run
        spectra.update(_spectra(module, batches, sites))

    rivals = {
        _ALONE: stopwatch(lambda: _alone(module, batches)),
        _WATCHED: stopwatch(watched),
        _EIGEN: stopwatch(lambda: layer_ranks(sites, spectra)),
    }
    timings = interleave(rivals, report.rounds)
    print(f"{len(sites)} layers; {images} images a round, {chosen.threads} threads")
    report.timings(timings.values())
    _verdict(report, timings, images)
    report.close()


def _network(images: int, side: int) -> tuple[nn.Module, list[Tensor]]:
    torch.manual_seed(0)
    spec = network("rexnet_100").for_images(resolution=side, in_channels=3)
    module = build(spec).to(memory_format=torch.channels_last).eval()
    pixels = torch.randn(images, 3, side, side)
    return module, [*pixels.contiguous(memory_format=torch.channels_last).split(_BATCH)]


def _alone(module: nn.Module, batches: list[Tensor]) -> None:
    with evaluating(module):
        for batch in batches:
            module(batch)


def _spectra(
    module: nn.Module, batches: list[Tensor], sites: tuple[Site, ...]
) -> dict[str, Spectrum]:
    return network_spectra(module, batches, sites, positions="strided", images=_CLAIMED)


def _verdict(report: Report, timings: Mapping[str, Timing], images: int) -> None:
    scale = _CLAIMED / images
    alone = timings[_ALONE].per(1 / scale, f"{_CLAIMED} images alone")
    pairs = zip(timings[_WATCHED].seconds, timings[_EIGEN].seconds, strict=True)
    ranked = Timing(
        name=f"{_CLAIMED} images and their spectra",
        seconds=tuple(watched * scale + eigen for watched, eigen in pairs),
    )
    report.ratios([ratio(ranked, alone)])
    peak = 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    report.finding(
        "peak_bytes",
        peak,
        f"peak memory {peak / _GB:.2f} GB; targets 1.5 times and 2 GB",
    )


if __name__ == "__main__":
    main()
