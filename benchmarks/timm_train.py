"""`rexpand train` against timm's own train.py: the same network, images and batches.

Claim: on a CPU at least 1.3 times its images a second at 32 pixels, and not slower at 224.
train.py is no part of timm's wheel. Get it once, outside of this repository, in the
version of the installed timm, and name it:

    git clone --depth 1 https://github.com/huggingface/pytorch-image-models
    python benchmarks/timm_train.py --train-py pytorch-image-models/train.py

Both are processes of their own, as a user starts them, and read the same image files with
the same augmentation: random resized crop and flip, or the paper's (RandAugment,
erasing). First timm gets a trial of each of its settings for a CPU, and the fastest one
is used. Then they take turns, two epochs at a time, and the second is what counts: all of
its steps, the reading of its images too, but no evaluation. At 32 pixels a third rival is
rexpand on the same images as one file of arrays, as CIFAR is kept.
"""

import json
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from PIL import Image

from interleave import Report, interleave, parser, ratio
from rexpand.data.load import load
from rexpand.data.split import stratified_subset

_OURS, _ARRAYS, _TIMM = "rexpand", "rexpand, arrays", "timm"
# What of timm's options makes a CPU faster: each is tried.
_SETTINGS: Mapping[str, tuple[str, ...]] = {
    f"{workers} workers, {layout}, {fetch}": (
        *("--workers", str(workers)),
        *(("--channels-last",) if layout == "channels last" else ()),
        *(("--no-prefetcher",) if fetch == "no prefetcher" else ()),
    )
    for workers in (1, 2, 4)
    for layout in ("channels last", "contiguous")
    for fetch in ("prefetcher", "no prefetcher")
    if layout == "channels last" or (workers, fetch) == (2, "prefetcher")
}
_AVERAGE = re.compile(r"\(([0-9.]+)s, +[0-9.]+/s\)")  # of a step, over the epoch


@dataclass(frozen=True, kw_only=True)
class Case:
    """A network on image files at one size, and how they are augmented."""

    name: str
    network: str
    resolution: int
    batch: int
    images: int
    is_papers: bool = False


_CASES = (
    Case(
        name="32 px, crop and flip",
        network="mobilenetv2_100",
        resolution=32,
        batch=128,
        images=128 * 48,
    ),
    Case(
        name="32 px, the paper's augmentation",
        network="mobilenetv2_100",
        resolution=32,
        batch=128,
        images=128 * 48,
        is_papers=True,
    ),
    Case(
        name="224 px, crop and flip",
        network="mobilenetv2_100",
        resolution=224,
        batch=16,
        images=16 * 20,
    ),
)
_SMOKE = Case(
    name="32 px, smoke", network="mobilenetv2_035", resolution=32, batch=16, images=112
)


def main() -> None:
    options = parser(__doc__, rounds=5)
    options.add_argument("--train-py", type=Path, required=True, metavar="FILE")
    options.add_argument("--case", type=int, help="one of the cases alone, from 0")
    chosen = options.parse_args()
    libraries = ("timm", "torch", "torchvision", "pillow", "numpy")
    report = Report(__file__, chosen, libraries)
    cases = (_SMOKE,) if chosen.smoke else _CASES
    if chosen.case is not None:
        cases = (cases[chosen.case],)
    with TemporaryDirectory() as folder:
        for number, case in enumerate(cases):
            place = Path(folder, str(number))
            classes = _write_images(case, place)
            _compare(case, classes, place, chosen.train_py, report, chosen.smoke)
    report.close()


def _compare(
    case: Case,
    classes: int,
    place: Path,
    train_py: Path,
    report: Report,
    is_smoke: bool,
) -> None:
    def timm(setting: str) -> float:
        return _timm(case, classes, place, train_py, _SETTINGS[setting])

    names = list(_SETTINGS)[:2] if is_smoke else list(_SETTINGS)
    trials = {name: timm(name) for name in names}
    best = min(trials, key=lambda name: trials[name])
    print(f"{case.name}: {case.network}, batch {case.batch}, {case.images:,} images")
    report.table(
        ("timm's setting", "images a second"),
        [(name, f"{1 / seconds:,.0f}") for name, seconds in trials.items()],
    )
    rivals = {
        f"{_OURS}, {case.name}": partial(_rexpand, case, place / "images", place),
        f"{_TIMM}, {case.name}": partial(timm, best),
    }
    if case.resolution == 32 and not case.is_papers:
        arrays = place / "images.npz"
        rivals[f"{_ARRAYS}, {case.name}"] = partial(_rexpand, case, arrays, place)
    timings = interleave(rivals, report.rounds)
    report.timings(timings.values())
    _, theirs, *_ = timings.values()
    ours = [each for each in timings.values() if each is not theirs]
    report.ratios([ratio(theirs, each) for each in ours])
    rates = {name: 1 / each.median for name, each in timings.items()}
    said = ", ".join(f"{name}: {rate:,.0f}" for name, rate in rates.items())
    report.finding(
        case.name, {**rates, "timm's setting": best}, f"images a second: {said}\n"
    )


