"""The page of a study whose trials are detectors speaks of box AP, and of nothing else."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from rexpand.records import StudySummary
from rexpand.report import front_findings, study_page
from rexpand.report.study_page import study_figures


def texts(page: str) -> str:
    """What a reader of a page sees, without its figures."""
    without = re.sub(r"<(script|style)\b.*?</\1>", " ", page, flags=re.DOTALL)
    return re.sub(r"<[^>]+>", " ", without)


def titles(spec: object) -> Iterator[str]:
    """What a reader of a figure sees: titles, and the description for who does not."""
    if isinstance(spec, Mapping):
        for name, value in spec.items():
            if name in ("title", "description") and isinstance(value, str):
                yield value
            yield from titles(value)
    elif isinstance(spec, Sequence) and not isinstance(spec, str):
        for each in spec:
            yield from titles(each)


def test_no_word_of_accuracies_is_left(detectors: StudySummary) -> None:
    # Of an adaptive sampler too, whose section is one more.
    last = replace(detectors.trials[-1], generation=1)
    proposed = replace(
        detectors, trials=(*detectors.trials[:-1], last), sampler="refine"
    )

    for summary in (detectors, proposed):
        page = study_page(summary)
        for section in ("groups", "front", "shapes", "ranking", "coverage", "trials"):
            assert f'id="{section}"' in page
        drawn = [t for each in study_figures(summary) for t in titles(each.spec)]
        assert len(drawn) > 50
        for text in (texts(page), *drawn):
            assert not re.search(r"accura|top-1", text, re.IGNORECASE), text


def test_what_a_number_is_stands_at_every_axis_and_column(
    detectors: StudySummary,
) -> None:
    titles = [figure.title for figure in study_figures(detectors)]
    page = study_page(detectors)

    assert "Box AP against activations" in titles
    assert "Box AP (%)" in page
    assert "ssdlite, images of 320 pixels" in page
    assert "41 validation images" in page


def test_the_findings_of_a_classifier_have_not_changed(study: StudySummary) -> None:
    assert study.front is not None
    members, _, volume = front_findings(study.front)[-3:]

    assert "on the front of accuracy and activations" in members
    assert "Its reference point is an accuracy of" in volume
