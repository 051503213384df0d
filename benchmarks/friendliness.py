"""The predicted noise of int8 against the measured one, and against agreement.

    python benchmarks/friendliness.py --out friendliness.csv

Trained are MobileNetV2 and MobileNetV1 x0.5 (`quantised.py` has their files): as they
are, with layers left in float in the order of the prediction and against it, and
MobileNetV2 with the channels of its linear bottlenecks spread over scales up to 1000,
which leaves its scores as they are. The other networks have random weights, at 96
pixels. 100 images of `imagenet_1000x1` calibrate, 16 of them (or made-up ones) are looked
at for the prediction, and 250 others judge.
"""

import csv
import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from scipy.stats import spearmanr

from interleave import Report, parser
from quantised import TRAINED, by_parts, real_images, relative_error, share_of
from rexpand.deploy import friendliness, onnx_graph, onnxruntime_session
from rexpand.deploy.quantising_onnx import Calibrated, calibrated, integers_onnx
from rexpand.models import open_source
from rexpand.spec import Source

Array = NDArray[Any]
_PIXELS = 96  # of networks with random weights
_RANDOM = (
    *("mobilenetv1_100", "mobilenetv2_100", "mobilenetv3_large_100", "mnasnet_100"),
    *("efficientnet_b0", "efficientnet_lite0", "mixnet_s", "semnasnet_100"),
    *("rexnet_100", "rexnet_lite_100"),
)
_SPREADS = (10, 100, 1000)
_COUNTS = (1, 4, 12)  # of layers in float
_CALIBRATING, _LOOKED_AT, _JUDGING = 100, 16, 250


@dataclass(frozen=True, kw_only=True)
class Row:
    """A network in a form: predicted with and without images, and measured.

    In decibels 20 log10 of the scores against their error, root mean squares of all
    judging images; agreement is the share of them whose top class is float's.
    """

    network: str
    weights: str
    form: str
    images: int
    predicted_db: float
    predicted_without_images_db: float
    measured_db: float
    predicted_agreement: float
    agreement: float


def main() -> None:
    options = parser(__doc__, rounds=1)
    options.add_argument("--out", type=Path, metavar="FILE", help="write the rows here")
    chosen = options.parse_args()
    report = Report(__file__, chosen, ("torch", "onnxruntime"))
    torch.set_num_threads(1)
    judging = 8 if chosen.smoke else _JUDGING
    random = _RANDOM[:1] if chosen.smoke else _RANDOM
    rows: list[Row] = []
    for row in chain(_trained(judging), _random(random, judging)):
        rows.append(row)
        if chosen.out:
            _write(chosen.out, rows)
        name = f"{row.network}, {row.weights} weights, {row.form}"
        report.finding(
            name,
            asdict(row),
            f"{name}: predicted {row.predicted_db:.1f} dB (without images "
            f"{row.predicted_without_images_db:.1f}), measured {row.measured_db:.1f}; "
            f"agreement {row.predicted_agreement:.1%}, measured {row.agreement:.1%}",
        )
    _correlations(report, rows)
    report.close()


def _trained(judging: int) -> Iterator[Row]:
    for name, (weights, pixels) in TRAINED.items():
        file = Path(os.environ["REXPAND_WEIGHTS"]) / weights
        opened = open_source(Source.parse(f"{name}@{file}"))
        graph = onnx_graph(opened.module, (3, pixels, pixels))
        case = _case(name, "trained", graph, real_images(opened, pixels)[0], judging)
        yield _row(case, "as it is")
        ranked = [each.layer for each in friendliness(graph, case.looked_at).layers]
        for count in _COUNTS:
            yield _row(case, f"{count} noisiest in float", ranked[:count])
            yield _row(case, f"{count} quietest in float", ranked[-count:])
        for largest in _SPREADS if name == "mobilenetv2_100" else ():
            changed = _case(
                name, "trained", _spread(graph, largest), case.images, judging
            )
            yield _row(changed, f"channels spread by {largest}")


def _random(names: Sequence[str], judging: int) -> Iterator[Row]:
    for name in names:
        torch.manual_seed(0)
        opened = open_source(Source.parse(name))
        graph = onnx_graph(opened.module, (3, _PIXELS, _PIXELS))
        images = real_images(opened, _PIXELS)[0]
        yield _row(_case(name, "random", graph, images, judging), "as it is")


@dataclass(frozen=True, kw_only=True, eq=False)
class _Case:
    """A graph with its images, and its scores of those that judge."""

    network: str
    weights: str
    graph: bytes
    images: Array
    looked_at: Array
    judging: Array
    exact: Array
    calibrated: Calibrated


