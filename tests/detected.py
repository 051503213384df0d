"""Scores and mistakes of a detector, invented, for what reads and shows them."""

from dataclasses import replace

from rexpand.records import (
    ClassScores,
    DetectionConfusion,
    DetectionEpoch,
    DetectionMistakes,
    DetectionScores,
    FalsePositive,
    KindCount,
    Miss,
    OperatingPoint,
    PrecisionCurve,
    RegionScores,
)
from rexpand.report import DetectionResult

PICTURE = "data:image/png;base64,aGVsbG8="
NOTHING = ClassScores(
    instances=0,
    predictions=2,
    ap=None,
    ap50=None,
    ap75=None,
    ap_small=None,
    ap_medium=None,
    ap_large=None,
    recall=None,
    precisions=(),
)
BOX = RegionScores(
    ap=0.5,
    ap50=0.75,
    ap75=0.25,
    ap_small=None,
    ap_medium=0.5,
    ap_large=0.5,
    recall_1=0.25,
    recall_10=0.5,
    recall_100=0.625,
    recall_small=None,
    recall_medium=0.5,
    recall_large=0.75,
    classes=(replace(NOTHING, instances=4, ap=0.5, precisions=(1.0,) * 101), NOTHING),
    curves=(PrecisionCurve(overlap=0.5, precisions=(1.0,) * 101),),
)
SCORES = DetectionScores(
    class_names=("cat", "dog"),
    images=3,
    instances=4,
    crowds=1,
    predictions=9,
    box=BOX,
    mask=None,
    operating=OperatingPoint(score=0.5, precision=0.5, recall=1.0),
    confusions=(
        DetectionConfusion(label=0, guess=0, count=4),
        DetectionConfusion(label=None, guess=1, count=2),
    ),
)
FALSE_POSITIVE = FalsePositive(
    image="a.jpg",
    guess=1,
    score=0.9,
    kind="class",
    overlap=0.75,
    label=0,
    picture=PICTURE,
)
MISTAKES = DetectionMistakes(
    class_names=("cat", "dog"),
    score=0.5,
    kinds=(KindCount(kind="class", count=1),),
    missed=1,
    false_positives=(FALSE_POSITIVE,),
    misses=(
        Miss(
            image="a.jpg",
            label=0,
            area=400.0,
            taken_for=1,
            overlap=0.0,
            picture=PICTURE,
        ),
    ),
)


def detection_result(classes: int = 2) -> DetectionResult:
    """A detector with masks, of so many classes with long names, each of which errs."""
    names = tuple(f"Cypripedium_parviflorum_var_pubescens-{n}" for n in range(classes))
    box = replace(BOX, classes=(BOX.classes[0],) * classes)
    wrong = [
        *(DetectionConfusion(label=n, guess=n, count=9) for n in range(classes)),
        *(DetectionConfusion(label=n, guess=None, count=2) for n in range(classes)),
        *(DetectionConfusion(label=None, guess=n, count=n) for n in range(classes)),
    ]
    kinds = ("duplicate", "class", "localisation", "background")
    false_positives = tuple(
        replace(FALSE_POSITIVE, kind=kind, guess=0, label=1, image=f"{kind}.jpg")
        for kind in kinds
    )
    return DetectionResult(
        name="mask_rcnn on mobilenetv2_050",
        data="shapes",
        judged="held-out",
        scores=replace(
            SCORES, class_names=names, box=box, mask=box, confusions=tuple(wrong)
        ),
        mistakes=replace(MISTAKES, class_names=names, false_positives=false_positives),
        losses=tuple(
            DetectionEpoch(
                learning_rate=0.1,
                images_per_second=9.0,
                seconds=1.0,
                epoch=epoch,
                loss=3 * 0.8**epoch,
                parts={"classification": 2 * 0.8**epoch, "boxes": 0.8**epoch},
                box_ap=epoch / 10 if epoch % 2 else None,
            )
            for epoch in range(8)
        ),
        facts=(("Params", "4.3M"),),
        recipe={"epochs": 8},
    )
