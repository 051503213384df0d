"""A fix names only what works on this network: commands that run, widths to choose."""

import re
import shlex
from pathlib import Path

import pytest
from torch import nn
from typer.testing import CliRunner

from rexpand.advise.lint import LintSettings, lint
from rexpand.advise.lint.seeing import see, see_module
from rexpand.advise.rules import Finding, Subject
from rexpand.cli.main import app
from rexpand.spec import Source

BY_8 = LintSettings(multiple_of=8)
_COMMAND = re.compile(r"`(rexpand [^`]+)`")

# Ours, timm's and torchvision's: of bottlenecks that upgrade reads, and of others.
NETWORKS = (
    *("rexnet_100", "mobilenetv2_100", "resnet18", "squeezenet_1_1", "mobilenetv1_050"),
    *("shufflenetv2_100", "mobilenetv2_100:num_classes=2"),
    *("timm:mobilenetv2_100", "timm:resnet18", "timm:convnext_atto"),
    *("torchvision:mobilenet_v3_small", "torchvision:squeezenet1_1"),
)


def findings(subject: Subject, rule: str, settings: LintSettings) -> list[Finding]:
    found = lint(subject, settings).findings
    return [finding for finding in found if finding.rule == rule]


def commands(name: str, resolution: int | None = None) -> set[str]:
    found = lint(see(Source.parse(name), resolution), BY_8).findings
    return {command for each in found for command in _COMMAND.findall(each.fix)}


@pytest.mark.parametrize("name", NETWORKS)
def test_every_command_of_a_fix_runs(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for command in sorted(commands(name)):
        program, *words = shlex.split(command)
        if words[0] == "round":
            words += ["--runtime", "none"]  # what it times is not in question

        done = CliRunner().invoke(app, words)

        assert program == "rexpand"
        assert done.exit_code == 0, f"{command}: {done.exception}"


@pytest.mark.parametrize(
    ("name", "verb"),
    [
        ("mobilenetv2_100", "rexpand upgrade mobilenetv2_100"),
        ("timm:mobilenetv2_100", "rexpand upgrade timm:mobilenetv2_100"),
        # Upgrade refuses residual blocks; solve takes every spec.
        ("resnet18", "rexpand solve resnet18 --macs 1814073344"),
    ],
)
def test_the_line_comes_from_the_verb_that_takes_the_network(
    name: str, verb: str
) -> None:
    assert verb in commands(name)


def test_a_module_that_is_no_spec_is_given_a_line_and_no_command() -> None:
    (finding,) = findings(see(Source.parse("timm:resnet18")), "RX006", BY_8)

    assert commands("timm:resnet18") == set()
    assert "the nearest line is " in finding.fix


def test_a_command_has_the_resolution_that_was_asked_for() -> None:
    assert "rexpand upgrade mobilenetv2_100 --resolution 96" in commands(
        "mobilenetv2_100", 96
    )


def two_classes() -> Subject:
    """A classifier of two classes on the map, as in SqueezeNet."""
    module = nn.Sequential(
        nn.Conv2d(3, 16, 3, padding=1),
        nn.Conv2d(16, 2, 1),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(1),
    )
    return see_module(module, (3, 16, 16), name="mine")


@pytest.mark.parametrize("rule", ["RX007", "RX011"])
def test_a_classifiers_outputs_are_the_classes(rule: str) -> None:
    found = findings(two_classes(), rule, BY_8)

    # Two outputs were told to be six, and to be eight.
    assert [each.layer for each in found if each.layer == "1"] == []


def test_a_classifier_that_widens_is_given_more_inputs_and_not_fewer_classes() -> None:
    module = nn.Sequential(nn.Conv2d(3, 4, 3), nn.Conv2d(4, 40, 1))

    (finding,) = findings(see_module(module, (3, 16, 16), name="mine"), "RX001", BY_8)

    assert finding.fix == (
        "give it at least 7 input channels; its outputs are the network's"
    )


def test_groups_to_choose_divide_the_channels() -> None:
    module = nn.Sequential(
        nn.Conv2d(3, 27, 1), nn.Conv2d(27, 27, 3, groups=9), nn.Conv2d(27, 8, 1)
    )

    (finding,) = findings(see_module(module, (3, 16, 16), name="mine"), "RX008", BY_8)

    # 4 groups, the limit, would not divide 27 channels.
    assert finding.fix.startswith("3 groups, or ")
