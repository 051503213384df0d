"""Table 5 of the ReXNet paper on this machine: prepare the files, then measure.

    python scripts/paper_latency.py prepare FOLDER --data IMAGES
    python scripts/paper_latency.py measure FOLDER [--rounds 20] [--out results/latency]
    python scripts/paper_latency.py write FOLDER [--out results/latency]

`prepare` may run on a busy machine: it exports every network, quantises the graphs on
real images, and fills torch.compile's cache. `measure` wants a quiet machine. Each way to
run is one record in FOLDER, in which all networks take turns. Both go on where they were
stopped: what is there is not made again. `write` joins the records to one, and draws the
page; it also brings the tables of docs/latency_paper.md up to date.
"""

import argparse
import gc
import os
import sys
import time
import warnings
from collections.abc import Callable, Sequence
from contextlib import chdir
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from rexpand.latency.table5 import PRINTED, network_of
from rexpand.records import LatencyStudy, Provenance, read_record, write_atomic
from rexpand.spec import ExportPrecision, Source

NETWORKS = (*PRINTED, "efficientnet_b4", "efficientnet_lite4")
THREADS = (2, 1)
_FIGURE = "accuracy_threads_1_batch_1"  # that the docs show
_IMAGES = 4  # for calibration: latency depends on kinds of numbers, not on ranges


@dataclass(frozen=True, kw_only=True)
class Way:
    """A runtime in a precision; a suffix is that of the files that it runs."""

    runtime: str
    precision: ExportPrecision = "fp32"
    suffix: str = ""

    @property
    def name(self) -> str:
        """As a name of a file has it."""
        return f"{self.runtime}_{self.precision}"

    def network(self, name: str) -> str:
        """A network as `rexpand bench` takes it."""
        return f"{name}{self.suffix}"


WAYS = (
    Way(runtime="torch"),
    Way(runtime="compile"),
    Way(runtime="onnxruntime", suffix=".onnx"),
    Way(runtime="openvino", suffix=".xml"),
    Way(runtime="onnxruntime", precision="int8", suffix=".int8.onnx"),
    Way(runtime="openvino", precision="int8", suffix=".int8.xml"),
)


def prepare(options: argparse.Namespace) -> None:
    """Everything that a measurement would wait for."""
    for name in _networks(options.only):
        _once(options.folder / f"{name}.xml", partial(_export, name))
        # The one that is written last tells that both are there.
        int8 = options.folder / f"{name}.int8.onnx"
        _once(int8, partial(_quantise, name, options.data))
        for threads in THREADS:
            _once(
                options.folder / "compiled" / f"{name}.{threads}",
                partial(_compile, name, threads),
            )


def measure(options: argparse.Namespace) -> None:
    """One record for each way to run."""
    from rexpand.codec import to_document
    from rexpand.latency.study import LatencyPlan, run_latency

    for way in _ways(options.way):
        record = options.folder / f"{way.name}.json"
        if record.exists():
            continue
        started = time.perf_counter()
        with chdir(options.folder):  # the record has names of files, not their places
            plan = LatencyPlan(
                networks=tuple(map(way.network, _networks(options.only))),
                runtimes=(way.runtime,),
                precisions=("fp32",),
                threads=THREADS,
                rounds=options.rounds,
            )
            study = run_latency(plan)
        write_atomic(record, to_document(study))
        gc.collect()
        print(f"{way.name}: {time.perf_counter() - started:.0f} s", flush=True)


def write(options: argparse.Namespace) -> None:
    """The joined record with its page, and what docs/latency_paper.md has of it."""
    from rexpand.codec import to_document
    from rexpand.report import write_latency_report
    from rexpand.report.latency_accuracy_markdown import with_record

    records = [options.folder / f"{way.name}.json" for way in _ways(options.way)]
    there = [path for path in records if path.exists()]
    study = joined([read_record(LatencyStudy, path) for path in there])
    study = replace(study, provenance=_anywhere(study.provenance, options.folder))
    write_atomic(options.out / "latency.json", to_document(study))
    files = write_latency_report([study], options.out)
    page = options.docs / "latency_paper.md"
    write_atomic(page, with_record(page.read_text(encoding="utf-8"), [study]))
    for drawn in files.png:
        if drawn.stem == _FIGURE:
            picture = options.docs / "figures" / "latency_paper.png"
            write_atomic(picture, drawn.read_bytes())
    print(f"wrote {options.out} and {page}")


