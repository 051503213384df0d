"""ReXNet x1.0 and MobileNetV2 as they are deployed, against timm's: float32 and int8.

Claims, at batch 1 and two threads: our best float export is 3 times as fast as timm's
eager network and no slower than timm's network exported alike; `optimized` is 1.5 times
as fast as timm's eager network in its better memory format; int8 is 1.6 times as fast
as our best float export. Equal weights and scores; beside them the twin whose channels
are multiples of 16 within the same macs. All take turns in one run, with the products
that show the machine's peaks. Weights are random: int8's speed does not depend on them.
"""

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from interleave import Report, Timing, interleave, parser, ratio, stopwatch
from rexpand.advise.rounding import roundings
from rexpand.cost import cost_of
from rexpand.deploy import (
    export_onnx,
    export_openvino,
    folded,
    onnxruntime_session,
    open_exported,
    optimized,
    quantised_onnx,
    quantised_openvino,
)
from rexpand.deploy.packing import PackedConvolution
from rexpand.models import as_released, build, import_state
from rexpand.spec import NetworkSpec, network

Calls = dict[str, Callable[[], object]]
_NETWORKS = ("rexnet_100", "mobilenetv2_100")
_FLOAT, _INT8 = ("onnxruntime", "openvino"), ("onnxruntime int8", "openvino int8")
_EAGER = ("timm eager", "timm channels_last")
_MULTIPLE = 16  # of the twin's channels: the numbers of a vector of AVX512
_SIDE = 1024  # of the products that show the peaks
_CALIBRATION = 8  # images


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What every form of a network is made with."""

    images: Tensor
    threads: int
    folder: Path

    @property
    def image(self) -> tuple[int, int, int]:
        channels, height, width = self.images.shape[1:]
        return channels, height, width


def main() -> None:
    options = parser(__doc__, rounds=20)
    options.add_argument("--threads", type=int, default=2)
    options.add_argument("--networks", default=",".join(_NETWORKS))
    options.add_argument("--no-compile", action="store_true", help="as it takes long")
    chosen = options.parse_args()
    report = Report(
        __file__, chosen, ("torch", "timm", "onnxruntime", "openvino", "nncf")
    )
    torch.set_num_threads(chosen.threads)
    side = 64 if chosen.smoke else 224
    with TemporaryDirectory() as folder:
        for name in chosen.networks.split(","):
            place = Path(folder) / name
            place.mkdir()
            setting = Setting(
                images=torch.randn(1, 3, side, side),
                threads=chosen.threads,
                folder=place,
            )
            compiles = not (chosen.no_compile or chosen.smoke)
            _compare(report, network(name), setting, compiles)
    report.close()


def _compare(
    report: Report, spec: NetworkSpec, setting: Setting, compiles: bool
) -> None:
    """One network in all its forms, in one run."""
    import timm

    theirs = timm.create_model(spec.name).eval()
    released = as_released(spec, "timm")
    ours = build(released).eval()
    state = import_state(released, theirs.state_dict(), "timm")
    ours.load_state_dict(state)
    twin = roundings(spec, (_MULTIPLE,)).rows[0].nearest
    assert twin is not None, f"{spec.name} has no twin"

    calls = _forms_of_timms(theirs, setting)
    calls |= _forms_of_ours("ours", ours, setting)
    if compiles:
        calls |= _compiled(theirs, ours, setting)
    _check(calls)
    calls |= _forms_of_ours("twin", build(twin.spec).eval(), setting)
    print(f"{spec.name} at {setting.image[1]} pixels; its twin: {twin.spec.channels}\n")

    timings = interleave(
        {name: stopwatch(call) for name, call in (calls | _products()).items()},
        report.rounds,
    )
    report.timings(timings.values())
    report.ratios(_claims(timings))
    size = setting.image[1]
    macs = cost_of(spec.for_images(resolution=size, in_channels=3)).macs
    twins = cost_of(twin.spec.for_images(resolution=size, in_channels=3)).macs
    _shares(report, spec.name, timings, {"twin": twins}, macs)


def _claims(timings: Mapping[str, Timing]) -> list:
    """Ratios of the claims, each above 1 if ours is the faster one."""
    best = _fastest(timings, [f"ours {each}" for each in _FLOAT])
    integers = _fastest(timings, [f"ours {each}" for each in _INT8])
    eager = _fastest(timings, _EAGER)
    pairs = [
        (timings["timm eager"], best),
        *((timings[f"timm {each}"], timings[f"ours {each}"]) for each in _FLOAT),
        (eager, timings["ours optimized"]),
        (eager, timings["ours eager"]),
        (best, integers),
        (best, _fastest(timings, [f"twin {each}" for each in _FLOAT])),
        (integers, _fastest(timings, [f"twin {each}" for each in _INT8])),
    ]
    return [ratio(over, under) for over, under in pairs]


def _fastest(timings: Mapping[str, Timing], names) -> Timing:
    return min((timings[name] for name in names), key=lambda each: each.median)


def _shares(
    report: Report,
    name: str,
    timings: Mapping[str, Timing],
    others: Mapping[str, int],
    macs: int,
) -> None:
    """Multiply-accumulates a second, as shares of the machine's peaks of this run."""
    products = {each: timings[each].per(_SIDE**3) for each in _products()}
    peaks = {
        kind: min(t.median for name, t in products.items() if name.startswith(kind))
        for kind in ("float32", "int8")
    }
    rows, shares = [], {}
    for timing in timings.values():
        if timing.name in products:
            continue
        own = others.get(timing.name.partition(" ")[0], macs)
        a_mac = timing.median / own
        share = {kind: peak / a_mac for kind, peak in peaks.items()}
        shares[timing.name] = share
        rows.append([timing.name, *(f"{100 * each:.1f} %" for each in share.values())])
    report.table(("rival", "of the float32 peak", "of the int8 peak"), rows)
    speeds = {kind: 1e-9 / peak for kind, peak in peaks.items()}
    shown = ", ".join(f"{kind} {speed:.0f}" for kind, speed in speeds.items())
    report.finding(
        f"{name}_shares",
        {"gigamacs_per_second": speeds, "shares": shares},
        f"peaks in 10^9 multiply-accumulates a second: {shown}\n",
    )


