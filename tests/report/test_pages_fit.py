"""At the width of a telephone, a notebook and a large screen no page cuts anything off."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from designed import design_result
from detected import detection_result
from rexpand.cost import Layer, Peak, Peaks, Roofline
from rexpand.records import (
    Confusion,
    Example,
    FrontComparison,
    HypervolumeDifference,
    Judgement,
    Provenance,
    StudyFront,
    StudySummary,
)
from rexpand.report import (
    write_channels_report,
    write_design_report,
    write_detection_report,
    write_fronts_report,
    write_roofline_report,
    write_study_report,
    write_training_report,
)
from rexpand.spec import network

pytestmark = pytest.mark.browser

WIDTHS = (400, 1300, 1920)
RESULTS = Path(__file__).parents[2] / "results"
# The kinds of page that nothing here writes lie in results/, with real records.
WRITTEN = (
    *("study", "long", "detectors", "training", "mistakes", "seeds", "channels"),
    *("roofline", "detector", "many classes", "design", "fronts"),
)
COMMITTED = (
    *("guidelines", "latency", "rank", "rank/factors", "rank/mobilenet_v2", "upgrade"),
    *("finetune/finetuned", "train_factors"),
)

# Cells that a reader cannot see whole: wider than their own box, or outside the table's
# box although nothing says that it scrolls.
CUT = """
return [...document.querySelectorAll("td, th")].filter((cell) => {
  const own = cell.getBoundingClientRect();
  const box = cell.closest(".scroll");
  const seen = box.getBoundingClientRect();
  const inside = own.left >= seen.left - 1 && own.right <= seen.right + 1
    && own.right <= innerWidth;
  const hint = box.previousElementSibling;
  const told = hint.checkVisibility() && hint.textContent.includes("Scroll");
  return cell.scrollWidth > cell.clientWidth + 1 || !(inside || told);
}).map((cell) => cell.textContent);
"""
SCROLLING = (
    "return [...document.querySelectorAll('.hint')].filter((h) => !h.hidden).length"
)
OUTSIDE = """
return [...document.querySelectorAll(".chart")].flatMap((box) => {
  const right = Math.min(box.getBoundingClientRect().right, innerWidth) + 1;
  return [...box.querySelectorAll(".role-legend, .role-axis-title")]
    .filter((each) => each.getBoundingClientRect().right > right)
    .map((each) => `${box.dataset.chart}: ${each.textContent}`);
});
"""


def measured_roofline(provenance: Provenance) -> Roofline:
    """Layers with the long names that other libraries give them."""
    layer = Layer(
        name="features.12.block.2.0.conv_depthwise",
        kind="convolution",
        function="F.conv2d",
        module="torch.nn.modules.conv.Conv2d",
        inputs=((1, 1280, 112, 112),),
        output=(1, 1280, 112, 112),
        params=4096,
        macs=262144,
        kernel_size=(1, 1),
        stride=(1, 1),
    )
    peak = Peak(rate=91.7e9, median=86.8e9, low=80e9, high=91.7e9, n=211)
    return Roofline(
        name="timm:mobilenetv2_100",
        resolution=224,
        layers=(layer, replace(layer, name="classifier", macs=524288)),
        seconds=(3e-3, 1e-3),
        runs=11,
        peaks=Peaks(macs=peak, memory=peak, threads=1),
        provenance=provenance,
    )


def long_names() -> Judgement:
    """Forty classes with long names, each of which is taken for the next."""
    names = [f"Cypripedium_parviflorum_var_pubescens-{n}" for n in range(40)]
    picture = "data:image/png;base64,"
    worst = Example(
        image=0, label=0, guess=1, probability=0.5, loss=1.0, picture=picture
    )
    return Judgement(
        class_names=tuple(names),
        confusions=tuple(
            Confusion(label=label, guess=(label + step) % 40, images=10)
            for label in range(40)
            for step in range(2)
        ),
        worst=(worst,),
    )


def three_fronts(study: StudySummary) -> FrontComparison:
    """One front under three names, of which one is a long path."""
    names = ("macs_1200k", "macs_2M", f"runs/{'searched-again-' * 4}elsewhere/macs_2M")
    assert study.front is not None
    return FrontComparison(
        studies=tuple(
            StudyFront(
                study=name,
                network=study.network,
                data=study.data,
                front=study.front,
                provenances=study.provenances,
            )
            for name in names
        ),
        differences=tuple(
            HypervolumeDifference(
                first=names[0], second=name, difference=0.12, low=-0.08, high=0.31
            )
            for name in names[1:]
        ),
    )


@pytest.fixture(scope="module")
def pages(study, detectors, record, tmp_path_factory) -> Callable[[str], Path]:
    """The page of a kind, written once."""
    folder = tmp_path_factory.mktemp("pages")
    long = tuple(
        replace(trial, channels=tuple(range(100, 130))) for trial in study.trials
    )
    seeds = [replace(record, seed=seed) for seed in range(3)]
    measured = measured_roofline(record.provenance)
    networks = ["mobilenetv2_100", "rexnet_100", "atomnas_c_plus", "efficientnet_b0"]
    writers = {
        "study": lambda at: write_study_report(study, at),
        "long": lambda at: write_study_report(replace(study, trials=long), at),
        "detectors": lambda at: write_study_report(detectors, at),
        "training": lambda at: write_training_report([record], at),
        "mistakes": lambda at: write_training_report([record], at, long_names()),
        "seeds": lambda at: write_training_report(seeds, at),
        "channels": lambda at: write_channels_report([*map(network, networks)], at),
        "roofline": lambda at: write_roofline_report(measured, at),
        "detector": lambda at: write_detection_report(detection_result(5), at),
        "design": lambda at: write_design_report(design_result(), at),
        "fronts": lambda at: write_fronts_report(three_fronts(study), at),
        "many classes": lambda at: write_detection_report(detection_result(80), at),
    }

    def page(kind: str) -> Path:
        if kind in COMMITTED:
            return RESULTS / kind / "report.html"
        path = folder / kind / "report.html"
        return path if path.exists() else writers[kind](folder / kind).page

    return page


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("kind", [*WRITTEN, *COMMITTED])
def test_nothing_is_cut_off(chromium, pages, kind: str, width: int) -> None:
    chromium.open(pages(kind), width)
    run = chromium.driver.execute_script

    assert run(CUT) == []
    assert run(OUTSIDE) == []
    # The page itself never scrolls sideways.
    assert run("return document.documentElement.scrollWidth") <= width
    # On a notebook every table fits; only a telephone's need to scroll.
    assert width < 1000 or run(SCROLLING) == 0


def test_a_table_that_scrolls_says_how_much_is_left(chromium, study, pages) -> None:
    chromium.open(pages("study"), 400)
    run = chromium.driver.execute_script
    hint = "document.querySelector('#trials .hint').textContent"

    before = run(f"return {hint}")
    run("document.querySelector('#trials .scroll').scrollLeft = 10000")
    chromium.driver.execute_async_script("setTimeout(arguments[0], 200)")

    assert before.startswith("Scroll sideways: ")
    assert before.endswith("more columns →")
    assert run(f"return {hint}") == "← Scroll back for the first columns"


def test_a_click_on_a_point_finds_its_row(chromium, study, pages) -> None:
    chromium.open(pages("study"), 1300)
    driver = chromium.driver
    chart = driver.find_element("css selector", "[data-chart=accuracy_macs]")
    driver.execute_script("arguments[0].scrollIntoView()", chart)

    points = chart.find_elements("css selector", ".mark-symbol.role-mark path")
    points[-1].click()

    found = driver.find_elements("css selector", "tr.found")
    # The last point lies on top: a trial of the top group, drawn after all others.
    assert len(found) == 1
    assert found[0].text.split()[-2:] == ["top", "complete"]
    top, bottom = driver.execute_script(
        "const r = arguments[0].getBoundingClientRect(); return [r.top, r.bottom]",
        found[0],
    )
    assert 0 <= top < bottom <= 1600