def _case(name: str, weights: str, graph: bytes, images: Array, judging: int) -> _Case:
    calibrating, others = images[: 2 * _CALIBRATING : 2], images[1::2][:judging]
    return _Case(
        network=name,
        weights=weights,
        graph=graph,
        images=images,
        looked_at=calibrating[:: -(-len(calibrating) // _LOOKED_AT)],
        judging=others,
        exact=_scores(graph, others),
        calibrated=calibrated(graph, calibrating),
    )


def _row(case: _Case, form: str, in_float: Sequence[str] = ()) -> Row:
    predicted = friendliness(case.graph, case.looked_at, in_float=in_float)
    blind = friendliness(case.graph, in_float=in_float)
    done = integers_onnx(case.calibrated, in_float)
    found = _scores(done.contents[".onnx"], case.judging)
    return Row(
        network=case.network,
        weights=case.weights,
        form=form,
        images=len(case.judging),
        predicted_db=round(predicted.decibels, 2),
        predicted_without_images_db=round(blind.decibels, 2),
        measured_db=round(-20 * float(np.log10(relative_error(found, case.exact))), 2),
        predicted_agreement=round(predicted.agreement or 0.0, 4),
        agreement=share_of(found.argmax(1) == case.exact.argmax(1)),
    )


def _scores(graph: bytes, images: Array) -> Array:
    session = onnxruntime_session(graph)
    return by_parts(lambda part: session.run(None, {"images": part})[0], images)


def _spread(graph: bytes, largest: float) -> bytes:
    """The graph with the channels of its linear bottlenecks on other scales.

    Layers that give one sum, and those that read it, are scaled against each other.
    """
    found = onnx.load_from_string(graph)
    constants = {each.name: each for each in found.graph.initializer}
    group: dict[str, str] = {}  # tensors that are added have one scale

    def root(name: str) -> str:
        while name in group:
            name = group[name]
        return name

    nodes = found.graph.node
    activated = {n.input[0] for n in nodes if n.op_type not in ("Conv", "Add")}
    for node in nodes:
        if node.op_type == "Add":
            for name in node.input:
                if root(name) != root(node.output[0]):
                    group[root(name)] = root(node.output[0])
    fixed = {root(name) for name in (*activated, found.graph.input[0].name)}
    generator = np.random.default_rng(0)
    scales: dict[str, Array] = {}
    for node in nodes:
        if node.op_type != "Conv":
            continue
        weight = onnx.numpy_helper.to_array(constants[node.input[1]]).copy()
        source, output = root(node.input[0]), root(node.output[0])
        if source in scales:
            weight /= scales[source][None, :, None, None]
        if output not in fixed:
            if output not in scales:
                powers = generator.uniform(0, np.log10(largest), len(weight))
                scales[output] = (10.0**-powers).astype(np.float32)
            weight *= scales[output][:, None, None, None]
            bias = onnx.numpy_helper.to_array(constants[node.input[2]])
            _put(constants[node.input[2]], bias * scales[output])
        _put(constants[node.input[1]], weight)
    return bytes(found.SerializeToString())


def _put(constant: Any, value: Array) -> None:
    constant.CopyFrom(
        onnx.numpy_helper.from_array(value.astype(np.float32), constant.name)
    )


def _correlations(report: Report, rows: Sequence[Row]) -> None:
    """Spearman's rank correlations, of all and of each kind of weights and network."""
    trained = [row for row in rows if row.weights == "trained"]
    chosen = {
        "all networks": rows,
        "random weights": [row for row in rows if row.weights == "random"],
        "trained weights": trained,
        **{name: [row for row in trained if row.network == name] for name in TRAINED},
    }
    for name, some in chosen.items():
        if len(some) < 3:
            continue
        found = {
            "rows": len(some),
            "decibels": _rho(some, "predicted_db", "measured_db"),
            "decibels_without_images": _rho(
                some, "predicted_without_images_db", "measured_db"
            ),
            "decibels_to_agreement": _rho(some, "predicted_db", "agreement"),
            "agreement": _rho(some, "predicted_agreement", "agreement"),
        }
        report.finding(
            f"rank correlation, {name}",
            found,
            f"rank correlation, {name} (n = {len(some)}): predicted and measured dB "
            f"{found['decibels']:.2f}, without images "
            f"{found['decibels_without_images']:.2f}; predicted dB and agreement "
            f"{found['decibels_to_agreement']:.2f}; predicted and measured agreement "
            f"{found['agreement']:.2f}",
        )


def _rho(rows: Sequence[Row], first: str, second: str) -> float:
    pairs = [[getattr(row, each) for row in rows] for each in (first, second)]
    return float(spearmanr(*pairs).statistic)


def _write(path: Path, rows: Sequence[Row]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, tuple(asdict(rows[0])), lineterminator="\n")
        table.writeheader()
        table.writerows(map(asdict, rows))


if __name__ == "__main__":
    main()
