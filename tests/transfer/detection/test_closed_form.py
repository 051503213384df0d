"""The closed form of SSDLite's cost against the traced one, layer by layer."""

from dataclasses import replace

import numpy as np
import pytest

from rexpand.budget import Budget, sample
from rexpand.cost import detector_costs
from rexpand.errors import BudgetError, SpecError
from rexpand.spec import DetectorSpec, NetworkSpec, network
from rexpand.transfer.detection import detector_cost, faster_rcnn, ssdlite


def free(backbone: NetworkSpec, **changes: object) -> DetectorSpec:
    """SSDLite on a backbone, with changes of its architecture."""
    detector = ssdlite(backbone, num_classes=12, size=96).spec
    return replace(detector, architecture=replace(detector.architecture, **changes))


# Levels inside a block, at its end and after the penultimate layer; without one, too.
@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("mobilenetv2_050", {}),
        ("mobilenetv3_small_100", {"reduced_first": True}),
        ("rexnet_100", {"last_kernel_size": 1, "extra_channels": (64, 33)}),
        ("resnet18", {"extra_channels": ()}),
        ("mixnet_s", {"aspect_ratios": (2.0,)}),
    ],
)
def test_the_closed_form_is_the_traced_cost(name: str, changes: dict) -> None:
    detector = free(network(name), **changes)
    backbone = detector.backbone
    assert isinstance(backbone, NetworkSpec)
    wider = [*np.maximum.accumulate(backbone.channels) + 8]
    rows = [backbone.channels, wider]

    found = detector_costs(detector, backbone, rows)

    for row, params, macs in zip(rows, found.params, found.macs, strict=True):
        traced = detector_cost(detector.on(backbone.with_channels(row))).total
        assert (params, macs) == (traced.params, traced.macs)


def test_configurations_fill_the_budget_of_a_detector() -> None:
    detector = free(network("mobilenetv2_050"))
    backbone = detector.backbone
    assert isinstance(backbone, NetworkSpec)
    own = detector_costs(detector, backbone, [backbone.channels])
    budget = Budget(
        macs=0.8 * own.macs[0], params=0.9 * own.params[0], detector=detector
    )

    drawn = sample(backbone, budget, 10, seed=0)

    for row, macs in zip(drawn.channels, drawn.macs, strict=True):
        built = detector.on(backbone.with_channels(row))
        # What was drawn is what is built.
        assert macs == detector_cost(built).total.macs
        assert built.backbone.channels == tuple(row)
    shares = budget.shares(budget.prices(backbone, drawn.channels))
    assert shares.max() <= 1
    assert shares.max(axis=0).min() >= 0.99


@pytest.mark.parametrize(
    ("detector", "said"),
    [
        (lambda: faster_rcnn("mobilenetv2_050").spec, "faster_rcnn .* give ssdlite"),
        (lambda: ssdlite("timm:resnet10t").spec, "has no spec"),
        (lambda: ssdlite("resnet18", levels=[8, 16]).spec, "give levels that end with"),
        (lambda: ssdlite("resnet18", norm="frozen").spec, "give norm batch"),
    ],
)
def test_a_detector_without_a_closed_form_is_refused(detector, said: str) -> None:
    with pytest.raises(SpecError, match=said):
        Budget(macs=1e9, detector=detector())


def test_a_budget_below_the_thinnest_detector_says_what_it_needs() -> None:
    detector = free(network("mobilenetv2_050"))

    with pytest.raises(
        BudgetError,
        match=r"ssdlite on mobilenetv2_050 needs at least .* macs at 96 px",
    ):
        sample(
            network("mobilenetv2_050"), Budget(macs=1e5, detector=detector), 3, seed=0
        )
