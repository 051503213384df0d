"""What the numbers of a detector say, in sentences."""

from rexpand.records import DetectionMistakes, DetectionScores, RegionScores
from rexpand.report import formats

_FEW = 500  # images: COCO's own validation has 5,000
_KINDS = {
    "duplicate": "on an object that is found already",
    "class": "on an object of another class",
    "localisation": "too far from their object",
    "background": "where no such object is",
}


def detection_finding(scores: DetectionScores, name: str, judged: str) -> str:
    """The average precision of boxes and masks, on how many images of which kind."""
    images = f"{formats.plural(scores.images, 'image')} ({judged})"
    if scores.box_ap is None:
        return (
            f"{name}: {images} hold no object, so that no average precision is defined."
        )
    masks = ""
    if scores.mask_ap is not None:
        masks = f", and a mask AP of {measure(scores.mask_ap)}"
    return (
        f"{name} reaches a box AP of {measure(scores.box_ap)} "
        f"({measure(scores.box_ap50)} where half of the overlap is enough){masks} on "
        f"{images} with {formats.plural(scores.instances, 'object')}."
    )


def operating_finding(scores: DetectionScores) -> str:
    """From which score on predictions are best taken, and what is then right."""
    point = scores.operating
    if point is None:
        return "No prediction finds an object, so that there is no score to take them from."
    return (
        f"Predictions are best taken from a score of {point.score:.2f} on, where F1 is "
        f"highest: {share(point.precision)} of them find an object of their class, and "
        f"{share(point.recall)} of the objects are found."
    )


def detection_cautions(scores: DetectionScores) -> tuple[str, ...]:
    """What to know before the numbers are used."""
    found = []
    if scores.images < _FEW:
        found.append(
            f"{formats.plural(scores.images, 'image')} are few: COCO judges on 5,000, and "
            "with so few the average precision of one class is that of some objects."
        )
    unseen = sum(not each.instances for each in scores.box.classes)
    if unseen:
        found.append(
            f"{unseen} of the {len(scores.class_names)} classes have no object in these "
            "images: they have no average precision and are in no mean."
        )
    return tuple(found)


def size_finding(region: RegionScores) -> str:
    """The sizes from best to worst; empty where fewer than two have objects."""
    sizes = {
        "small": region.ap_small,
        "medium": region.ap_medium,
        "large": region.ap_large,
    }
    known = {name: value for name, value in sizes.items() if value is not None}
    if len(known) < 2:
        return ""
    ranked = sorted(known.items(), key=lambda pair: -pair[1])
    (best, high), (worst, low) = ranked[0], ranked[-1]
    return (
        f"{best.capitalize()} objects are found best ({measure(high)}), {worst} ones worst "
        f"({measure(low)})."
    )


def kinds_finding(mistakes: DetectionMistakes) -> str:
    """What the false positives are."""
    total = sum(each.count for each in mistakes.kinds)
    if not total:
        return f"From a score of {mistakes.score:.2f} on there is no false positive."
    ranked = sorted(mistakes.kinds, key=lambda each: -each.count)
    counted = [f"{e.count:,} {_KINDS[e.kind]}" for e in ranked if e.count]
    return (
        f"From a score of {mistakes.score:.2f} on there are "
        f"{formats.plural(total, 'false positive')}: {formats.listed(counted)}. "
        f"{formats.plural(mistakes.missed, 'object')} "
        f"{'is' if mistakes.missed == 1 else 'are'} missed."
    )


def measure(value: float | None) -> str:
    """A share as COCO prints it: 0.247; a dash where it is not defined."""
    return "-" if value is None else f"{value:.3f}"


def share(value: float) -> str:
    """A share in percent: 63 %."""
    return f"{100 * value:.0f} %"
