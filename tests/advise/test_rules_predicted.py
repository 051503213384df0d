"""RX002 predicts from random layers; the features of the network have the last word."""

from dataclasses import replace

import pytest
import torch
from torch import nn

from rexpand.advise.lint import LintSettings, lint, selectors
from rexpand.advise.lint.seeing import see_module
from rexpand.advise.rules import Finding
from rexpand.advise.rules.dim_ratio import published_rank_ratio
from rexpand.data import load
from rexpand.rank import RankPlan, rank_network
from rexpand.rank.published import published_points

RX002 = LintSettings(select=selectors(["RX002"]))


def bottleneck(copies: int) -> nn.Module:
    """From 4 channels to 12, of which `copies` repeat the first."""
    torch.manual_seed(0)
    module = nn.Sequential(
        nn.Conv2d(1, 4, 3),
        nn.Conv2d(4, 24, 1),
        nn.SiLU(),
        nn.Conv2d(24, 24, 3, padding=1, groups=24),
        nn.ReLU6(),
        nn.Conv2d(24, 12, 1, bias=False),
        nn.BatchNorm2d(12),
    )
    weight = module[5].weight
    weight.data[12 - copies :] = weight.data[:1]
    return module.eval()


def measured(module: nn.Module, images: int = 40) -> list[Finding]:
    ranks = rank_network(
        module,
        load("digits").test,
        RankPlan(images=images),
        name="mine",
        weights="random",
        data="digits",
        device=torch.device("cpu"),
    )
    subject = replace(see_module(module, (1, 8, 8), name="mine"), ranks=ranks)
    return list(lint(subject, RX002).findings)


def test_without_data_it_is_a_prediction_and_advice() -> None:
    subject = see_module(bottleneck(0), (1, 8, 8), name="mine")

    (finding,) = lint(subject, RX002).findings

    assert finding.level == "advice"
    assert finding.cost.startswith("a prediction from random layers")
    assert "rank their features on data" in finding.cost


def test_features_of_a_higher_rank_than_predicted_silence_it() -> None:
    assert measured(bottleneck(0)) == []


def test_features_of_a_rank_as_low_as_predicted_confirm_it() -> None:
    # Copies leave 5 of 12 directions; 0.52 is printed at 4 / 12 channels.
    (finding,) = measured(bottleneck(7))

    evidence = {fact.name: fact.value for fact in finding.evidence}
    assert finding.level == "warning"
    assert evidence["features"] == "6"
    assert evidence["rank_ratio"] == pytest.approx(5 / 12, abs=1e-3)
    assert "the rank is 5 of 12" in finding.cost


def test_the_prediction_is_the_printed_depthwise_panel() -> None:
    printed = {
        point.dim_ratio: point.rank_ratio
        for point in published_points()
        if (point.structure, point.activation) == ("inverted_bottleneck_dw", "relu6")
    }

    assert {ratio: published_rank_ratio(ratio) for ratio in printed} == printed
