"""A network designed for a data set: what was looked at, planned, tried and found."""

from dataclasses import dataclass
from typing import Annotated, Literal

from rexpand.ranges import (
    COUNT,
    EPOCHS,
    GAIN,
    LATENCY_MS,
    MACS,
    MULTIPLIER,
    PARAMS,
    PERCENT,
    RESOLUTION,
    SECONDS,
    SEEDS,
    TRIALS,
    WIDTH,
)
from rexpand.recipe import Recipe
from rexpand.records.comparison import VerdictWord
from rexpand.records.provenance import Provenance
from rexpand.records.spread import Interval

DesignStep = Literal["trials", "search", "training", "evaluation"]
Form = Literal["imagenet", "cifar"]
Question = Literal["family", "size"]
VERSION = 1


@dataclass(frozen=True, kw_only=True)
class DataLook:
    """What a data set holds, as far as it matters to the design.

    `least` and `most` are the names of the smallest and the largest class, with their
    numbers of training images. `side` is the median of the shorter sides of the images
    that were looked at, in pixels. So many training images are `held_out` to judge
    trials; the test images judge the end alone.
    """

    name: str
    has_files: bool
    classes: int
    channels: int
    train_images: Annotated[int, COUNT]
    test_images: Annotated[int, COUNT]
    held_out: Annotated[int, COUNT]
    least: str
    least_images: Annotated[int, COUNT]
    most: str
    most_images: Annotated[int, COUNT]
    side: Annotated[int, COUNT]
    least_side: Annotated[int, COUNT]
    most_side: Annotated[int, COUNT]

    @property
    def learned(self) -> int:
        """Training images besides those that are held out."""
        return self.train_images - self.held_out


@dataclass(frozen=True, kw_only=True)
class DesignSize:
    """The form of a network's input, and the side of its images in pixels."""

    form: Form
    resolution: Annotated[int, RESOLUTION]

    def __str__(self) -> str:
        form = " in cifar form" if self.form == "cifar" else ""
        return f"{self.resolution} px{form}"


@dataclass(frozen=True, kw_only=True)
class DesignCandidate:
    """A network of the catalogue, scaled as a whole until it fills the budget.

    `width_mult` is its family's own; `channels` are then scaled by one factor. A network
    trains on so many `images_per_second`, measured on its first steps, and is ready to
    after `ready_seconds`.
    """

    network: str
    size: DesignSize
    width_mult: Annotated[float, MULTIPLIER]
    channels: tuple[Annotated[int, WIDTH], ...]
    params: Annotated[int, COUNT]
    macs: Annotated[int, COUNT]
    fill: float
    images_per_second: float | None = None
    ready_seconds: Annotated[float, SECONDS] = 0.0
    latency_ms: float | None = None

    def __str__(self) -> str:
        return f"{self.network} at {self.size}"


@dataclass(frozen=True, kw_only=True)
class TimeShare:
    """What a step may take, and what that buys: so many trainings of so many epochs."""

    step: DesignStep
    seconds: Annotated[float, SECONDS]
    trainings: Annotated[int, COUNT]
    epochs: Annotated[int, COUNT]
    reason: str


@dataclass(frozen=True, kw_only=True)
class DesignPlan:
    """What will be tried in which time; all times are predictions.

    `left_out` says why families of the catalogue are no candidates.
    """

    data: DataLook
    budget_macs: Annotated[float, MACS] | None
    budget_params: Annotated[float, PARAMS] | None
    most_latency_ms: Annotated[float, LATENCY_MS] | None
    runtime: str
    seconds: Annotated[float, SECONDS]
    teacher: str | None
    candidates: tuple[DesignCandidate, ...]
    sizes: tuple[DesignSize, ...]
    left_out: tuple[str, ...]
    reasons: tuple[str, ...]
    shares: tuple[TimeShare, ...]
    search_recipe: Recipe
    recipe: Recipe
    provenance: Provenance
    version: int = VERSION

    def share(self, step: DesignStep) -> TimeShare:
        """That of a step."""
        return next(each for each in self.shares if each.step == step)


