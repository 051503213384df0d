"""The arguments and options that several verbs share."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rexpand.cli.console import note
from rexpand.cli.networks import NETWORK_HELP, network_argument
from rexpand.cli.numbers import number, pixels
from rexpand.ranges import (
    ELEMENTS,
    EPOCHS,
    IMAGES,
    LATENCY_MS,
    MACS,
    MULTIPLE_OF,
    PARAMS,
    RATE,
    RESOLUTION,
    WEIGHT,
)
from rexpand.size import Size

if TYPE_CHECKING:
    from rexpand.budget import Budget


def bounded(
    macs: float | None,
    params: float | None,
    latency_ms: float | None = None,
    latency_table: Path | None = None,
    *,
    activations: float | None = None,
    memory_access: float | None = None,
) -> "Budget":
    """The budget of the options; BudgetError where there is no bound.

    Raises RecordError for a file that is no latency table.
    """
    from rexpand.budget import Budget, measured_latency
    from rexpand.errors import BudgetError
    from rexpand.records import LatencyTable, read_record, this_machine

    if latency_ms is not None and latency_table is None:
        raise BudgetError(
            f"--latency-ms {latency_ms:g} needs a --latency-table, which predicts it; "
            "`rexpand bench blocks NETWORK --out FILE` measures one"
        )
    bounds = (macs, params, latency_ms, activations, memory_access)
    if all(bound is None for bound in bounds):
        raise BudgetError(
            "the budget is empty; give --macs and/or --params, e.g. --macs 300M"
        )
    latency = None
    if latency_table is not None:
        latency = measured_latency(read_record(LatencyTable, latency_table))
        if latency.cpu != (here := this_machine().cpu):
            note(
                f"{latency_table} was measured on {latency.cpu}: latencies are predicted "
                f"for that machine, and this one is {here}"
            )
    return Budget(
        macs=macs,
        params=params,
        activations=activations,
        memory_access=memory_access,
        latency_ms=latency_ms,
        latency=latency,
    )


Network = Annotated[str, network_argument()]
NetworkOrFile = Annotated[
    str,
    network_argument(
        help=f"{NETWORK_HELP} Or a file of `rexpand export` or of another tool: .onnx, "
        ".xml (OpenVINO), .pt2, .pt (TorchScript).",
    ),
]
Networks = Annotated[list[str], network_argument()]
OptionalNetwork = Annotated[str | None, network_argument()]
Resolution = Annotated[
    Size | None,
    pixels(
        RESOLUTION,
        "--resolution",
        help="Side of the image in pixels, or HEIGHTxWIDTH (default: the network's own).",
    ),
]
FeedAt = Annotated[
    int | None,
    number(
        RESOLUTION,
        "--resolution",
        help="Side of the images in pixels (default: that of weights or of a spec file; "
        "else the data set's own, or 224 for image files).",
    ),
]
Json = Annotated[
    bool, typer.Option("--json", help="Print one JSON document and nothing else.")
]
Macs = Annotated[
    float | None,
    number(
        MACS,
        "--macs",
        "--flops",
        has_unit=True,
        help='At most N multiply-accumulates per image ("FLOPs" in papers), e.g. 400M.',
    ),
]
Params = Annotated[
    float | None,
    number(PARAMS, "--params", has_unit=True, help="At most N parameters, e.g. 5M."),
]
Activations = Annotated[
    float | None,
    number(
        ELEMENTS,
        "--activations",
        has_unit=True,
        help="At most N elements in the outputs of convolutions and linear layers.",
    ),
]
MemoryAccess = Annotated[
    float | None,
    number(
        ELEMENTS,
        "--memory-access",
        has_unit=True,
        help="At most N elements read and written: maps and weights.",
    ),
]
LatencyMs = Annotated[
    float | None,
    number(
        LATENCY_MS,
        "--latency-ms",
        help="At most N milliseconds, as --latency-table predicts them.",
    ),
]
LatencyTableFile = Annotated[
    Path | None,
    typer.Option(
        "--latency-table",
        metavar="FILE",
        help="A table of `rexpand bench blocks` for the same network.",
    ),
]
MultipleOf = Annotated[
    int, number(MULTIPLE_OF, "--multiple-of", help="Round channels to multiples of N.")
]
Data = Annotated[
    str,
    typer.Option(
        "--data",
        metavar="DATA",
        help="A name from `rexpand data list`, an .npz file, hf:PLACE, or a "
        "folder of images or of WebDataset shards.",
    ),
]
DataRoot = Annotated[
    Path | None,
    typer.Option(
        "--data-root",
        metavar="FOLDER",
        help="Folder of the data sets (default: $REXPAND_DATA if set, else ./data).",
    ),
]
RecipeName = Annotated[
    str | None,
    typer.Option(
        "--recipe",
        metavar="RECIPE",
        help="How to train: a name such as paper, cifar or quick, or a .toml "
        "file (default: the recipe for --data).",
    ),
]
Epochs = Annotated[
    int | None,
    number(EPOCHS, "--epochs", help="Number of epochs (default: the recipe's)."),
]
AllowChange = Annotated[
    bool,
    typer.Option(
        "--allow-change",
        help="Continue with a changed recipe; the record says what changed, and when.",
    ),
]
Optimizer = Annotated[
    str | None,
    typer.Option(
        "--optimizer",
        metavar="KIND",
        help="sgd, adamw or rmsprop_tf, with its own defaults.",
    ),
]
WeightDecay = Annotated[
    float | None,
    number(
        WEIGHT,
        "--weight-decay",
        help="Decay of weights; norms and biases have none.",
    ),
]
Schedule = Annotated[
    str | None,
    typer.Option(
        "--schedule",
        metavar="KIND",
        help="cosine, linear, step, milestones or constant.",
    ),
]
TrainSubset = Annotated[
    int,
    number(
        IMAGES, "--train-subset", help="Use only N training images (0: all of them)."
    ),
]
CheckpointEvery = Annotated[
    str,
    typer.Option(
        "--checkpoint-every",
        metavar="TIME|STEPS",
        help="How often to save the state inside an epoch: 90s, 10m, 2h, or a number "
        "of steps. It is always saved after an epoch.",
    ),
]
Ema = Annotated[
    float | None,
    number(
        RATE,
        "--ema",
        help="Evaluate and keep a moving average of the weights.",
        metavar="DECAY",
    ),
]
Pretrained = Annotated[
    bool,
    typer.Option("--pretrained", help="Begin with the weights that timm publishes."),
]
