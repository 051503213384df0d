"""Settings, selection, and the forms of a report."""

import json
import re
from importlib.resources import files
from pathlib import Path

import pytest
from torch import Tensor, nn

from rexpand.advise.lint import (
    LintReport,
    LintSettings,
    explanation,
    lint,
    lint_document,
    read_settings,
    sarif_document,
    selectors,
)
from rexpand.advise.lint.seeing import see, see_module
from rexpand.advise.rules import LEVELS, RULES, Rule, Subject, Thresholds
from rexpand.errors import MistakeError
from rexpand.spec import Source

ROOT = Path(__file__).parents[2]
TEXT = files("rexpand.advise.rules").joinpath("rules.md").read_text()


@pytest.fixture(scope="module")
def subject() -> Subject:
    return see(Source.parse("mobilenetv2_100"))


def rules(report: LintReport) -> set[str]:
    return {finding.rule for finding in report.findings}


def written(folder: Path, text: str) -> Path:
    path = folder / "rexpand.toml"
    path.write_text(text)
    return path


def test_findings_come_gravest_first(subject: Subject) -> None:
    report = lint(subject, LintSettings(target="int8", multiple_of=16))

    levels = [LEVELS.index(finding.level) for finding in report.findings]
    assert levels == sorted(levels, reverse=True)
    assert len(set(levels)) > 1


def test_select_keeps_and_ignore_drops(subject: Subject) -> None:
    everything = rules(lint(subject, LintSettings()))
    selected = lint(subject, LintSettings(select=selectors(["RX002,low-dim-ratio"])))
    ignored = lint(subject, LintSettings(ignore=selectors(["rx002"])))

    assert rules(selected) == {"RX002"}
    assert rules(ignored) == everything - {"RX002"}


def test_a_selector_may_name_layers(subject: Subject) -> None:
    at = selectors(["RX002@blocks.6.*"])

    only = lint(subject, LintSettings(select=at)).findings
    others = lint(subject, LintSettings(ignore=at)).findings

    assert [finding.layer for finding in only] == ["blocks.6.conv"]
    assert [f.layer for f in others if f.rule == "RX002"] == ["blocks.16.conv"]


def test_a_rule_chosen_without_what_it_needs_is_a_mistake(subject: Subject) -> None:
    with pytest.raises(MistakeError, match=r"RX003 .* give data"):
        lint(subject, LintSettings(select=selectors(["RX003"])))


def test_rules_that_cannot_look_are_not_said_to_have_looked(subject: Subject) -> None:
    looked = {rule.id for rule in lint(subject, LintSettings()).looked}

    assert looked == {rule.id for rule in RULES if rule.needs is None}


def test_a_file_sets_everything(tmp_path: Path, subject: Subject) -> None:
    path = written(
        tmp_path,
        """
        [lint]
        select = ["RX001", "expansion-above-six", "RX007"]
        ignore = ["RX007@(network)"]
        multiple_of = 8
        target = "int8"
        fail_on = "error"

        [lint.levels]
        RX001 = "error"

        [lint.thresholds]
        expansion = 3
        """,
    )

    settings = read_settings(path)
    report = lint(subject, settings)

    assert (settings.multiple_of, settings.target) == (8, "int8")
    assert settings.thresholds == Thresholds(expansion=3)
    assert rules(report) == {"RX001"}
    assert report.count("error") == len(report.findings)
    assert settings.fails(finding.level for finding in report.findings)


def test_other_sections_are_other_tools(tmp_path: Path) -> None:
    path = written(tmp_path, "[train]\nepochs = 3\n")

    assert read_settings(path) == LintSettings()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[lint", "not valid TOML"),
        ("lint = 3", "not a table"),
        ("[lint]\nslect = []", "unknown key lint.slect"),
        ('[lint]\nselect = ["RX099"]', "unknown rule 'RX099'"),
        ('[lint]\ntarget = "int4"', "target is 'int4'; choose from"),
        ('[lint]\nfail_on = "never"', "fail_on is 'never'; choose from"),
        ('[lint.levels]\nRX001 = "bad"', "levels.RX001 is 'bad'; choose from"),
        ("[lint.thresholds]\nexpansoin = 3", "unknown threshold 'expansoin'"),
        ("[lint.thresholds]\nexpansion = 0", "expansion is 0"),
        ("[lint.thresholds]\nexpansion = nan", "expansion is nan"),
        ('[lint.thresholds]\nexpansion = "x"', "expansion is 'x'"),
        ("[lint]\nmultiple_of = -8", "multiple_of is -8"),
    ],
)
def test_a_wrong_file_is_one_line_that_names_the_value(
    tmp_path: Path, text: str, told: str
) -> None:
    path = written(tmp_path, text)

    with pytest.raises(MistakeError) as caught:
        read_settings(path)

    message = str(caught.value)
    assert told in message
    assert str(path) in message
    assert "\n" not in message


