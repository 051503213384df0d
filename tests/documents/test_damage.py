"""Whatever is done to a document, its reader gives a value or one line."""

import json
import struct
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import tomli_w
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from annotated import annotation, coco_content, labelme_content, voc_text
from designed import design_result
from detected import MISTAKES
from measurements import BATCH
from mutations import damaged
from rexpand.advise.lint import read_settings
from rexpand.codec import to_content, to_short_content
from rexpand.data.detection.coco import read_coco
from rexpand.data.detection.labelme import read_labelme
from rexpand.data.detection.layout import Format, Layout
from rexpand.data.detection.voc import read_voc
from rexpand.design.order import DesignOrder, order_folder
from rexpand.documents import read_header
from rexpand.errors import MistakeError
from rexpand.recipe import (
    DETECTION_RECIPES,
    EMA,
    RECIPES,
    find_detection_recipe,
    find_recipe,
)
from rexpand.records import (
    DETECTION_MISTAKES,
    ComparisonSummary,
    FactorialSummary,
    FactorSummary,
    FineTuningSummary,
    Gate,
    GuidelineStudy,
    LatencyBatch,
    LatencyStudy,
    LayerStudy,
    NetworkRanks,
    ProxyComparison,
    Record,
    ScalingSummary,
    SensitivityStudy,
    detection_mistakes_of,
    read_record,
)
from rexpand.records.design import DesignResult
from rexpand.search.address import Address, read_address
from rexpand.search.comparison import comparison_folder
from rexpand.search.factor_design import factor_folder
from rexpand.search.factorial_design import factorial_folder
from rexpand.search.latency_design import LatencyDesign, latency_folder
from rexpand.search.scaling import scaling_folder
from rexpand.spec import (
    ImageContract,
    network,
    network_to_dict,
    read_contract,
    read_network,
)
from rexpand.transfer import finetuning_folder
from rexpand.transfer.detection import SavedDetector, read_detector
from rexpand.transfer.detection.design import DetectionDesign, detection_folder
from shapes import small_detector

