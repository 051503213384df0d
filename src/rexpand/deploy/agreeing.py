"""Networks in int8 that agree with float: the fewest layers that hurt stay in float32.

Layers are ranked by the error of the scores when each is alone in int8, measured in
onnxruntime. Of that ranking as many stay in float32 as the limit needs: found by
doubling, then by bisection. The ranking is about the network and its grids, so OpenVINO
uses it too; the agreement is each runtime's own. It is judged on every second image,
the others calibrate: those that weights were rounded by agree more than new ones.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from rexpand.deploy.calibration import Array, calibration_batches
from rexpand.deploy.converted import Converted
from rexpand.deploy.quantising_onnx import (
    Calibrated,
    calibrated,
    integers_onnx,
    one_layer_onnx,
)
from rexpand.deploy.quantising_openvino import integers_openvino
from rexpand.deploy.running import open_exported
from rexpand.deploy.sessions import onnxruntime_session
from rexpand.errors import DataError, RunError, SpecError

LEAST_AGREEMENT = 0.98
_RANKING = 32  # images; one more changes a mean over all scores little
_AT_ONCE = 16

Quantise = Callable[[Calibrated, tuple[str, ...]], Converted]


def agreeing_onnx(
    graph: bytes | str | Path,
    images: Array | Iterable[Array],
    *,
    agreement: float = LEAST_AGREEMENT,
) -> Converted:
    """An exported graph in int8 whose top classes agree with float's.

    As `quantised_onnx`, with the layers in float32 that this needs; they are named in
    the result, with the share of the judging images that agree: of `images` every
    second one judges, and the others calibrate. Raises SpecError for an `agreement`
    outside (0, 1], DataError for a single image, RunError if no layer may be in int8.
    """
    return _agreeing(graph, images, integers_onnx, agreement)


def agreeing_openvino(
    graph: bytes | str | Path,
    images: Array | Iterable[Array],
    *,
    agreement: float = LEAST_AGREEMENT,
) -> Converted:
    """An exported ONNX graph as OpenVINO's files; see `agreeing_onnx`."""
    return _agreeing(graph, images, integers_openvino, agreement)


def sensitivities(found: Calibrated) -> dict[str, float]:
    """The error of the scores when a layer alone is in int8, by its name, worst first.

    It is the root mean square over images and scores, as a share of that of the scores.
    """
    images = np.concatenate(found.batches)
    images = images[:: -(-len(images) // _RANKING)]
    exact = _scores(found.source, images)
    errors = {
        each.name: _error(_scores(one_layer_onnx(found, each), images), exact)
        for each in found.layers
    }
    return dict(sorted(errors.items(), key=lambda pair: pair[1], reverse=True))


def _agreeing(
    graph: bytes | str | Path,
    images: Array | Iterable[Array],
    quantise: Quantise,
    least: float,
) -> Converted:
    if not 0 < least <= 1:
        raise SpecError(f"agreement is {least}; it must be above 0 and at most 1")
    given = np.concatenate(calibration_batches(images))
    if len(given) < 2:
        raise DataError("one image cannot calibrate and judge; give 100 to 500")
    found, judging = calibrated(graph, given[::2]), given[1::2]
    classes = _scores(found.source, judging).argmax(1)

    def attempt(in_float: tuple[str, ...]) -> Converted:
        done = quantise(found, in_float)
        return replace(done, agreement=_agreement(done, judging, classes))

    best = attempt(())
    if best.agreement is not None and best.agreement >= least:
        return best
    return fewest_in_float(tuple(sensitivities(found)), attempt, least)


def fewest_in_float(
    ranked: tuple[str, ...],
    attempt: Callable[[tuple[str, ...]], Converted],
    least: float,
) -> Converted:
    """The attempt with the fewest layers of a ranking in float32 that reaches a limit.

    It is the fewest where agreement grows with every layer, as it nearly does.
    """
    below, above = 0, 1
    best = attempt(ranked[:above])
    while (best.agreement or 0) < least:
        if above == len(ranked) - 1:
            raise RunError(
                f"with all layers but {ranked[-1]} in float32, {best.agreement:.1%} of the "
                f"judging images have the same top class, and {least:.1%} were asked; "
                "ask for less, or leave the network in float32"
            )
        below, above = above, min(2 * above, len(ranked) - 1)
        best = attempt(ranked[:above])
    while above - below > 1:
        middle = (below + above) // 2
        tried = attempt(ranked[:middle])
        if (tried.agreement or 0) >= least:
            best, above = tried, middle
        else:
            below = middle
    return best


def _agreement(done: Converted, images: Array, classes: Array) -> float:
    """The share of images whose top class is that of float."""
    with TemporaryDirectory() as folder:
        for suffix, content in done.contents.items():
            (Path(folder) / f"draft{suffix}").write_bytes(content)
        opened = open_exported(Path(folder) / f"draft{next(iter(done.contents))}")
        return float((_by_parts(opened.scores, images).argmax(1) == classes).mean())


def _scores(graph: bytes, images: Array) -> Array:
    session = onnxruntime_session(graph)
    name = session.get_inputs()[0].name
    return _by_parts(lambda part: session.run(None, {name: part})[0], images)


def _by_parts(run: Callable[[Array], Array], images: Array) -> Array:
    parts = (images[at : at + _AT_ONCE] for at in range(0, len(images), _AT_ONCE))
    return np.concatenate([run(part) for part in parts])


def _error(scores: Array, exact: Array) -> float:
    return float(np.sqrt(np.square(scores - exact).mean() / np.square(exact).mean()))
