"""The options that say under what the latency of a study's trials is measured."""

from typing import Annotated

import typer

from rexpand.cli.numbers import number
from rexpand.ranges import LATENCY_MS

RUNTIME_HELP = (
    "What runs the networks: torch, onnxruntime, optimized, openvino, compile."
)

MeasuredUnder = Annotated[
    str | None,
    typer.Option(
        "--measure",
        metavar="RUNTIME",
        help="Before the training, measure the latency of every configuration under this "
        "runtime, as `search measure` does (default: onnxruntime with "
        "--max-latency-ms, else none).",
    ),
]
MaxLatencyMs = Annotated[
    float | None,
    number(
        LATENCY_MS,
        "--max-latency-ms",
        help="Configurations whose measured latency is above N milliseconds are not "
        "ranked, nor trained if they have not begun.",
    ),
]
