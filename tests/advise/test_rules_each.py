"""Each rule has a network that trips it and one that does not."""

from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from rexpand.advise.lint import LintSettings, lint, selectors
from rexpand.advise.lint.seeing import see, see_module, timed
from rexpand.advise.rules import RULES, Finding, Subject
from rexpand.data.load import load
from rexpand.rank import RankPlan, rank_network
from rexpand.spec import Source

Make = Callable[[], Subject]


def named(name: str) -> Make:
    return lambda: see(Source.parse(name))


def made(module: Callable[[], nn.Module]) -> Make:
    return lambda: see_module(module(), (3, 16, 16), name="mine")


def separable(channels: int, activation: nn.Module) -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(3, channels, 3, padding=1),
        nn.Conv2d(channels, channels, 3, padding=1, groups=channels),
        activation,
        nn.Conv2d(channels, channels, 1),
    )


class Widened(nn.Module):
    """A shortcut from 4 channels to 8, by a slice or by padding."""

    def __init__(self, *, by_slice: bool) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(3, 4, 1)
        self.wider = nn.Conv2d(4, 8, 1)
        self.by_slice = by_slice

    def forward(self, x: Tensor) -> Tensor:
        x = self.convolution(x)
        out = self.wider(x)
        if not self.by_slice:
            out += F.pad(x, (0, 0, 0, 0, 0, 4))
            return out
        out[:, :4] += x
        return out


class Branches(nn.Module):
    """As many 1x1 convolutions side by side, concatenated."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self.parts = nn.ModuleList(nn.Conv2d(3, 8, 1) for _ in range(count))

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([part(x) for part in self.parts], 1)


def repeated(activations: int) -> Make:
    """A convolution and activations behind it, timed."""

    def make() -> Subject:
        layers = [nn.Conv2d(3, 32, 7, padding=3)]
        module = nn.Sequential(*layers, *(nn.Softplus() for _ in range(activations)))
        subject = see_module(module, (3, 48, 48), name="mine")
        return timed(subject, module, rounds=2)

    return make


def ranked(*, copies: bool) -> Make:
    """Eight features of digits' images; four copies of two if `copies`."""

    def make() -> Subject:
        torch.manual_seed(0)
        module = nn.Sequential(nn.Conv2d(1, 8, 3, bias=False), nn.SiLU())
        if copies:
            weight = module[0].weight
            weight.data = weight.data[:2].repeat(4, 1, 1, 1)
        found = rank_network(
            module,
            load("digits").test,
            RankPlan(images=20),
            name="mine",
            weights="random",
            data="digits",
            device=torch.device("cpu"),
        )
        subject = see_module(module, (1, 8, 8), name="mine")
        return replace(subject, ranks=found)

    return make


def two_layers(hidden: int) -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(3, 32, 3),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(32, hidden),
        nn.Linear(hidden, 10),
    )


INT8 = LintSettings(target="int8")
BY_8 = LintSettings(multiple_of=8)
PLAIN = LintSettings()
# Rule, a network that trips it, one that does not, the settings of both.
CASES = (
    ("RX001", named("rexnet_100"), named("mobilenetv2_100"), PLAIN),
    ("RX002", named("mobilenetv2_100"), named("rexnet_100"), PLAIN),
    ("RX003", ranked(copies=True), ranked(copies=False), PLAIN),
    (
        "RX004",
        made(lambda: separable(8, nn.SiLU())),
        made(lambda: separable(8, nn.ReLU6())),
        PLAIN,
    ),
    ("RX005", named("mobilenetv2_100"), named("rexnet_100"), PLAIN),
    ("RX006", named("mobilenetv2_100"), named("rexnet_100"), PLAIN),
    ("RX007", named("mobilenetv2_100"), named("shufflenetv2_100"), PLAIN),
    ("RX008", named("shufflenetv1_g8_100"), named("shufflenetv1_g4_100"), PLAIN),
    (
        "RX009",
        made(lambda: nn.Sequential(Branches(4))),
        made(lambda: nn.Sequential(Branches(3))),
        PLAIN,
    ),
    ("RX010", repeated(20), repeated(0), PLAIN),
    ("RX011", named("rexnet_100"), named("rexnetr_100"), BY_8),
    (
        "RX012",
        made(lambda: nn.Sequential(Widened(by_slice=True))),
        made(lambda: nn.Sequential(Widened(by_slice=False))),
        PLAIN,
    ),
    ("RX013", named("rexnet_100"), named("rexnet_lite_100"), INT8),
    ("RX014", named("rexnet_100"), named("rexnet_lite_100"), INT8),
    ("RX015", made(lambda: two_layers(2000)), made(lambda: two_layers(4)), PLAIN),
)


def findings(subject: Subject, rule: str, settings: LintSettings) -> list[Finding]:
    chosen = replace(settings, select=selectors([rule]))
    return list(lint(subject, chosen).findings)


def test_every_rule_is_here() -> None:
    # A rule without both networks would be a rule that nobody has seen at work.
    assert [case[0] for case in CASES] == [rule.id for rule in RULES]


@pytest.mark.parametrize(("rule", "trips", "_", "settings"), CASES)
def test_a_network_trips_the_rule(
    rule: str, trips: Make, _: Make, settings: LintSettings
) -> None:
    found = findings(trips(), rule, settings)

    # A finding says where, shows numbers, and what to do.
    assert found
    for finding in found:
        assert finding.rule == rule
        assert finding.layer
        assert any(isinstance(fact.value, int | float) for fact in finding.evidence)
        assert finding.cost
        assert finding.fix


@pytest.mark.parametrize(("rule", "_", "clean", "settings"), CASES)
def test_another_network_does_not(
    rule: str, _: Make, clean: Make, settings: LintSettings
) -> None:
    assert findings(clean(), rule, settings) == []


class Interleaved(nn.Module):
    """Two convolutions run, then their norms; copies of two features in the first."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(1, 8, 3, bias=False)
        self.second = nn.Conv2d(1, 8, 3, bias=False)
        self.first_norm = nn.BatchNorm2d(8)
        self.second_norm = nn.BatchNorm2d(8)
        self.first.weight.data = self.first.weight.data[:2].repeat(4, 1, 1, 1)

    def forward(self, x: Tensor) -> Tensor:
        first, second = self.first(x), self.second(x)
        joined: Tensor = self.first_norm(first) + self.second_norm(second)
        return joined


def test_features_are_ranked_after_the_norm_that_reads_them() -> None:
    torch.manual_seed(0)
    module = Interleaved()
    ranks = rank_network(
        module,
        load("digits").test,
        RankPlan(images=20),
        name="mine",
        weights="random",
        data="digits",
        device=torch.device("cpu"),
    )
    subject = replace(see_module(module, (1, 8, 8), name="mine"), ranks=ranks)

    (finding,) = findings(subject, "RX003", PLAIN)

    # By order, the first convolution has no norm and the second has both.
    evidence = {fact.name: fact.value for fact in finding.evidence}
    assert (finding.layer, evidence["features"]) == ("first", "first_norm")
