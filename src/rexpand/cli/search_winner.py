"""The winner of a study, ready to be written and trained: a network, or a detector."""

import shlex
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rexpand.cli.stopping import SAME_COMMAND, resumable

if TYPE_CHECKING:
    from rexpand.search.design import StudyDesign
    from rexpand.spec import DetectorSpec, NetworkSpec


@dataclass(frozen=True, kw_only=True)
class Trained:
    """What a training of the winner reached, in words and as a document."""

    said: str
    document: Mapping[str, Any]


def _nothing(file: Path) -> str:
    return ""


@dataclass(frozen=True, kw_only=True, eq=False)
class Winner:
    """What the network of a trial costs, and how it is trained.

    `of` ends the line that says what it costs, `document` adds to that of the export. `train`
    trains it into a folder, None where that was not asked. `command` trains it from the
    file, where another verb does that.
    """

    params: int
    macs: int
    of: str
    document: Mapping[str, Any] = field(default_factory=dict)
    train: Callable[[Path], Trained] | None = None
    command: Callable[[Path], str] = _nothing


def open_network(
    design: "StudyDesign",
    spec: "NetworkSpec",
    retrain: str | None,
    epochs: int | None,
    data_root: Path | None,
) -> Winner:
    """A classifier; its recipe and its images, if it is to be trained on all of them."""
    from rexpand.cost import cost_of
    from rexpand.data.load import load
    from rexpand.recipe import find_recipe
    from rexpand.train import train

    # A search network is counted without the classifier that it gets.
    bare = "" if spec.num_classes else " without a classifier"
    cost = cost_of(spec)
    found = Winner(
        params=cost.params,
        macs=cost.macs,
        of=f"{bare}, {spec.resolution} pixels",
    )
    if retrain is None:
        return found
    recipe = find_recipe(retrain)
    recipe = recipe.with_epochs(epochs) if epochs else recipe
    data = load(design.data, root=data_root, resolution=spec.side)

    def trained(folder: Path) -> Trained:
        from rexpand.cli.progress import Bars, TrainingBar

        with resumable(SAME_COMMAND), Bars() as bars:
            bar = TrainingBar(bars)
            record = train(spec, recipe, data, seed=0, folder=folder, progress=bar)
        return Trained(
            said=f"{record.accuracy:.2f} % on {record.evaluated_images:,} "
            f"{record.evaluated_on} images",
            document={
                "accuracy": record.accuracy,
                "evaluated_on": record.evaluated_on,
                "evaluated_images": record.evaluated_images,
            },
        )

    return replace(found, train=trained)


def open_detector(
    design: "StudyDesign",
    spec: "NetworkSpec",
    retrain: str | None,
    epochs: int | None,
    data_root: Path | None,
) -> Winner:
    """A detector on a backbone; likewise, on the images that trained no trial too."""
    import torch

    from rexpand.cli.detect_trained import measured
    from rexpand.codec import to_content
    from rexpand.cost import detector_costs
    from rexpand.data.detection import load_detection
    from rexpand.recipe import DetectorTrialRecipe, find_detection_recipe
    from rexpand.transfer.detection import build_detector, train_detector

    assert design.detector is not None
    assert isinstance(design.recipe, DetectorTrialRecipe)
    detector, skips = design.detector.on(spec), design.recipe.skip_defects
    total = detector_costs(detector, spec, [spec.channels])
    found = Winner(
        params=int(total.params[0]),
        macs=int(total.macs[0]),
        of=f" with {detector.detector}, {detector.architecture.least_side} pixels",
        document={"detector": to_content(detector)},
        command=lambda file: _command(detector, file, design.data, skips),
    )
    if retrain is None:
        return found
    recipe = find_detection_recipe(retrain)
    recipe = recipe.with_epochs(epochs) if epochs else recipe
    images = load_detection(
        design.data, root=data_root, on_defect="skip" if skips else "fail"
    )

    def trained(folder: Path) -> Trained:
        from rexpand.cli.progress import Bars, TrainingBar

        torch.manual_seed(0)
        built = build_detector(detector)
        with resumable(SAME_COMMAND), Bars() as bars:
            bar = TrainingBar(bars)
            record = train_detector(built, images, recipe, folder=folder, progress=bar)
        return Trained(
            said=measured(record.scores),
            document={
                "evaluated_on": "held-out",
                "evaluated_images": record.scores.images,
                **record.scores.headline(),
            },
        )

    return replace(found, train=trained)


def _command(detector: "DetectorSpec", file: Path, data: str, skips: bool) -> str:
    """The line for a shell that trains the detector on the network of a file."""
    words = ["rexpand", "detect", "train", str(file), "--data", data]
    words += ["--detector", detector.detector]
    words += ["--resolution", str(detector.architecture.least_side)]
    words += [each for pair in _unusual(detector) for each in pair]
    return shlex.join([*words, *(["--skip-defects"] if skips else [])])


def _unusual(detector: "DetectorSpec") -> Iterator[tuple[str, str]]:
    """The options for what is not as `rexpand detect train` has it without them."""
    import json

    import torch

    from rexpand.codec import to_content
    from rexpand.spec import NetworkSpec
    from rexpand.transfer.detection import DetectorAsked, detector_on

    backbone, side = detector.backbone, detector.architecture.least_side
    assert isinstance(backbone, NetworkSpec)
    asked = DetectorAsked(detector=detector.detector, resolution=side)
    with torch.device("meta"):
        usual = detector_on(backbone, asked, detector.num_classes).spec
    if detector.levels != usual.levels:
        yield "--levels", ",".join(level.name for level in detector.levels)
    if detector.norm != usual.norm:
        yield "--norm", detector.norm
    architecture = to_content(usual.architecture)
    for name, value in to_content(detector.architecture).items():
        if value != architecture[name]:
            yield "--detector-set", f"{name}={json.dumps(value)}"