def test_a_file_that_is_not_there_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(MistakeError, match="there is no file"):
        read_settings(tmp_path / "rexpand.toml")


@pytest.mark.parametrize(
    ("fail_on", "levels", "fails"),
    [
        (None, ("error",), False),
        ("error", ("warning", "advice"), False),
        ("warning", ("advice", "error"), True),
        ("advice", ("advice",), True),
        ("advice", (), False),
    ],
)
def test_the_run_fails_at_a_level_or_above(
    fail_on: str | None, levels: tuple[str, ...], fails: bool
) -> None:
    settings = LintSettings(fail_on=fail_on)  # type: ignore[arg-type]

    assert settings.fails(levels) is fails  # type: ignore[arg-type]


def test_the_document_is_json_with_findings(subject: Subject) -> None:
    report = lint(subject, LintSettings())

    document = json.loads(json.dumps(lint_document(report), allow_nan=False))

    assert document["params"] == 3504872
    assert len(document["findings"]) == len(report.findings)
    for finding in document["findings"]:
        assert {"rule", "level", "layer", "evidence", "fix"} <= finding.keys()
        assert finding["evidence"]
    assert sum(document["counts"].values()) == len(report.findings)


def test_sarif_has_what_its_readers_need(subject: Subject) -> None:
    report = lint(subject, LintSettings(target="int8"))

    document = sarif_document(report, version="1.2.3", file="net.toml")
    (run,) = json.loads(json.dumps(document, allow_nan=False))["runs"]

    driver = run["tool"]["driver"]
    assert document["version"] == "2.1.0"
    assert [rule["id"] for rule in driver["rules"]] == [r.id for r in report.looked]
    for result in run["results"]:
        # An index that points elsewhere shows the wrong rule's text.
        assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in ("note", "warning", "error")
        (place,) = result["locations"]
        assert place["physicalLocation"]["artifactLocation"]["uri"] == "net.toml"
        assert place["logicalLocations"][0]["fullyQualifiedName"].startswith(
            "mobilenetv2_100::"
        )
    fingerprints = [r["partialFingerprints"]["layer/v1"] for r in run["results"]]
    assert len(set(fingerprints)) == len(fingerprints)


def test_ids_and_names_are_unique() -> None:
    ids = [rule.id for rule in RULES]

    assert ids == [f"RX{place:03}" for place in range(1, len(RULES) + 1)]
    assert len({rule.name for rule in RULES}) == len(RULES)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_every_rule_is_explained_with_its_source(rule: Rule) -> None:
    text = explanation(rule)

    assert f"({rule.id.lower()})=\n## {rule.id} {rule.name}\n" in TEXT
    assert text in TEXT
    assert re.search(r"^Source: .+", text, re.M)
    assert "Fix: " in text
    assert "RX" not in text.partition(" ")[0]  # no heading, no anchor of the next rule
    assert "(rx" not in text


def test_the_docs_have_no_text_of_their_own_for_rules() -> None:
    page = (ROOT / "docs" / "rules.md").read_text()

    # One source: the package, so that a rule is explained without the repository.
    assert page == "```{include} ../src/rexpand/advise/rules/rules.md\n```\n"


def test_every_threshold_is_in_the_docs() -> None:
    for name in Thresholds.__dataclass_fields__:
        assert f"`{name}`" in TEXT


def test_a_module_without_maps_has_no_findings() -> None:
    module = nn.Sequential(nn.Flatten(), nn.Linear(48, 10))

    report = lint(see_module(module, (3, 4, 4), name="mine"), LintSettings())

    assert report.findings == ()


def test_a_module_is_left_as_it_was() -> None:
    module = nn.Sequential(nn.Conv2d(3, 8, 1), nn.BatchNorm2d(8)).train()
    before = {key: value.clone() for key, value in module.state_dict().items()}

    lint(see_module(module, (3, 4, 4), name="mine"), LintSettings())

    assert module.training
    assert module[1].training
    after = module.state_dict()
    assert all(before[key].equal(after[key]) for key in before)


def test_a_layer_that_runs_twice_is_told_once() -> None:
    class Twice(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.stem = nn.Conv2d(3, 4, 1)
            self.shared = nn.Sequential(nn.Conv2d(4, 32, 1), nn.Conv2d(32, 4, 1))

        def forward(self, x: Tensor) -> Tensor:
            x = self.stem(x)
            return self.shared(x) + self.shared(self.shared(x))

    report = lint(
        see_module(Twice(), (3, 4, 4), name="mine"),
        LintSettings(select=selectors(["RX001"])),
    )

    assert [finding.layer for finding in report.findings] == ["shared.0"]
