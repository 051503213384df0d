"""Claims about the paper's own printed numbers: worked out from its tables."""

from collections.abc import Iterator

from rexpand.cost import cost_of
from rexpand.ledger.figure import value_of
from rexpand.ledger.row import Row, agreed, counted
from rexpand.ledger.tables import fixed_depth, networks, searches
from rexpand.spec import network

_EXTRA = ", extra augmentation"
_BLOCKS = ((18, "search_18"), (30, "search_30"), (42, "search_42"))
_PRINTED = "of the printed numbers; nothing was trained"


def worked_out() -> Iterator[Row]:
    """A row for each."""
    top1 = {
        each.label: value_of(each.top1)
        for table in ("table-a1", "table-5", "table-4")
        for each in networks(table)
        if each.top1
    }
    above = top1["ReXNet x2.0"] - top1["EfficientNet B1"]
    yield counted(
        "Section 5: x2.0 over EfficientNet-B1", "2.5", float(above), "points", _PRINTED
    )
    starred = max(
        value
        for label, value in top1.items()
        if label.endswith(_EXTRA) and "ReXNet" not in label
    )
    above = top1[f"ReXNet (x1.0){_EXTRA}"] - starred
    yield counted(
        "Section 5: x1.0 over the best searched network with extra augmentation",
        "0.4",
        float(above),
        "points",
        _PRINTED,
    )
    above = top1["ReXNet plain"] - value_of("72.5")
    yield counted(
        "Section 5: ReXNet (plain) over the authors' MobileNetV1, 72.5",
        "2.3",
        float(above),
        "points",
        _PRINTED,
    )
    free = value_of(fixed_depth()[0].top1)
    bound = next(each for each in searches() if each.group == "top")
    yield agreed(
        "Section 6: a search without a bound on params finds better networks, 30M macs",
        f"{free} against {bound.top1}",
        free > value_of(bound.top1),
        _PRINTED,
    )
    yield from _cost_of_a_search()


def _cost_of_a_search() -> Iterator[Row]:
    """100 networks of 30M macs, 30 epochs, three times, against a ResNet50's 100 epochs."""
    per_image = 100 * 3 * 30 * value_of("30M")
    other = 100 * cost_of(network("resnet50")).macs
    yield agreed(
        "Section 4: a search costs less than 100 epochs of ResNet50",
        "270 against 400 GFLOPs an image",
        per_image < other,
        f"{float(per_image) / 1e9:.0f} and {other / 1e9:.0f}G macs for every image of an "
        "epoch; the search has a 26th of the images",
    )
    for depth, name in _BLOCKS:
        blocks = network(name).depth
        yield counted(
            f"Section 4: depth of {blocks} bottlenecks, a stem, a 1x1 and a classifier",
            f"{depth}",
            3 * blocks + 3,
            "layers",
        )
