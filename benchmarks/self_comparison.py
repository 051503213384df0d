"""How often a network is called equal to itself, and how wide the intervals are.

    python benchmarks/self_comparison.py --repeats 100 --rounds 30

Every repeat opens two sessions of one graph, so that their weights lie at other
addresses, and times one against the other as `rexpand bench` does.
"""

import argparse
import json
from pathlib import Path
from statistics import median

import torch

from rexpand.codec import to_content
from rexpand.deploy import onnx_graph, onnxruntime_session
from rexpand.latency.pinning import pinned
from rexpand.latency.rounds import Call, Timing, interleaved
from rexpand.latency.steadiness import Watch
from rexpand.models import build
from rexpand.records import this_provenance
from rexpand.spec import network


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--network", default="mobilenetv2_035")
    parser.add_argument("--resolution", type=int, default=128)
    parser.add_argument("--repeats", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--json", type=Path, help="append a line here")
    asked = parser.parse_args()
    spec = network(asked.network).for_images(resolution=asked.resolution, in_channels=3)
    torch.manual_seed(0)
    images = torch.randn(1, 3, asked.resolution, asked.resolution)
    graph = onnx_graph(build(spec), tuple(images.shape[1:]))
    with pinned(asked.threads):
        watch = Watch()
        timings = []
        for _ in range(asked.repeats):
            timings.append(compared(graph, images, asked.rounds))
            watch.tick()
        steadiness = watch.steadiness([])
    found = {
        "network": asked.network,
        "resolution": asked.resolution,
        "runtime": "onnxruntime",
        "threads": asked.threads,
        "rounds": asked.rounds,
        "repeats": asked.repeats,
        "called_equal": sum(each.verdict == "no difference" for each in timings),
        "median_ratio_width": median(map(width, timings)),
        "widest_ratio": max(map(width, timings)),
        "median_latency_width": median(map(latency_width, timings)),
        "widest_latency": max(map(latency_width, timings)),
        "ratios": [each.ratio.median for each in timings],
        "steadiness": to_content(steadiness),
        "provenance": to_content(
            this_provenance(("rexpand", "torch", "onnxruntime"), threads=asked.threads)
        ),
    }
    print(
        f"{found['called_equal']} of {asked.repeats} called equal; interval of the ratio "
        f"{100 * found['median_ratio_width']:.2f} % of it (median), at most "
        f"{100 * found['widest_ratio']:.2f} %; of the latency "
        f"{100 * found['median_latency_width']:.2f} %, at most "
        f"{100 * found['widest_latency']:.2f} %"
    )
    print("; ".join(steadiness.problems) or "the machine was steady")
    if asked.json:
        with asked.json.open("a") as file:
            file.write(json.dumps(found) + "\n")


def compared(graph: bytes, images: torch.Tensor, rounds: int) -> Timing:
    """One session against another of the same graph."""
    calls = {name: call(graph, images) for name in ("one", "other")}
    _, timing = interleaved(calls, rounds=rounds)
    return timing


def call(graph: bytes, images: torch.Tensor) -> Call:
    """A session's run on the images."""
    session = onnxruntime_session(graph)
    feed = {"images": images.numpy()}
    return lambda: session.run(None, feed)


def width(timing: Timing) -> float:
    """Of the ratio's interval, as a share of it."""
    return (timing.ratio.most - timing.ratio.least) / timing.ratio.median


def latency_width(timing: Timing) -> float:
    """Of the latency's interval, as a share of it."""
    found = timing.latency_ms
    return (found.most - found.least) / found.median


if __name__ == "__main__":
    main()
