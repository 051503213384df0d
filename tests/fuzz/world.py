"""The world of a case: every kind of document, real and tiny, made once."""

import os
import shutil
from pathlib import Path

import numpy as np
from PIL import Image

from annotated import write_coco, write_labelme, write_voc
from designed import leave_design
from fuzz.case import typed
from fuzz.warm import Warm
from rexpand.codec import to_document
from rexpand.design.order import DesignOrder
from rexpand.spec import (
    Head,
    InvertedBottleneck,
    NetworkSpec,
    Stem,
    network_to_toml,
)
from shards import write_shards

LONG_NAME = "n" * 300
_TRAINED = "--recipe recipe.toml --train-subset 64"

# How the folders of the world are made; the same line goes on with them.
MAKERS = {
    "run": f"train tiny.toml {_TRAINED} --out run",
    "study": f"search run --network tiny.toml --macs 60k {_TRAINED} --trials 10 "
    "--seeds 1 --measure torch --out study",
    "other": f"search run --network tiny.toml --macs 30k {_TRAINED} --trials 3 "
    "--seeds 1 --out other",
    "factors": f"rank factors --data digits {_TRAINED} --seeds 1 --macs 300k "
    "--out factors",
    "factorial": f"train factors --data digits {_TRAINED} --seeds 1 --fraction half "
    "--macs 150k --tolerance 0.05 --out factorial",
    "compared": f"upgrade tiny.toml --train digits {_TRAINED} --seeds 2 --out compared",
    "tuned": f"finetune tiny.toml --from-scratch {_TRAINED} --lr-grid 0.01,0.05 "
    "--seeds 1 --out tuned",
    "table": "bench blocks tiny.toml --macs 40k --runtime torch --rounds 2 "
    "--configurations 5 --multiple-of 2 --out table.json",
    "layers": "rank layers --networks 2 --structures conv1x1 --activations relu "
    "--dim-ratios 0.5,1 --jobs 1 --out layers",
    "timed": "bench tiny.toml tiny.toml --runtime torch --rounds 6 --out timed",
    "rows": "search table study --out rows.parquet --card rows.md",
    "detectors": "search run --network search_18 --data shapes --detector ssdlite "
    "--resolution 32 --detector-set extra_channels=[] --macs 9M --trials 2 --seeds 1 "
    "--epochs 1 --batch-size 2 --out detectors",
    "found": "detect train search_18 --data shapes --resolution 32 --epochs 1 "
    "--batch-size 2 --detector-set extra_channels=[] --out found",
}
# A design that is over: the same line reads its result, and writes its page.
DESIGNED = "design --data mine.npz --macs 40k --hours 0.02 --out designed"
_AXES = MAKERS["layers"].replace("rank layers", "rank axes")

# A stranger's package: what its factories do is their name.
_SHOP = """
import os, sys, time
import torch
from torch import nn

class Square(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv, self.head = nn.Conv2d(1, 4, 3), nn.Linear(4, 10)
    def forward(self, x):
        return self.head(self.conv(x).mean((2, 3)))

class Raising(Square):
    def forward(self, x):
        raise RuntimeError("forward\\nof two lines \\x1b[31m")

class Exiting(Square):
    def forward(self, x):
        sys.exit(0)

class Stopping(Square):
    def forward(self, x):
        raise KeyboardInterrupt

class Printing(Square):
    def forward(self, x):
        print("hello")
        return super().forward(x)

class TwoInputs(Square):
    def forward(self, x, y):
        return super().forward(x)

class Nothing(Square):
    def forward(self, x):
        return None

class Nested(Square):
    def forward(self, x):
        return {"out": [super().forward(x)]}

class Recursive(Square):
    def forward(self, x):
        return self.forward(x)

class ThreeChannels(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)
    def forward(self, x):
        return self.conv(x)

def square(): return Square()
def raising(): return Raising()
def exiting(): return Exiting()
def stopping(): return Stopping()
def printing(): print("hello"); return Printing()
def two_inputs(): return TwoInputs()
def nothing(): return Nothing()
def nested(): return Nested()
def recursive(): return Recursive()
def three_channels(): return ThreeChannels()
def empty(): return nn.Sequential()
def raises(): raise ValueError("factory\\nof two lines \\x1b[31m" + "x" * 5000)
def raises_base():
    class Odd(BaseException): pass
    raise Odd
def exits(): sys.exit(7)
def exits_zero(): sys.exit(0)
def interrupts(): raise KeyboardInterrupt
def returns_none(): return None
def returns_text(): return "a network"
def returns_class(): return Square
def needs(width): return Square()
def recursion(): return recursion()
def system_error(): raise SystemError
def memory(): raise MemoryError
def no_files(): open("/nowhere/at/all")
def block(d_in, d_out, activation):
    return nn.Sequential(nn.Conv2d(d_in, d_out, 1), nn.ReLU())
def block_raising(d_in, d_out, activation): raise ValueError("block")
def block_nothing(d_in, d_out, activation): return None
def block_narrow(d_in, d_out, activation): return nn.Conv2d(d_in, 1, 1)
value = 3
square_object = Square()
"""
FACTORIES = (
    *(line[4:].split("(")[0] for line in _SHOP.splitlines() if line[:4] == "def "),
    "value",
    "square_object",
    "Square",
    "not_there",
    "os.getcwd",
)


