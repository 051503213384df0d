"""Trained networks in fewer bits against float: agreement, accuracy, error, size.

    python benchmarks/quantised.py --both --out quantised.csv

MobileNetV2 at 224 pixels and MobileNetV1 x0.5 at 160, with the weights in the folder
that REXPAND_WEIGHTS names and the real images of `imagenet_1000x1` (REXPAND_DATA), one
per class. Every second image calibrates, the others judge; with --both then the other
way round, so that each image judges once, a network that never saw it. The networks that leave layers
in float32 divide the calibrating images again, by `agreeing_onnx`: one part chooses the
layers, and no judging image takes part in a choice. `own` is what the runtime's
quantiser alone gives, with the same grids: each filter's for weights, least and largest
values for activations.
"""

import csv
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from interleave import Report, parser
from rexpand.data.labelled import load_labelled
from rexpand.deploy import (
    LEAST_AGREEMENT,
    Converted,
    agreeing_onnx,
    agreeing_openvino,
    onnx_graph,
    onnx_in_float16,
    onnxruntime_session,
    open_exported,
    openvino_in_bfloat16,
    openvino_in_float16,
    quantised_onnx,
    quantised_openvino,
)
from rexpand.deploy.converted import properties_in, read_graph
from rexpand.deploy.quantising_openvino import openvino_files, openvino_model
from rexpand.deploy.silence import no_telemetry, silence
from rexpand.models import Opened, open_source
from rexpand.spec import Source

Array = NDArray[Any]
Convert = Callable[[bytes, Array], Converted]
_AT_ONCE = 25  # images
_SMOKE = 16  # images
# By network: its weights' file, and the pixels that they were trained at.
TRAINED = {
    "mobilenetv2_100": ("mobilenet_v2_1.0_torchvision_keys.npz", 224),
    "mobilenetv1_050": ("mobilenet_v1_0.5_160.npz", 160),
}
_HALVES = ("odd images", "even images")  # that judge


@dataclass(frozen=True, kw_only=True)
class Row:
    """One network in one form, judged by one half of the images.

    `agreement` is the share of images whose top class is float's, `error` the root mean
    square of the scores' differences as a share of that of the scores.
    """

    network: str
    runtime: str
    form: str
    judged_by: str
    images: int
    agreement: float
    accuracy: float
    float_accuracy: float
    error: float
    size_bytes: int
    layers_in_float: int


def main() -> None:
    options = parser(__doc__, rounds=1)
    options.add_argument("--out", type=Path, metavar="FILE", help="write the rows here")
    options.add_argument("--networks", default=",".join(TRAINED))
    options.add_argument("--agreement", type=float, default=LEAST_AGREEMENT)
    options.add_argument("--runtimes", default="onnxruntime,openvino")
    options.add_argument("--both", action="store_true", help="halves judge in turn")
    chosen = options.parse_args()
    report = Report(__file__, chosen, ("torch", "onnxruntime", "openvino", "nncf"))
    torch.set_num_threads(1)
    rows: list[Row] = []
    forms = _forms(chosen.agreement)
    forms = {at: each for at, each in forms.items() if at[0] in chosen.runtimes}
    halves = _HALVES if chosen.both else _HALVES[:1]
    for name in chosen.networks.split(","):
        weights, resolution = TRAINED[name]
        file = Path(os.environ["REXPAND_WEIGHTS"]) / weights
        opened = open_source(Source.parse(f"{name}@{file}"))
        graph = onnx_graph(opened.module, (3, resolution, resolution))
        images, classes = real_images(opened, resolution)
        if chosen.smoke:
            images, classes = images[:_SMOKE], classes[:_SMOKE]
        for row in _judged(name, graph, images, classes, halves, forms):
            rows.append(row)
            _say(report, row)
            if chosen.out:
                _write(chosen.out, rows)
    _summary(report, rows)
    report.close()


def real_images(opened: Opened, resolution: int) -> tuple[Array, Array]:
    """All images as the network takes them, and their classes."""
    seen = load_labelled("imagenet_1000x1").seen_by(opened.contract, resolution)
    batches = list(
        seen.split.batches(
            batch_size=100, device=torch.device("cpu"), seed=None, augmentation=None
        )
    )
    images = np.concatenate([given.contiguous().numpy() for given, _ in batches])
    return images, np.concatenate([classes.numpy() for _, classes in batches])


def _judged(
    name: str,
    graph: bytes,
    images: Array,
    classes: Array,
    halves: Sequence[str],
    forms: Mapping[tuple[str, str], Convert],
) -> Iterator[Row]:
    session = onnxruntime_session(graph)
    exact = by_parts(lambda part: session.run(None, {"images": part})[0], images)
    for judged_by in halves:
        first = 1 - _HALVES.index(judged_by)
        judging, calibrating = images[first::2], images[1 - first :: 2]
        known, float_scores = classes[first::2], exact[first::2]
        for (runtime, form), convert in forms.items():
            done = convert(graph, calibrating)
            scores = _scores(done, judging)
            yield Row(
                network=name,
                runtime=runtime,
                form=form,
                judged_by=judged_by,
                images=len(judging),
                agreement=share_of(scores.argmax(1) == float_scores.argmax(1)),
                accuracy=share_of(scores.argmax(1) == known),
                float_accuracy=share_of(float_scores.argmax(1) == known),
                error=round(relative_error(scores, float_scores), 5),
                size_bytes=sum(map(len, done.contents.values())),
                layers_in_float=len(done.in_float),
            )


