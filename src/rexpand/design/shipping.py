"""What is handed over: weights, ONNX, model card, and the lines that open them."""

import re
from pathlib import Path

import torch

from rexpand.data.dataset import DataSet
from rexpand.deploy import export
from rexpand.design.order import MODEL
from rexpand.hub import publication, write_files
from rexpand.models import open_source
from rexpand.records.design import DesignExport, DesignVerdict
from rexpand.records.record import WEIGHTS
from rexpand.search.arms import Arm
from rexpand.spec import HUB_FILE, Source

_REAL_IMAGES = 32
_ONNX = "network.onnx"

IN_PYTORCH = (
    "from rexpand import Source",
    "from rexpand.models import open_source",
    f'network = open_source(Source.parse("{HUB_FILE}")).module.eval()',
)
IN_TIMM = (
    "import timm",
    "import rexpand.timm",
    f'network = timm.create_model("rexpand", spec="{HUB_FILE}").eval()',
)
IN_ONNXRUNTIME = (
    "import onnxruntime",
    f'session = onnxruntime.InferenceSession("{_ONNX}")',
    "scores = session.run(None, {session.get_inputs()[0].name: images})[0]",
)


def ship(
    arms: tuple[Arm, Arm], verdict: DesignVerdict, data: DataSet, folder: Path
) -> DesignExport:
    """Export the searched network, or the catalogue's where that is better.

    Of its seeds the first: none is chosen by test images. Raises RunError where ONNX
    Runtime gives other scores.
    """
    is_searched = verdict.verdict != "worse"
    arm = arms[0] if is_searched else arms[1]
    side = verdict.searched if is_searched else verdict.catalogue
    trained = arm.folder / "seed-0" / WEIGHTS
    opened = open_source(Source(kind="checkpoint", name=str(trained)))
    count = min(_REAL_IMAGES, len(data.test))
    (done,) = export(
        opened,
        ["onnx"],
        folder / MODEL,
        name=_ONNX.partition(".")[0],
        images=_first_images(data, count),
    )
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", f"{data.name}-{arm.spec.name}").strip("-.")
    known = publication(
        arm.folder, f"your-name/{name}", license="other", onnx=done.files[0]
    )
    files = write_files(known, folder / MODEL)
    return DesignExport(
        network=arm.spec.name,
        is_searched=is_searched,
        accuracy=side.accuracies[0],
        files=tuple(str(each.relative_to(folder)) for each in files),
        size_bytes=done.size_bytes,
        difference=done.difference,
        real_images=count,
        in_pytorch=IN_PYTORCH,
        in_timm=IN_TIMM,
        in_onnxruntime=IN_ONNXRUNTIME,
    )


def _first_images(data: DataSet, count: int) -> torch.Tensor:
    batches = data.test.subset(range(count)).batches(
        batch_size=count, device=torch.device("cpu"), seed=None, augmentation=None
    )
    return next(iter(batches))[0].contiguous()
