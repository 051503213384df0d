import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from rexpand.report import study_page, write_study_report

HOSTILE = "<script>alert(1)</script>"


class Elements(HTMLParser):
    """Every start tag of a page with its attributes, and its embedded JSON."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.data: dict[str, object] = {}
        self._is_json = False
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self._is_json = dict(attrs).get("type") == "application/json"

    def handle_data(self, data):
        if self._is_json:
            self.data = json.loads(data)
            self._is_json = False


@pytest.fixture(scope="module")
def page(study):
    return study_page(study)


def test_the_page_asks_no_network(page):
    elements = Elements(page)

    # Nothing is loaded: no link, frame or image, and no script from elsewhere.
    loading = {"src", "href", "srcset", "action", "poster"}
    assert not [tag for tag, attrs in elements.tags if loading & set(attrs)]
    style = page[page.index("<style>") : page.index("</style>")]
    assert "url(" not in style
    assert "@import" not in style
    # And the browser is told to refuse whatever a script might ask for.
    policies = [attrs.get("content") or "" for _, attrs in elements.tags]
    assert any(text.startswith("default-src 'none'") for text in policies)


def test_the_only_addresses_on_the_page_are_names_and_links_in_vega(page):
    addresses = set(re.findall(r"https?://([\w.]+)", page))

    # XML name spaces, schema names, and links in Vega's own text; none is fetched.
    assert addresses <= {"www.w3.org", "vega.github.io", "github.com"}


def test_every_word_from_outside_is_escaped(study):
    (provenance,) = study.provenances
    hostile = replace(
        study,
        name=HOSTILE,
        network=HOSTILE,
        data=HOSTILE,
        trials=tuple(replace(trial, shape=HOSTILE) for trial in study.trials),
        provenances=(
            replace(
                provenance,
                machine=replace(provenance.machine, cpu=HOSTILE),
                versions={HOSTILE: HOSTILE},
                command=(HOSTILE,),
                commit=HOSTILE,
                data_fingerprint=HOSTILE,
            ),
        ),
    )

    page = study_page(hostile)

    # A page has one parser: the text must not appear, in a script or out of it.
    assert HOSTILE not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert len(re.findall("<script", page)) == len(re.findall("</script>", page)) == 3


def test_each_figure_of_the_page_has_its_specification(page):
    elements = Elements(page)

    drawn = [attrs["data-chart"] for _, attrs in elements.tags if "data-chart" in attrs]
    assert sorted(drawn) == sorted(elements.data["specs"])
    assert drawn[0] == "mean_channels"
    # The page chooses light or dark, so no chart brings a theme.
    assert not any("config" in spec for spec in elements.data["specs"].values())


def test_the_page_keeps_its_order(page):
    names = re.findall(r'<section id="(\w+)"', page)

    assert names == [
        *("channels", "groups", "accuracy", "front", "shapes", "ranking", "coverage"),
        *("trials", "correlations"),
        *("recipe", "machines", "reproduce"),
    ]


def test_the_page_says_which_images_judged_the_trials(page):
    assert "<dt>Measured on</dt><dd>2,500 validation images</dd>" in page


def test_a_study_without_trials_still_has_a_page(study):
    empty = replace(
        study,
        trials=(),
        shapes=(),
        groups=(),
        tests=(),
        front=None,
        correlations={},
        noise=None,
        distribution=None,
        shape_accuracies=(),
        shape_comparisons=(),
        provenances=(),
    )

    page = study_page(empty)

    assert "No trial has finished yet" in page
    assert 'class="chart"' not in page


def test_a_report_leaves_the_page_and_each_figure_twice(study, tmp_path):
    files = write_study_report(study, tmp_path)

    assert files.page == tmp_path / "report.html"
    assert [path.stem for path in files.svg] == [path.stem for path in files.png]
    written = sorted(path.name for path in (tmp_path / "figures").iterdir())
    # Nothing but the files named: temporary ones have taken their names.
    assert written == sorted(path.name for path in (*files.svg, *files.png))
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in files.png)
