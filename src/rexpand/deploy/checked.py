"""A network of a source as an ONNX file that was compared with it first."""

import json
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from rexpand.codec import to_line
from rexpand.deploy.onnx import BATCHES, OPSET, export_onnx, onnx_difference
from rexpand.errors import RunError
from rexpand.models import Opened, check_runs
from rexpand.records import write_atomic
from rexpand.spec import ImageContract

TOLERANCE = 1e-4  # of the largest score, as for the whole catalogue (docs/hosts.md)
# An export took 2.5 times what one pass reads and writes: torch's convolutions copy their
# maps into another layout, and keep them while the runtime holds its own.
_PASSES = 3


@dataclass(frozen=True, kw_only=True)
class Exported:
    """A file, the images that it takes, and how far its scores are from torch's.

    `difference` is the largest over random images, as a share of the largest score.
    """

    path: Path
    contract: ImageContract
    opset: int
    size_bytes: int
    difference: float


def export_checked(
    opened: Opened, path: str | Path, resolution: int | None = None
) -> Exported:
    """Write a network with its weights as ONNX; its properties say what it takes.

    The properties are `network`, `contract` (as in a checkpoint) and `class_names`, a
    list. The file is written only after its scores agree within TOLERANCE. Raises
    RunError if they do not, or if the network cannot be written, and SpecError if no
    memory holds the images of the check.
    """
    path = Path(path)
    contract = opened.contract.at(resolution)
    check_runs(opened.module, images=_PASSES * max(BATCHES), resolution=contract.height)
    properties = {
        "network": str(opened.source),
        "contract": to_line(contract),
        "class_names": json.dumps(contract.class_names),
    }
    with TemporaryDirectory() as folder:
        draft = Path(folder) / "draft.onnx"
        export_onnx(opened.module, contract.image, draft, properties)
        difference = onnx_difference(opened.module, contract.image, draft)
        if not difference <= TOLERANCE:
            raise RunError(
                f"the ONNX graph of {opened.source} differs from the network by "
                f"{difference:.2g} of the largest score, more than {TOLERANCE:g}; "
                "nothing was written"
            )
        content = draft.read_bytes()
    write_atomic(path, content)
    return Exported(
        path=path,
        contract=contract,
        opset=OPSET,
        size_bytes=len(content),
        difference=difference,
    )
