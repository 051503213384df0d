"""The picture and the page of a network under a machine's roof."""

from dataclasses import replace

import pytest

from rexpand.cost import Layer, Peak, Peaks, Roofline, attainable
from rexpand.records import Machine, Provenance
from rexpand.report import roofline_page
from rexpand.report.charts import roofline_chart
from rexpand.report.roofline_page import roofline_finding

PROVENANCE = Provenance(
    command=None,
    commit=None,
    has_changes=None,
    versions={},
    machine=Machine(cpu="a CPU", cores=2, memory_gb=8.0, system="Linux"),
    threads=None,
    seeds=None,
    data_fingerprint=None,
)


def peak(rate: float) -> Peak:
    return Peak(rate=rate, median=rate / 2, low=rate / 4, high=rate, n=7)


@pytest.fixture
def measured() -> Roofline:
    """A 1x1 convolution that arithmetic limits, and a ReLU that takes as long."""
    wide = Layer(
        name="<wide>",
        kind="convolution",
        function="F.conv2d",
        module="torch.nn.modules.conv.Conv2d",
        inputs=((1, 64, 8, 8),),
        output=(1, 64, 8, 8),
        params=4096,
        macs=262144,
        kernel_size=(1, 1),
        stride=(1, 1),
    )
    act = Layer(
        name="act",
        kind="activation",
        function="F.relu",
        module="torch.nn.modules.activation.ReLU",
        inputs=((1, 64, 8, 8),),
        output=(1, 64, 8, 8),
    )
    return Roofline(
        name="mine",
        resolution=8,
        layers=(wide, act),
        seconds=(3e-3, 1e-3),
        runs=5,
        peaks=Peaks(macs=peak(4e9), memory=peak(1e9), threads=1),
        provenance=replace(PROVENANCE, versions={"torch": "2.15"}),
    )


def test_the_roof_bends_at_the_ridge(measured: Roofline) -> None:
    wide, act = measured.layers

    assert measured.peaks.ridge == 4
    # 262144 macs over 4 x 12288 bytes: 5.33 macs a byte, right of the ridge.
    assert attainable(wide, measured.peaks) == 4e9
    assert attainable(act, measured.peaks) == 0


def test_the_chart_has_the_layers_with_macs_and_the_roof(measured: Roofline) -> None:
    spec = roofline_chart(measured).to_dict()

    def values(data: dict[str, str]) -> list[dict[str, float]]:
        return spec["datasets"][data["name"]]

    roof, points = spec["layer"]
    (row,) = values(spec["data"])
    assert row["speed"] == pytest.approx(262144 / 3e-3)
    assert row["kind"] == "1x1 convolution"
    corners = values(roof["data"])
    assert [corner["speed"] for corner in corners][1:] == [4e9, 4e9]
    assert points["encoding"]["x"]["scale"]["type"] == "log"


def test_the_finding_says_where_the_time_goes(measured: Roofline) -> None:
    found = roofline_finding(measured)

    assert "1x1 convolution takes 75 % and does 100 %" in found
    assert "operators without multiply-accumulates take 25 %" in found


def test_the_page_has_every_layer_and_both_peaks(measured: Roofline) -> None:
    page = roofline_page(measured)

    assert "&lt;wide&gt;" in page
    assert "<wide>" not in page
    assert "4.0G (median 2.0, quartiles 1.0 to 4.0, n 7)" in page
    assert "a CPU, 2 cores" in page
