"""Count the padding of batches of images, drawn at random and by aspect ratio.

    python scripts/detection_padding.py coco_mini [--epochs 100] [--out results/detection]

Faster and Mask R-CNN resize images to a shorter side of 800 pixels, a longer one of 1333
at most, and pad them to the largest of the batch, to a multiple of 32. padding.csv says
which share of a batch's pixels is padding: the mean and the standard deviation over
epochs, each with a seed of its own. Nothing is read but the sizes of the images.
"""

import argparse
import csv
from collections.abc import Sequence
from math import ceil, floor
from pathlib import Path
from statistics import mean, stdev

from rexpand.data.detection import DetectionSplit, load_detection

_SHORTER, _LONGER, _MULTIPLE = 800, 1333, 32
_FACTORS = (None, 0, 3)  # None: drawn at random
_BATCHES = (2, 8, 16)
Size = tuple[int, int]


def resized(height: int, width: int) -> Size:
    """The sides of an image as the detectors take it."""
    scale = min(_SHORTER / min(height, width), _LONGER / max(height, width))
    return floor(height * scale), floor(width * scale)


def padding(sizes: Sequence[Size]) -> tuple[int, int]:
    """The pixels of one batch that are padding, and all of them."""
    tallest, widest = (
        _MULTIPLE * ceil(max(side) / _MULTIPLE) for side in zip(*sizes, strict=True)
    )
    pixels = len(sizes) * tallest * widest
    return pixels - sum(height * width for height, width in sizes), pixels


def share_of_epoch(
    split: DetectionSplit, seed: int, batch_size: int, factor: int | None
) -> float:
    """The share of the pixels of an epoch that are padding."""
    order = split.drawn_order(seed, batch_size, factor)
    sizes = [resized(each.height, each.width) for each in split.images]
    batches = [padding([sizes[p] for p in batch]) for batch in order.split(batch_size)]
    return sum(each for each, _ in batches) / sum(pixels for _, pixels in batches)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("data")
    options.add_argument("--epochs", type=int, default=100)
    options.add_argument("--out", type=Path, default=Path("results/detection"))
    given = options.parse_args()
    split = load_detection(given.data, on_defect="skip").train
    rows = []
    for batch_size in _BATCHES:
        for factor in _FACTORS:
            shares = [
                share_of_epoch(split, seed, batch_size, factor)
                for seed in range(given.epochs)
            ]
            rows.append(
                {
                    "data": given.data,
                    "images": len(split),
                    "batch_size": batch_size,
                    "aspect_ratio_group_factor": "" if factor is None else factor,
                    "epochs": given.epochs,
                    "padding": f"{mean(shares):.4f}",
                    "std": f"{stdev(shares):.4f}",
                }
            )
            print(rows[-1])
    given.out.mkdir(parents=True, exist_ok=True)
    with (given.out / "padding.csv").open("w", newline="") as file:
        table = csv.DictWriter(file, rows[0], lineterminator="\n")
        table.writeheader()
        table.writerows(rows)


if __name__ == "__main__":
    main()