def make_world(folder: Path, warm: Warm) -> None:
    """Fill a folder with every document, made by the program itself where it can."""
    folder.mkdir()
    _write_specs(folder)
    _write_data(folder)
    _write_places(folder)
    for line in [*MAKERS.values(), _AXES]:
        done = warm.run(typed(line), folder)
        assert done.code == 0, f"rexpand {line}\n{done.err}"
    shutil.copytree(folder / "run", folder / "half")
    for name in ("record.json", "network.safetensors"):
        (folder / "half" / "seed-0" / name).unlink()
    order = DesignOrder(data="mine.npz", macs=40e3, hours=0.02)
    leave_design(order, folder / "designed")
    _write_weights(folder)
    for kind in ("factors/rows", "factorial/cells"):
        for heavy in folder.glob(f"{kind}/*/*/*.safetensors"):
            heavy.unlink()
    for figures in [*folder.rglob("figures")]:
        shutil.rmtree(figures)
    shutil.rmtree(folder / "runs", ignore_errors=True)


def _write_specs(folder: Path) -> None:
    spec = NetworkSpec(
        name="tiny",
        family="tiny",
        stem=Stem(out_channels=4, stride=1),
        blocks=(
            InvertedBottleneck(out_channels=6, expand_ratio=2.0),
            InvertedBottleneck(out_channels=8, stride=2, expand_ratio=2.0),
        ),
        head=Head(channels=0),
        resolution=8,
        in_channels=1,
        num_classes=10,
    )
    (folder / "tiny.toml").write_text(network_to_toml(spec))
    (folder / "tiny.json").write_text(to_document(spec))
    (folder / "recipe.toml").write_text(
        'epochs = 1\nbatch_size = 16\nvalidation = 32\nprecision = "fp32"\n'
        "label_smoothing = 0.1\n[optimizer]\nlearning_rate = 0.05\n"
        "[schedule]\nwarmup_epochs = 0.25\n[augmentation]\ncrop_padding = 1\n"
    )
    (folder / "lint.toml").write_text(
        '[lint]\nignore = ["RX007"]\nmultiple_of = 8\ntarget = "float"\n'
        'fail_on = "error"\n[lint.levels]\nRX006 = "error"\n'
        "[lint.thresholds]\nexpansion = 4.0\n"
    )
    (folder / "shop.py").write_text(_SHOP)


def _write_data(folder: Path) -> None:
    from tables import tables  # and with it datasets, which takes seconds

    random = np.random.default_rng(0)
    images = random.integers(0, 255, (20, 8, 8), np.uint8)
    labels = np.arange(20) % 2
    np.savez(
        folder / "mine.npz",
        train_images=images,
        train_labels=labels,
        test_images=images,
        test_labels=labels,
        class_names=np.array(["ash", "oak"]),
    )
    for number in range(10):
        part = "train" if number < 6 else "test"
        place = folder / "pictures" / part / ("ash", "oak")[number % 2]
        place.mkdir(parents=True, exist_ok=True)
        picture = Image.fromarray(random.integers(0, 255, (16, 16, 3), np.uint8))
        picture.save(place / f"{number}.{'png' if number % 4 < 2 else 'jpg'}")
    shapes = write_coco(folder / "shapes", {"train": 4, "val": 2})
    write_voc(folder / "voc", shapes, sets=True)
    write_labelme(folder / "labelme", shapes, shape="polygon")
    write_shards(folder / "pictures", folder / "shards", per_shard=6)
    tables(folder / "pictures").save_to_disk(folder / "saved")


def _write_weights(folder: Path) -> None:
    import torch
    from safetensors.torch import load_file

    trained = folder / "run" / "seed-0" / "network.safetensors"
    shutil.copy(trained, folder / "weights.safetensors")
    state = load_file(trained)
    torch.save(state, folder / "weights.pth")
    np.savez(folder / "weights.npz", **{name: t.numpy() for name, t in state.items()})


def _write_places(folder: Path) -> None:
    (folder / "taken.txt").write_text("this was here\n")
    (folder / "empty").mkdir()
    (folder / "letters").mkdir()
    (folder / "letters" / "letter.txt").write_text("dear\n")
    readonly = folder / "readonly"
    readonly.mkdir()
    readonly.chmod(0o500)
    (folder / "loop").symlink_to("loop")
    (folder / "dangling").symlink_to("nowhere")
    os.mkfifo(folder / "pipe")
