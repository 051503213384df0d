"""A design that is over, its numbers made up, so that nothing is trained."""

from dataclasses import replace
from pathlib import Path

from rexpand.codec import to_document
from rexpand.design.order import RESULT, DesignOrder, order_folder
from rexpand.recipe import RECIPES
from rexpand.records import Interval, Machine, Provenance, write_atomic
from rexpand.records.design import (
    DataLook,
    DesignCandidate,
    DesignExport,
    DesignPlan,
    DesignProposal,
    DesignResult,
    DesignSide,
    DesignSize,
    DesignTraining,
    DesignTrial,
    DesignVerdict,
    TimeShare,
)

PROVENANCE = Provenance(
    command=("rexpand", "design", "--data", "flowers12_224", "--macs", "20M"),
    commit="0123456789abcdef",
    has_changes=False,
    versions={"python": "3.11.2", "rexpand": "0.1.0", "torch": "2.14.1"},
    machine=Machine(cpu="a cpu", cores=2, memory_gb=8.0, system="Linux"),
    threads=2,
    seeds=(0, 1, 2),
    data_fingerprint="f00d",
)
LOOK = DataLook(
    name="flowers12_224",
    has_files=True,
    classes=12,
    channels=3,
    train_images=720,
    test_images=240,
    held_out=72,
    least="bluebell",
    least_images=60,
    most="windflower_with_a_long_name",
    most_images=60,
    side=224,
    least_side=224,
    most_side=224,
)
SIZE = DesignSize(form="imagenet", resolution=96)
CANDIDATE = DesignCandidate(
    network="mobilenetv2_100",
    size=SIZE,
    width_mult=0.521,
    channels=(9, 17, 17, 17, 17, 17, 34, 35, 35, 35, 52, 52, 52, 86, 86, 86, 173),
    params=703_000,
    macs=19_980_000,
    fill=0.999,
    images_per_second=120.0,
    ready_seconds=1.5,
)
OTHERS = ("rexnet_100", "mobilenetv3_large_100", "efficientnet_b0", "shufflenetv2_100")
RECIPE = replace(RECIPES["folder"], validation=72)


def _trial(network: str, accuracy: float, side: int = 96) -> DesignTrial:
    size = replace(SIZE, resolution=side)
    return DesignTrial(
        question="family" if side == 96 else "size",
        candidate=replace(CANDIDATE, network=network, size=size),
        epochs=6,
        accuracy=accuracy,
        seconds=30.0,
    )


def _share(step: str, seconds: float, trainings: int, epochs: int) -> TimeShare:
    return TimeShare(
        step=step, seconds=seconds, trainings=trainings, epochs=epochs, reason="why"
    )


def design_result(
    gains: tuple[float, ...] = (2.1, 0.4, 1.3), *, is_searched: bool = True
) -> DesignResult:
    """A result with these gains, one per seed."""
    plan = DesignPlan(
        data=LOOK,
        budget_macs=20e6,
        budget_params=None,
        most_latency_ms=None,
        runtime="onnxruntime",
        seconds=1800.0,
        teacher=None,
        candidates=(CANDIDATE,),
        sizes=(SIZE, replace(SIZE, resolution=128)),
        left_out=("mobilenetv3_small_100: no width of it fills the budget",),
        reasons=("files with a median shorter side of 224 pixels",),
        shares=(
            _share("trials", 270.0, 6, 6),
            _share("search", 630.0, 20, 10),
            _share("training", 810.0, 6, 40),
            _share("evaluation", 90.0, 0, 0),
        ),
        search_recipe=RECIPE,
        recipe=replace(RECIPE, validation=0),
        provenance=PROVENANCE,
    )
    trials = (
        _trial("mobilenetv2_100", 61.1),
        *(_trial(name, 50.0 + place) for place, name in enumerate(OTHERS)),
        _trial("mobilenetv2_100", 58.3, 128),
    )
    proposal = DesignProposal(
        trials=trials,
        winner=CANDIDATE,
        reasons=("mobilenetv2_100 at 96 px reached 61.1 %",),
        search_trials=20,
        search_epochs=10,
        seconds=180.0,
    )
    catalogue = DesignSide(
        network="mobilenetv2_100_96px",
        channels=CANDIDATE.channels,
        params=CANDIDATE.params,
        macs=CANDIDATE.macs,
        accuracies=(70.0, 71.0, 70.5),
        accuracy=Interval(mean=70.5, low=69.3, high=71.7, count=3),
    )
    line = tuple(range(9, 9 + 10 * 17, 10))
    searched = replace(catalogue, network="mobilenetv2_100_searched", channels=line)
    middle = sum(gains) / len(gains)
    several = len(gains) > 1
    verdict = DesignVerdict(
        searched=searched,
        catalogue=catalogue,
        gains=gains,
        by_seed=Interval(
            mean=middle,
            low=middle - 2.1 if several else None,
            high=middle + 2.1 if several else None,
            count=len(gains),
        ),
        by_image=Interval(mean=middle, low=middle - 1.5, high=middle + 1.5, count=240),
        verdict="undecided",
        confidence=0.95,
        test_images=240,
        seconds=800.0,
    )
    export = DesignExport(
        network=searched.network if is_searched else catalogue.network,
        is_searched=is_searched,
        accuracy=70.0,
        files=("model/README.md", "model/network.safetensors", "model/network.onnx"),
        size_bytes=3_000_000,
        difference=3e-7,
        real_images=32,
        in_pytorch=("from rexpand import Source", "network = ..."),
        in_timm=("import timm", "import rexpand.timm", "network = ..."),
        in_onnxruntime=("import onnxruntime", "session = ..."),
    )
    return DesignResult(
        plan=plan,
        proposal=proposal,
        training=DesignTraining(
            epochs=40,
            seeds=len(gains),
            reason="13.5 of 30.0 min were left, and an epoch takes 6.6 s",
            search_seconds=610.0,
            search_accuracy=66.7,
        ),
        verdict=verdict,
        export=export,
        seconds=1590.0,
        provenances=(PROVENANCE,),
    )


def leave_design(order: DesignOrder, folder: Path) -> None:
    """The folder of a design that is over."""
    order_folder(folder).create(order, PROVENANCE)
    write_atomic(folder / RESULT, to_document(design_result()))