def _scores(done: Converted, images: Array) -> Array:
    with TemporaryDirectory() as folder:
        for suffix, content in done.contents.items():
            (Path(folder) / f"net{suffix}").write_bytes(content)
        opened = open_exported(Path(folder) / f"net{next(iter(done.contents))}")
        return by_parts(opened.scores, images)


def by_parts(run: Callable[[Array], Array], images: Array) -> Array:
    parts = (images[at : at + _AT_ONCE] for at in range(0, len(images), _AT_ONCE))
    return np.concatenate([run(part) for part in parts])


def share_of(which: Array) -> float:
    return round(float(which.mean()), 4)


def relative_error(scores: Array, exact: Array) -> float:
    return float(np.sqrt(np.square(scores - exact).mean() / np.square(exact).mean()))


def _onnxruntimes_own(graph: bytes, images: Array) -> Converted:
    """By onnxruntime's `quantize_static` with its usual settings, each filter a grid."""
    from onnxruntime.quantization import (
        CalibrationDataReader,
        QuantType,
        quantize_static,
    )

    class Images(CalibrationDataReader):
        """The calibrating images in parts."""

        def __init__(self) -> None:
            self._parts = iter(np.array_split(images, -(-len(images) // _AT_ONCE)))

        def get_next(self) -> dict[str, Array] | None:
            part = next(self._parts, None)
            return None if part is None else {"images": part}

    with TemporaryDirectory() as folder:
        path = Path(folder) / "net.onnx"
        with silence():
            quantize_static(
                read_graph(graph),
                path,
                Images(),
                per_channel=True,
                activation_type=QuantType.QUInt8,
                weight_type=QuantType.QInt8,
            )
        return Converted(precision="int8", contents={".onnx": path.read_bytes()})


def _nncfs_own(graph: bytes, images: Array) -> Converted:
    """By `nncf.quantize` with its usual settings."""
    with silence(), no_telemetry():
        import nncf

        found = read_graph(graph)
        parts = [images[at : at + 1] for at in range(len(images))]
        model = nncf.quantize(
            openvino_model(found), nncf.Dataset(parts), subset_size=len(parts)
        )
    return Converted(
        precision="int8", contents=openvino_files(model, properties_in(found, "int8"))
    )


def _alone(convert: Callable[[bytes], Converted], graph: bytes, _: Array) -> Converted:
    """A conversion that looks at no images."""
    return convert(graph)


def _whole(graph: bytes) -> Converted:
    found = read_graph(graph)
    return Converted(
        precision="fp32",
        contents=openvino_files(openvino_model(found), properties_in(found, "fp32")),
    )


def _forms(agreement: float) -> Mapping[tuple[str, str], Convert]:
    """By runtime and name; `agreement` is asked of those with layers in float."""
    aware = f"int8, {agreement:.0%} asked"
    return {
        ("onnxruntime", "int8, own"): _onnxruntimes_own,
        ("onnxruntime", "int8"): quantised_onnx,
        ("onnxruntime", aware): partial(agreeing_onnx, agreement=agreement),
        ("onnxruntime", "fp16"): partial(_alone, onnx_in_float16),
        ("openvino", "fp32"): partial(_alone, _whole),
        ("openvino", "int8, own"): _nncfs_own,
        ("openvino", "int8"): quantised_openvino,
        ("openvino", aware): partial(agreeing_openvino, agreement=agreement),
        ("openvino", "fp16"): partial(_alone, openvino_in_float16),
        ("openvino", "bf16"): partial(_alone, openvino_in_bfloat16),
    }


def _say(report: Report, row: Row) -> None:
    name = f"{row.network}, {row.runtime} {row.form}, {row.judged_by}"
    line = (
        f"{name}: agreement {row.agreement:.1%}, accuracy {row.accuracy:.1%} "
        f"(float {row.float_accuracy:.1%}), error {row.error:.4f}, "
        f"{row.layers_in_float} layers in float, {row.size_bytes:,} bytes"
    )
    report.finding(name, asdict(row), line)


def _summary(report: Report, rows: Sequence[Row]) -> None:
    """Both halves together: each image judged once."""
    found: dict[tuple[str, str, str], list[Row]] = {}
    for row in rows:
        found.setdefault((row.network, row.runtime, row.form), []).append(row)
    print()
    report.table(
        ("network", "runtime", "form", "agreement", "accuracy", "float", "error", "MB"),
        [
            [
                *key,
                f"{_mean(halves, 'agreement'):.1%}",
                f"{_mean(halves, 'accuracy'):.1%}",
                f"{_mean(halves, 'float_accuracy'):.1%}",
                f"{_mean(halves, 'error'):.4f}",
                f"{_mean(halves, 'size_bytes') / 1e6:.1f}",
            ]
            for key, halves in found.items()
        ],
    )


def _mean(rows: Sequence[Row], field: str) -> float:
    return float(np.mean([getattr(row, field) for row in rows]))


def _write(path: Path, rows: Sequence[Row]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, tuple(asdict(rows[0])), lineterminator="\n")
        table.writeheader()
        table.writerows(map(asdict, rows))


if __name__ == "__main__":
    main()