def joined(studies: Sequence[LatencyStudy]) -> LatencyStudy:
    """The records of several ways as one; all are of one machine and one code.

    A row of an exported file has the name of its network.
    """
    first = studies[0]
    assert len({(each.fingerprint, each.provenance.commit) for each in studies}) == 1
    return replace(
        first,
        comparisons=tuple(
            replace(
                each,
                rows=tuple(replace(row, network=network_of(row)) for row in each.rows),
            )
            for study in studies
            for each in study.comparisons
        ),
        seconds=sum(study.seconds for study in studies),
    )


def _anywhere(origin: Provenance, folder: Path) -> Provenance:
    """A provenance of all ways, whose command does not say where the files lay."""
    words = ["FOLDER" if word == str(folder) else word for word in origin.command or ()]
    if "--way" in words:
        place = words.index("--way")
        del words[place : place + 2]
    return replace(origin, command=tuple(words))


def _once(path: Path, make: Callable[[Path], None]) -> None:
    if path.exists():
        return
    started = time.perf_counter()
    path.parent.mkdir(parents=True, exist_ok=True)
    make(path)
    gc.collect()
    print(f"{path.name}: {time.perf_counter() - started:.0f} s", flush=True)


def _export(name: str, path: Path) -> None:
    from rexpand.deploy import export
    from rexpand.models import open_source

    opened = open_source(Source.parse(name))
    export(opened, ["onnx", "openvino"], path.parent, name=name)


def _quantise(name: str, data: str, path: Path) -> None:
    """Both int8 files. Weights are random, so their rounding is not worth its minutes."""
    from rexpand.deploy.converted import read_graph
    from rexpand.deploy.layers import weighted_layers
    from rexpand.deploy.observing import observed
    from rexpand.deploy.quantising_onnx import Calibrated, integers_onnx
    from rexpand.deploy.quantising_openvino import integers_openvino

    graph, batches = read_graph(path.with_name(f"{name}.onnx")), _images(name, data)
    found = Calibrated(
        source=graph.SerializeToString(),
        graph=graph,
        layers=weighted_layers(graph),
        observed=observed(graph, (), batches),
        batches=batches,
    )
    _place(path, integers_openvino(found, ()).contents)
    _place(path, integers_onnx(found, ()).contents)


def _place(path: Path, contents: Any) -> None:
    """The content of files by suffix, the one that is opened last."""
    for suffix, content in reversed([*contents.items()]):
        write_atomic(path.with_suffix(suffix), content)


def _images(name: str, data: str) -> tuple[np.ndarray[Any, Any], ...]:
    """Images of as many classes as there are images, in batches of one."""
    import torch

    from rexpand.data.labelled import load_labelled
    from rexpand.models import open_source

    contract = open_source(Source.parse(name)).contract
    split = load_labelled(data).seen_by(contract, contract.height).split
    chosen = np.linspace(0, len(split) - 1, _IMAGES).astype(int)
    batches = split.subset(chosen).batches(
        batch_size=1, device=torch.device("cpu"), seed=None, augmentation=None
    )
    return tuple(images.contiguous().numpy() for images, _ in batches)


def _compile(name: str, threads: int, path: Path) -> None:
    """Fill the cache of torch.compile, which depends on the number of threads."""
    import torch

    from rexpand.latency.contestants import Contestant, prepared

    torch.set_num_threads(threads)
    prepared(Contestant(network=name, runtime="compile"))
    torch._dynamo.reset()
    path.touch()


def _networks(only: str) -> tuple[str, ...]:
    return tuple(name for name in NETWORKS if fnmatchcase(name, only))


def _ways(only: str) -> tuple[Way, ...]:
    return tuple(way for way in WAYS if fnmatchcase(way.name, only))


def main() -> int:
    """Do one of the three, and give the exit code."""
    options = _parser().parse_args()
    warnings.simplefilter("ignore")  # of the runtimes
    os.environ["TORCHINDUCTOR_CACHE_DIR"] = str(options.folder.resolve() / "compiled")
    options.do(options)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    steps = parser.add_subparsers(required=True)
    for step in (prepare, measure, write):
        each = steps.add_parser(step.__name__, help=(step.__doc__ or "").strip())
        each.set_defaults(do=step)
        each.add_argument("folder", type=Path, help="of the files and records")
        each.add_argument("--only", default="*", help="networks that match")
        each.add_argument("--way", default="*", help="RUNTIME_PRECISION that match")
        each.add_argument("--data", default="imagenet_1000x1", help="for calibration")
        each.add_argument("--rounds", type=int, default=20)
        each.add_argument("--docs", type=Path, default=Path("docs"))
        each.add_argument("--out", type=Path, default=Path("results/latency"))
    return parser


if __name__ == "__main__":
    sys.exit(main())