def _forms_of_timms(module: nn.Module, setting: Setting) -> Calls:
    other = copy.deepcopy(module).to(memory_format=torch.channels_last)
    innermost = setting.images.contiguous(memory_format=torch.channels_last)
    return {
        "timm eager": partial(_infer, module, setting.images),
        "timm channels_last": partial(_infer, other, innermost),
        **_exported("timm", module, setting),
    }


def _forms_of_ours(name: str, module: nn.Module, setting: Setting) -> Calls:
    fast = optimized(module, setting.image)
    return {
        f"{name} eager": partial(_infer, module, setting.images),
        f"{name} optimized": partial(_infer, fast, setting.images),
        **_exported(name, module, setting),
        **_quantised(name, setting),
    }


def _exported(name: str, module: nn.Module, setting: Setting) -> Calls:
    """A module is a module: timm's goes through the same exporter."""
    graph, model = setting.folder / f"{name}.onnx", setting.folder / f"{name}.xml"
    export_onnx(module, setting.image, graph)
    export_openvino(module, setting.image, model)
    return {
        f"{name} {runtime}": _run(path, setting)
        for runtime, path in zip(_FLOAT, (graph, model), strict=True)
    }


def _quantised(name: str, setting: Setting) -> Calls:
    """The graphs of `_exported` in int8."""
    generator = np.random.default_rng(0)
    shape = (_CALIBRATION, *setting.image)
    images = generator.standard_normal(shape, dtype=np.float32)
    graph = setting.folder / f"{name}.onnx"
    calls: Calls = {}
    for runtime, quantised in zip(
        _INT8, (quantised_onnx, quantised_openvino), strict=True
    ):
        place = setting.folder / f"{name}.int8"
        contents = quantised(graph, images).contents
        for suffix, content in contents.items():
            place.with_name(place.name + suffix).write_bytes(content)
        first = next(iter(contents))
        calls[f"{name} {runtime}"] = _run(place.with_name(place.name + first), setting)
    return calls


def _run(path: Path, setting: Setting) -> Callable[[], NDArray[np.float32]]:
    opened = open_exported(path, threads=setting.threads)
    return partial(opened.run, setting.images.numpy())


def _compiled(theirs: nn.Module, ours: nn.Module, setting: Setting) -> Calls:
    """torch's compiler: of timm's as it is, of ours folded, with frozen weights."""
    frozen = folded(ours, setting.image).to(memory_format=torch.channels_last)
    innermost = setting.images.contiguous(memory_format=torch.channels_last)
    compiled = torch.compile(theirs, dynamic=False)
    ours_compiled = torch.compile(frozen, dynamic=False, options={"freezing": True})
    return {
        "timm compiled": partial(_no_grad, compiled, setting.images),
        "ours compiled": partial(_no_grad, ours_compiled, innermost),
    }


def _check(calls: Calls) -> None:
    """The same scores in every float form."""
    reference = np.asarray(calls["timm eager"]())
    for name, call in calls.items():
        if "int8" not in name:
            found = np.asarray(call())
            off = np.abs(found - reference).max() / np.abs(reference).max()
            assert off < 1e-4, (name, off)


def _products() -> Calls:
    """What shows the machine's peaks: products of square matrices, in several ways.

    A packed 1x1 convolution is one too, of as many positions as it has channels.
    """
    left, right = torch.randn(2, _SIDE, _SIDE)
    layer = nn.Conv2d(_SIDE, _SIDE, 1)
    square = int(_SIDE**0.5)
    maps = torch.randn(1, _SIDE, square, square)
    maps = maps.contiguous(memory_format=torch.channels_last)
    packed = PackedConvolution(layer, tuple(maps.shape), "")
    small = torch.randint(-64, 64, (2, _SIDE, _SIDE), dtype=torch.int8)
    session = onnxruntime_session(_integer_product())
    feed = {
        "left": (small[0] + 64).to(torch.uint8).numpy(),
        "right": small[1].numpy(),
    }
    return {
        "float32 product, MKL": partial(torch.mm, left, right),
        "float32 product, oneDNN": partial(_infer, packed, maps),
        "int8 product, torch": partial(torch._int_mm, small[0], small[1]),
        "int8 product, onnxruntime": partial(session.run, None, feed),
    }


def _integer_product() -> bytes:
    """A graph of ONNX that multiplies two matrices of bytes."""
    from onnx import TensorProto, helper

    values = {
        name: helper.make_tensor_value_info(name, kind, [_SIDE, _SIDE])
        for name, kind in (
            ("left", TensorProto.UINT8),
            ("right", TensorProto.INT8),
            ("product", TensorProto.INT32),
        )
    }
    node = helper.make_node("MatMulInteger", ["left", "right"], ["product"])
    graph = helper.make_graph(
        [node], "product", [values["left"], values["right"]], [values["product"]]
    )
    opset = helper.make_opsetid("", 18)
    model = helper.make_model(graph, opset_imports=[opset], ir_version=9)
    return model.SerializeToString()


@torch.inference_mode()
def _infer(module: nn.Module, images: Tensor) -> Tensor:
    return module(images)


@torch.no_grad()
def _no_grad(module: Callable[[Tensor], Tensor], images: Tensor) -> Tensor:
    return module(images)


if __name__ == "__main__":
    main()
