"""Reading and augmenting photographs at 224 pixels against timm's loader, a thread each.

Claim: no more processor time an image than timm's, with the same augmentation. Both open
the same JPEG files, take a random resized crop (bilinear), flip it, change it by
RandAugment (rand-m9-mstd0.5), normalise it, erase (0.2, pixel by pixel), and hand over
float batches; no network runs. The time is that of the processor, of all threads of the
process, so that other work on the machine counts less. `crop and flip` is the same
without RandAugment and erasing. Each is a process of its own, set up as `rexpand train`
and as timm's train.py set theirs up.
"""

import time
from argparse import Namespace
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import torch

from interleave import Report, interleave, parser, ratio
from pacing import Pace, taking_turns
from rexpand.data.load import load
from rexpand.data.split import stratified_subset
from rexpand.data.streams import StreamSplit
from rexpand.memory import keep_freed_memory
from rexpand.recipe import RECIPES, Augmentation

_SIDE, _BATCH, _BATCHES = 224, 16, 15
_CPU = torch.device("cpu")
_CASES: Mapping[str, Augmentation] = {
    "RandAugment": RECIPES["paper"].augmentation,
    "crop and flip": RECIPES["plain"].augmentation,
}


def main() -> None:
    options = parser(__doc__, rounds=9)
    options.add_argument("--data", default="flowers12", help="an image folder")
    chosen = options.parse_args()
    report = Report(__file__, chosen, ("timm", "torchvision", "pillow", "torch"))
    with TemporaryDirectory() as folder:
        split = _split(chosen, Path(folder))
        for name, augmentation in _CASES.items():
            loops = {
                f"rexpand, {name}": partial(_ours, split, augmentation),
                f"timm, {name}": partial(_timms, Path(folder), augmentation),
            }
            steps = 1 if chosen.smoke else _BATCHES
            with taking_turns(
                loops, steps=steps, threads=1, clock=time.process_time
            ) as watches:
                timings = interleave(watches, report.rounds)
            ours, theirs = (each.per(_BATCH) for each in timings.values())
            report.timings([ours, theirs])
            report.ratios([ratio(theirs, ours)])
    report.close()


def _split(chosen: Namespace, folder: Path) -> StreamSplit:
    """Some images of each class; links to them in `folder` are what timm reads."""
    images = (1 if chosen.smoke else _BATCHES) * _BATCH
    split = stratified_subset(load(chosen.data).train, images, seed=0)
    assert isinstance(split, StreamSplit), "files are measured"
    for number, label in enumerate(split.labels):
        file = Path(split.images[number].name)
        link = folder / f"{label:03d}" / file.name
        link.parent.mkdir(exist_ok=True)
        link.symlink_to(file.resolve())
    return replace(split.sized(_SIDE), threads=1)


def _ours(split: StreamSplit, augmentation: Augmentation, pace: Pace) -> None:
    keep_freed_memory()
    for seed in count():
        for _ in split.batches(
            batch_size=_BATCH, device=_CPU, seed=seed, augmentation=augmentation
        ):
            pace()


def _timms(folder: Path, augmentation: Augmentation, pace: Pace) -> None:
    from timm.data import create_dataset, create_loader

    erasing = augmentation.erasing
    loader = create_loader(
        create_dataset("", root=str(folder)),
        input_size=(3, _SIDE, _SIDE),
        batch_size=_BATCH,
        is_training=True,
        auto_augment="rand-m9-mstd0.5" if augmentation.rand_augment else None,
        re_prob=erasing.probability if erasing else 0,
        re_mode="pixel",
        color_jitter=None,
        interpolation="bilinear",
        num_workers=0,
        persistent_workers=False,
        device=_CPU,
    )
    while True:
        for _ in loader:
            pace()


if __name__ == "__main__":
    main()