def _rexpand(case: Case, data: Path, place: Path) -> float:
    """Seconds an image, in the second epoch."""
    is_files = data.is_dir()
    with TemporaryDirectory(dir=place) as folder:
        _run(
            [
                *(sys.executable, "-m", "rexpand", "train", case.network, "--json"),
                *("--data", str(data), "--resolution", str(case.resolution)),
                *("--recipe", "folder", "--epochs", "2", "--lr", "0.05"),
                *("--batch-size", str(case.batch), "--out", folder),
                *(_papers() if case.is_papers else ()),
                *(() if is_files else ("--set", "augmentation.crop_padding=4")),
            ]
        )
        record = json.loads(Path(folder, "seed-0", "record.json").read_text())
    return 1 / float(record["epochs"][1]["images_per_second"])


def _papers() -> Sequence[str]:
    return ("--augment", "paper")


def _timm(
    case: Case, classes: int, place: Path, train_py: Path, setting: Sequence[str]
) -> float:
    """Seconds an image, in the second epoch."""
    papers = ("--aa", "rand-m9", "--reprob", "0.2") if case.is_papers else ()
    with TemporaryDirectory(dir=place) as folder:
        done = _run(
            [
                *(sys.executable, str(train_py), "--data-dir", str(place / "images")),
                *("--train-split", "train", "--val-split", ""),
                *("--model", case.network, "--num-classes", str(classes)),
                *("--input-size", "3", str(case.resolution), str(case.resolution)),
                *("--device", "cpu", "--batch-size", str(case.batch)),
                *("--opt", "sgd", "--lr", "0.05", "--weight-decay", "1e-4"),
                *("--epochs", "2", "--warmup-epochs", "0", "--smoothing", "0"),
                *("--color-jitter", "0", "--train-interpolation", "bilinear"),
                *("--log-interval", "1000", "--output", folder),
                *papers,
                *setting,
            ]
        )
    lines = [line for line in done.splitlines() if "Train: 1 [" in line]
    found = _AVERAGE.search(lines[-1])
    if found is None:
        raise RuntimeError(f"train.py printed no time: {lines[-1]}")
    return float(found[1]) / case.batch


def _run(command: Sequence[str]) -> str:
    """What a program prints, all of it; its last lines, if it fails."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}\n{done.stderr[-2000:]}")
    return done.stdout + done.stderr


def _write_images(case: Case, place: Path) -> int:
    """An image folder, and at 32 pixels the same images as arrays; gives the classes.

    CIFAR-100's images are written as PNG; at 224 pixels they are flowers, as JPEG.
    """
    images = place / "images"
    if case.resolution != 32:
        return _write_flowers(case, images)
    data = load("cifar100")
    arrays = {}
    for part, split in (("train", data.train), ("test", data.test)):
        count = case.images if part == "train" else 2 * data.num_classes
        chosen = stratified_subset(split, max(count, data.num_classes), seed=0)
        pixels, labels = chosen.images.numpy()[chosen.rows], chosen.labels  # type: ignore[attr-defined]
        arrays[f"{part}_images"], arrays[f"{part}_labels"] = pixels, labels
        for number, (pixel, label) in enumerate(zip(pixels, labels, strict=True)):
            file = images / part / f"{label:03d}" / f"{number}.png"
            file.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(pixel).save(file)
    np.savez(place / "images.npz", **arrays)
    return data.num_classes


def _write_flowers(case: Case, images: Path) -> int:
    """Links to the flowers, as many as make whole batches."""
    data = load("flowers12")
    for part, split in (("train", data.train), ("test", data.test)):
        count = case.images if part == "train" else 2 * data.num_classes
        chosen = stratified_subset(split, count, seed=0)
        for image in chosen.images:  # type: ignore[attr-defined]
            file = Path(image.name)
            link = images / part / file.parent.name / file.name
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(file.resolve())
    return data.num_classes


if __name__ == "__main__":
    main()
