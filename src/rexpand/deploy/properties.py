"""What an exported file says of itself: one text each of some names.

They are the properties of an ONNX file, `rt_info` below `rexpand` in OpenVINO's, and
the extra files of torch's.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace

from rexpand.codec import to_line
from rexpand.errors import CheckpointError
from rexpand.spec import EXPORT_PRECISIONS, ExportPrecision, ImageContract
from rexpand.spec.image_contract import contract_from_json

NAMES = ("network", "contract", "class_names", "precision", "preprocessing", "softmax")
_INSIDE, _OUTSIDE = "inside", "outside"


@dataclass(frozen=True, kw_only=True)
class Properties:
    """The network of a file, the images that it takes, and what is inside.

    With preprocessing inside, images are bytes, (batch, height, width, channels); else
    float32 (batch, channels, height, width), normalised as the contract says. With
    softmax inside, the scores are probabilities. Of a file that is not ours, network,
    contract and precision may be None.
    """

    network: str | None = None
    contract: ImageContract | None = None
    precision: ExportPrecision | None = None
    has_preprocessing: bool = False
    has_softmax: bool = False


def to_texts(properties: Properties) -> dict[str, str]:
    """The texts that a file holds; what is None is left out."""
    texts = {
        "preprocessing": _INSIDE if properties.has_preprocessing else _OUTSIDE,
        "softmax": _INSIDE if properties.has_softmax else _OUTSIDE,
    }
    if properties.network is not None:
        texts["network"] = properties.network
    if properties.contract is not None:
        texts["contract"] = to_line(properties.contract)
        texts["class_names"] = json.dumps(properties.contract.class_names)
    if properties.precision is not None:
        texts["precision"] = properties.precision
    return texts


def from_texts(texts: Mapping[str, str], origin: str) -> Properties:
    """The properties that a file holds; CheckpointError, naming it, for strange ones."""
    precision = texts.get("precision")
    known = {name: name for name in EXPORT_PRECISIONS}
    if precision is not None and precision not in known:
        raise CheckpointError(
            f"{origin} says that its precision is '{precision}', which is none of "
            f"{', '.join(known)}; export it again"
        )
    contract = None
    if texts.get("contract"):
        contract = contract_from_json(texts["contract"], origin)
        contract = replace(contract, origin="checkpoint")
    return Properties(
        network=texts.get("network"),
        contract=contract,
        precision=known[precision] if precision is not None else None,
        has_preprocessing=_is_inside(texts, "preprocessing", origin),
        has_softmax=_is_inside(texts, "softmax", origin),
    )


def _is_inside(texts: Mapping[str, str], name: str, origin: str) -> bool:
    said = texts.get(name, _OUTSIDE)
    if said not in (_INSIDE, _OUTSIDE):
        raise CheckpointError(
            f"{origin} says that its {name} is '{said}', which is neither {_INSIDE} nor "
            f"{_OUTSIDE}; export it again"
        )
    return said == _INSIDE