RESULTS = Path(__file__).parents[2] / "results"
Written = Callable[[Any], Any]


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind of document: the name of its file, a valid content, how it is read."""

    name: str
    content: Any
    read: Callable[[Path], object]
    written: Written = json.dumps

    def __str__(self) -> str:
        return self.name


def toml(content: Any) -> str:
    try:
        return tomli_w.dumps(content)
    except (TypeError, AttributeError, ValueError, RecursionError):
        reject()  # TOML has no such value


def xml(content: Any) -> str:
    try:
        return voc_text(**content)
    except (TypeError, KeyError, ValueError, AttributeError, IndexError):
        reject()  # the writer of the test takes no such value


def alone(path: Path, format: Format) -> Layout:
    """A folder with one annotation file."""
    return Layout(format=format, folder=path.parent, files=(path,))


def committed(name: str) -> Any:
    """The content of a record of ours, its long lists cut."""
    content = json.loads((RESULTS / name).read_text("utf-8"))
    return _cut(content)


def _cut(content: Any) -> Any:
    if isinstance(content, dict):
        return {key: _cut(each) for key, each in content.items()}
    return (
        [_cut(each) for each in content[:4]] if isinstance(content, list) else content
    )


def record(kind: type, name: str) -> Kind:
    return Kind(
        name=Path(name).name,
        content=committed(name),
        read=lambda path: read_record(kind, path),
    )


RECIPE = to_short_content(replace(RECIPES["search"], averaging=EMA()))
LINT = {
    "lint": {
        "select": ["RX001", "RX002@head.*"],
        "levels": {"RX003": "advice"},
        "fail_on": "error",
        "multiple_of": 8,
        "thresholds": {"expansion": 6.0},
    }
}
TENSORS = {
    "a": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]},
    "b": {"dtype": "I64", "shape": [], "data_offsets": [24, 32]},
}
MEASURED = LatencyDesign(
    runtime="torch",
    threads=1,
    batch_size=1,
    rounds=2,
    cpu="none",
    reference=(8, 16),
    most_ms=3.0,
)
CONTRACT = ImageContract(channels=3, height=32, width=32, class_names=("a", "b"))
DETECTOR = SavedDetector(spec=small_detector("ssdlite").spec, class_names=("a", "b"))
DETECTION = {
    "version": 1,
    "design": to_content(
        DetectionDesign(
            spec=DETECTOR.spec,
            recipe=DETECTION_RECIPES["1x"],
            seed=0,
            data="shapes",
            class_names=DETECTOR.class_names,
            images=8,
            data_fingerprint="f",
        )
    ),
    "provenance": None,
}
CONTROLLED = {
    "network": "rexnet_100",
    "name": "mine",
    "controls": {"width_mult": 0.5, "input": "cifar", "activation": {"expand": "relu"}},
}

SHAPES = {
    "image": {"id": 1, "file_name": "one.png", "height": 48, "width": 64},
    "shapes": [annotation(1, 1, 1, 4, 5, 20), annotation(2, 1, 3, 30, 20, 12)],
}

KINDS = [
    Kind(
        name="net.toml",
        content=network_to_dict(network("search_18")),
        read=read_network,
        written=toml,
    ),
    Kind(name="named.toml", content=CONTROLLED, read=read_network, written=toml),
    *(
        Kind(
            name=f"{name}.json",
            content=network_to_dict(network(name)),
            read=read_network,
        )
        for name in (
            "mixnet_s",
            "darts_plus_se",
            "mobilenetv3_small_100",
            "shufflenetv2_100",
        )
    ),
    Kind(
        name="recipe.toml",
        written=toml,
        content=RECIPE,
        read=lambda path: find_recipe(f"{path}"),
    ),
    Kind(
        name="detection.toml",
        written=toml,
        content=to_short_content(DETECTION_RECIPES["3x"]),
        read=lambda path: find_detection_recipe(f"{path}"),
    ),
    Kind(name="lint.toml", content=LINT, read=read_settings, written=toml),
    Kind(
        name="factors.json",
        content=committed("rank/factors/factors.json"),
        read=lambda path: factor_folder(path.parent).read(),
    ),
    Kind(
        name="comparison.json",
        content=committed("upgrade/comparison.json"),
        read=lambda path: comparison_folder(path.parent).read(),
    ),
    Kind(
        name="finetuning.json",
        content=committed("finetune/finetuned/finetuning.json"),
        read=lambda path: finetuning_folder(path.parent).read(),
    ),
    Kind(
        name="detection.json",
        content=DETECTION,
        read=lambda path: detection_folder(path.parent).read(),
    ),
    Kind(
        name=DETECTION_MISTAKES,
        content=to_content(MISTAKES),
        read=lambda path: detection_mistakes_of(path.parent),
    ),
    record(FineTuningSummary, "finetune/finetuned/summary.json"),
    Kind(
        name="factorial.json",
        content=committed("train_factors/factorial.json"),
        read=lambda path: factorial_folder(path.parent).read(),
    ),
    Kind(
        name="instances.json",
        content=coco_content("train", 2, height=48, width=64),
        read=read_coco,
    ),
    Kind(
        name="labelled.json",
        content=labelme_content(**SHAPES, kind="polygon"),
        read=lambda path: read_labelme(alone(path, "LabelMe")),
    ),
    Kind(
        name="object.xml",
        content=SHAPES,
        written=xml,
        read=lambda path: read_voc(alone(path, "Pascal VOC")),
    ),
    Kind(
        name="storage.json",
        content=to_content(
            Address(url="postgresql://me@host:5433/studies", study="study")
        ),
        read=lambda path: read_address(path.parent),
    ),
    Kind(
        name="latency.json",
        content={
            "version": 1,
            "design": to_content(MEASURED),
            "provenance": to_content(BATCH.provenance),
        },
        read=lambda path: replace(
            latency_folder(path.parent, "torch"), path=path.parent
        ).read(),
    ),
    Kind(
        name="batch-00000.json",
        content=to_content(BATCH),
        read=lambda path: read_record(LatencyBatch, path),
    ),
    Kind(
        name="result.json",
        content=to_content(design_result()),
        read=lambda path: read_record(DesignResult, path),
    ),
    Kind(
        name="design.json",
        content={
            "version": 1,
            "design": to_content(DesignOrder(data="mine", macs=4e5, hours=0.1)),
            "provenance": to_content(design_result().plan.provenance),
        },
        read=lambda path: order_folder(path.parent).read(),
    ),
    Kind(
        name="scaling.json",
        content=committed("scaling/scaling.json"),
        read=lambda path: scaling_folder(path.parent).read(),
    ),
    record(ScalingSummary, "scaling/summary.json"),
    record(FactorialSummary, "train_factors/summary.json"),
    record(LayerStudy, "rank/layers.json"),
    record(ProxyComparison, "proxies/cifar100_1200k/proxies.json"),
    record(SensitivityStudy, "rank/axes.json"),
    record(NetworkRanks, "rank/mobilenet_v2/spectra.json"),
    record(FactorSummary, "rank/factors/summary.json"),
    record(Record, "rank/factors/rows/0/seed-0/record.json"),
    record(GuidelineStudy, "guidelines/guidelines.json"),
    record(LatencyStudy, "latency/latency.json"),
    record(Gate, "gate/mobilenetv2_100.json"),
    record(ComparisonSummary, "upgrade/verdict.json"),
]


@pytest.mark.parametrize("kind", KINDS, ids=str)
@settings(max_examples=25)
@given(data=st.data())
def test_a_damaged_document_is_a_value_or_one_line(
    kind: Kind, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / kind.name
    path.write_bytes(data.draw(damaged(kind.content, kind.written)))

    _check_oracle(path, kind.read)


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_the_undamaged_document_is_read(kind: Kind, tmp_path: Path) -> None:
    (tmp_path / kind.name).write_text(kind.written(kind.content))

    # Else the law above would say nothing.
    assert kind.read(tmp_path / kind.name)


@pytest.mark.parametrize(
    "read",
    [read_header, read_network, read_contract, read_detector],
    ids=lambda read: read.__name__,
)
@settings(max_examples=60)
@given(data=st.data())
def test_a_damaged_header_is_a_value_or_one_line(
    read: Callable[[Path], object],
    data: st.DataObject,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    inner = {
        "spec": network_to_dict(network("search_18")),
        "contract": to_content(CONTRACT),
        "detector": to_content(DETECTOR),
    }
    texts = {
        name: data.draw(damaged(content)).decode("latin-1")
        for name, content in inner.items()
    }
    header = data.draw(damaged({"__metadata__": texts, **TENSORS}))
    path = tmp_path_factory.getbasetemp() / "net.safetensors"
    length = data.draw(st.sampled_from((len(header), len(header) + 1, 2**63, 0)))
    path.write_bytes(struct.pack("<Q", length) + header + bytes(32))

    _check_oracle(path, read)


def test_a_point_far_outside_its_chart_is_refused(tmp_path: Path) -> None:
    content = committed("rank/layers.json")
    content["points"][0]["ci_high"] = -(10**12)
    (tmp_path / "layers.json").write_text(json.dumps(content))

    # The renderer would ask for terabytes to draw its whisker, and abort.
    with pytest.raises(MistakeError, match=r"points\[0\]\.ci_high is -10+; give -10"):
        read_record(LayerStudy, tmp_path / "layers.json")


def _check_oracle(path: Path, read: Callable[[Path], object]) -> None:
    """A value, or a mistake in one line that names the file."""
    try:
        read(path)
        return
    except MistakeError as refusal:
        message = str(refusal)

    assert path.name in message
    assert message.isprintable()
    assert len(message) <= 1000
