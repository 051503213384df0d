"""Exported files against their network: agreement on real images, and latency.

Every file is opened by the runtime that fits it, and all are timed in one interleaved
run with the network in torch.
"""

from collections.abc import Sequence
from functools import partial

import torch
from torch import Tensor, nn

from rexpand.deploy import ExportedFiles, ExportedNetwork, open_exported
from rexpand.latency.gate_images import GateImages
from rexpand.latency.rounds import Call, interleaved
from rexpand.latency.steadiness import Watch
from rexpand.records import Gate, GateRow, this_provenance
from rexpand.spec import EXPORT_FORMATS
from rexpand.trace.evaluating import evaluating
from rexpand.trace.foreign import foreign_code

_AT_ONCE = 16  # images of a pass
_LEAST_LOG = -80.0  # of a probability: float32 holds no much smaller one
_LIBRARIES = ("torch", "onnxruntime", "openvino", "nncf", "onnx")
_EAGER = "torch fp32"


def judged(
    network: str,
    module: nn.Module,
    files: Sequence[ExportedFiles],
    on: GateImages,
    *,
    least_agreement: float,
    rounds: int = 15,
) -> Gate:
    """The network in torch and each of its files, compared and timed.

    Raises ForeignCodeError for a file or a network that fails.
    """
    opened = [open_exported(each.files[0]) for each in files]
    names = [_EAGER, *map(_name, opened, files)]
    modules = [module, *(each.as_module() for each in opened)]
    with torch.inference_mode(), evaluating(module):
        scores = [_scores(each, on.images) for each in modules]
        if any(each.properties.has_softmax for each in opened):
            scores = [each.log_softmax(1).clamp(min=_LEAST_LOG) for each in scores]
        first = on.images[:1]
        calls: dict[str, Call] = {_EAGER: lambda: module(first)}
        for name, each in zip(names[1:], opened, strict=True):
            calls[name] = partial(each.run, each.given(first))
        watch = Watch()
        timings = interleaved(calls, rounds=rounds, on_round=watch.tick)
    sizes = [sum(each.numel() * 4 for each in module.state_dict().values())]
    sizes += [sum(path.stat().st_size for path in each.files) for each in files]
    described = [ExportedFiles(files=(), precision="fp32"), *files]
    rows = tuple(
        GateRow(
            runtime=name.partition(" ")[0],
            precision=each.precision,
            files=tuple(map(str, each.files)),
            size_bytes=size,
            agreement=_share(found.argmax(1) == scores[0].argmax(1)),
            accuracy=100 * _share(found.argmax(1) == on.labels),
            difference=float((found - scores[0]).abs().max() / scores[0].abs().max()),
            latency_ms=timing.latency_ms,
            ratio=timing.ratio,
            in_float=each.in_float,
        )
        for name, each, size, found, timing in zip(
            names, described, sizes, scores, timings, strict=True
        )
    )
    return Gate(
        network=network,
        data=on.data,
        judged_images=len(on.images),
        calibration_images=len(on.calibration),
        least_agreement=least_agreement,
        rows=rows,
        readings_ms={each.name: each.readings_ms for each in timings},
        steadiness=watch.steadiness(timings),
        provenance=this_provenance(_LIBRARIES, threads=torch.get_num_threads()),
    )


def _name(opened: ExportedNetwork, file: ExportedFiles) -> str:
    return f"{EXPORT_FORMATS[opened.format].runtime} {file.precision}"


def _scores(module: nn.Module, images: Tensor) -> Tensor:
    parts = torch.split(images, _AT_ONCE)
    return torch.cat([_once(module, each) for each in parts])


def _once(module: nn.Module, images: Tensor) -> Tensor:
    with foreign_code(f"running {type(module).__name__}"):
        return module(images)


def _share(found: Tensor) -> float:
    return float(found.double().mean())