@dataclass(frozen=True, kw_only=True)
class DesignTrial:
    """A candidate trained for a few epochs, judged on the held-out images."""

    question: Question
    candidate: DesignCandidate
    epochs: Annotated[int, EPOCHS]
    accuracy: Annotated[float, PERCENT]
    seconds: Annotated[float, SECONDS]


@dataclass(frozen=True, kw_only=True)
class DesignProposal:
    """The family and the size that the trials chose, and the search of its channels."""

    trials: tuple[DesignTrial, ...]
    winner: DesignCandidate
    reasons: tuple[str, ...]
    search_trials: Annotated[int, TRIALS]
    search_epochs: Annotated[int, EPOCHS]
    seconds: Annotated[float, SECONDS]
    version: int = VERSION


@dataclass(frozen=True, kw_only=True)
class DesignTeacher:
    """The network whose scores teach both: where it is from, and how good it is here.

    It was fine-tuned for so many `epochs` on the training images; 0 where it knew these
    classes. `accuracy` is on the test images, in percent, None where it was not judged.
    """

    origin: str
    macs: Annotated[int, COUNT]
    resolution: Annotated[int, RESOLUTION]
    epochs: Annotated[int, COUNT]
    accuracy: Annotated[float, PERCENT] | None
    seconds: Annotated[float, SECONDS]
    version: int = VERSION


@dataclass(frozen=True, kw_only=True)
class DesignTraining:
    """How both networks are trained to the end: epochs, seeds, and why so many."""

    epochs: Annotated[int, EPOCHS]
    seeds: Annotated[int, SEEDS]
    reason: str
    search_seconds: Annotated[float, SECONDS]
    search_accuracy: Annotated[float, PERCENT]
    teacher: DesignTeacher | None = None
    version: int = VERSION


@dataclass(frozen=True, kw_only=True)
class DesignSide:
    """One of the two networks: accuracies in percent on the test images, one per seed."""

    network: str
    channels: tuple[Annotated[int, WIDTH], ...]
    params: Annotated[int, COUNT]
    macs: Annotated[int, COUNT]
    accuracies: tuple[Annotated[float, PERCENT], ...]
    accuracy: Interval | None
    latency_ms: float | None = None


@dataclass(frozen=True, kw_only=True)
class DesignVerdict:
    """The searched network less that of the catalogue, in points of test accuracy.

    `by_seed` is Student's interval over the paired seeds; it has no ends for one seed.
    `by_image` is the bootstrap's over the test images, the seeds together. The searched
    network is better or worse where both leave out 0 (the second alone, for one seed).
    """

    searched: DesignSide
    catalogue: DesignSide
    gains: tuple[Annotated[float, GAIN], ...]
    by_seed: Interval
    by_image: Interval
    verdict: VerdictWord
    confidence: float
    test_images: Annotated[int, COUNT]
    seconds: Annotated[float, SECONDS]
    version: int = VERSION


@dataclass(frozen=True, kw_only=True)
class DesignExport:
    """The files of the network that is handed over, and the lines that open them.

    `difference` is ONNX Runtime's largest from torch's scores, as a share of the largest
    score, on random images and on real ones.
    """

    network: str
    is_searched: bool
    accuracy: Annotated[float, PERCENT]
    files: tuple[str, ...]
    size_bytes: Annotated[int, COUNT]
    difference: float
    real_images: Annotated[int, COUNT]
    in_pytorch: tuple[str, ...]
    in_timm: tuple[str, ...]
    in_onnxruntime: tuple[str, ...]
    version: int = VERSION


@dataclass(frozen=True, kw_only=True)
class DesignResult:
    """All of a design that is over."""

    plan: DesignPlan
    proposal: DesignProposal
    training: DesignTraining
    verdict: DesignVerdict
    export: DesignExport
    seconds: Annotated[float, SECONDS]
    provenances: tuple[Provenance, ...]
    version: int = VERSION
