"""Each proxy against its formula on networks whose answer is known by hand."""

from math import log, log10

import numpy as np
import pytest
import torch
from scipy.stats import kendalltau
from torch import Tensor, nn

from rexpand.errors import RankError
from rexpand.models import build
from rexpand.search.proxies.agreement import Agreement, interval_of, margins
from rexpand.search.proxies.features import feature_nuclear_norm, feature_rank
from rexpand.search.proxies.layers import is_rectifier, normalising
from rexpand.search.proxies.naswot import naswot
from rexpand.search.proxies.synflow import synflow
from rexpand.spec import network as named


def dense(*rows: tuple[float, ...]) -> nn.Linear:
    """A linear layer without bias."""
    layer = nn.Linear(len(rows[0]), len(rows), bias=False)
    layer.weight.data = torch.tensor(rows)
    return layer


IMAGES = torch.tensor([[1.0, 2.0], [1.0, -2.0], [-1.0, 3.0]])
# Of the three units each image has bits: (+, +, +), (+, -, -) and (-, +, +).
CODED = dense((1.0, 0.0), (0.0, 1.0), (1.0, 1.0))


@pytest.mark.parametrize(
    "activation", [nn.ReLU(), nn.ReLU6(inplace=True), nn.SiLU(), nn.GELU()]
)
def test_naswot_is_the_determinant_of_the_bits_that_agree(
    activation: nn.Module,
) -> None:
    found = naswot(nn.Sequential(CODED, activation), IMAGES.clone())

    # Units less Hamming distances: 3 on the diagonal, then 3 - 2, 3 - 1 and 3 - 3.
    expected = np.linalg.det([[3, 1, 2], [1, 3, 0], [2, 0, 3]])
    assert found == pytest.approx(log(expected))


def test_naswot_adds_up_over_layers(float64: None) -> None:
    torch.manual_seed(0)
    images = torch.randn(5, 3, 4, 4)
    network = nn.Sequential(
        nn.Conv2d(3, 6, 3), nn.ReLU(), nn.Conv2d(6, 8, 2), nn.ReLU6()
    )

    first = network[0](images)
    second = network[2](first.relu())
    bits = torch.cat([first.flatten(1) > 0, second.flatten(1) > 0], dim=1)
    hamming = (bits[:, None] != bits[None]).sum(-1)
    expected = torch.linalg.slogdet((bits.shape[1] - hamming).double()).logabsdet

    assert naswot(network, images) == pytest.approx(float(expected))


def test_naswot_needs_rectifiers_and_codes_that_differ() -> None:
    with pytest.raises(RankError, match="naswot needs activations"):
        naswot(nn.Sequential(CODED, nn.Sigmoid()), IMAGES)
    with pytest.raises(RankError, match="two of 2 images have the same code"):
        naswot(nn.Sequential(CODED, nn.ReLU()), IMAGES[[0, 0]])


def test_a_gate_is_no_rectifier() -> None:
    gates = [nn.Sigmoid(), nn.Hardsigmoid(), nn.Tanh()]

    assert [is_rectifier(gate) for gate in gates] == [False] * 3
    assert is_rectifier(nn.Hardswish())
    assert not is_rectifier(nn.Conv2d(1, 1, 1))


def test_synflow_of_two_layers_is_twice_what_flows_through(float64: None) -> None:
    first, second = dense((1.0, -2.0), (-3.0, 4.0)), dense((5.0, -6.0))

    found = synflow(nn.Sequential(first, nn.ReLU6(), second), torch.zeros(1, 2))

    # |W2| |W1| 1 = 5 (1 + 2) + 6 (3 + 4), which flows through either layer whole. A
    # ReLU6 would have cut it, and an image of zeros would have none.
    assert found == pytest.approx(log10(2 * (5 * 3 + 6 * 7)))


def test_synflow_does_not_see_norms_or_signs(float64: None) -> None:
    torch.manual_seed(0)
    one, two = nn.Conv2d(2, 3, 3, bias=False), nn.Conv2d(3, 2, 1, bias=False)
    bare = synflow(nn.Sequential(one, two), torch.zeros(1, 2, 5, 5))
    one.weight.data *= -1

    normed = nn.Sequential(one, nn.BatchNorm2d(3), nn.SiLU(), two)

    assert synflow(normed, torch.ones(4, 2, 5, 5)) == pytest.approx(bare)


def test_a_network_without_any_flow_is_refused() -> None:
    with pytest.raises(RankError, match="the flow through the network is 0"):
        synflow(nn.Sequential(dense((0.0, 0.0))), torch.zeros(1, 2))


def test_the_rank_of_features_is_that_of_the_first_step(float64: None) -> None:
    torch.manual_seed(0)
    network = build(named("search_18").with_channels((8, 8, 9, 10, 12)))
    images = torch.randn(6, 3, 8, 8)

    norm = feature_nuclear_norm(network, images)
    rank = feature_rank(network, images)

    # The features that a network in training mode makes of the batch.
    with torch.no_grad():
        features = network.train().forward_penultimate(images)
    values = torch.linalg.svdvals(features)
    shares = values / values.sum()
    assert norm == pytest.approx(float(values.sum()), rel=1e-6)
    assert rank == pytest.approx(
        float((-(shares * shares.log()).sum()).exp()), rel=1e-6
    )


def test_norms_see_the_batch_and_the_mode_is_put_back() -> None:
    network = nn.Sequential(nn.BatchNorm1d(2), nn.Dropout(0.9))
    network.eval()

    with normalising(network), torch.no_grad():
        seen = network(IMAGES)

    # Of mean 0 in every feature, and nothing dropped.
    assert seen.mean(0).abs().max() < 1e-6
    assert not any(layer.training for layer in network.modules())


def scores(count: int, seed: int) -> Tensor:
    return torch.from_numpy(np.random.default_rng(seed).normal(size=count))


def test_tau_is_scipys_with_ties_and_in_every_draw() -> None:
    rng = np.random.default_rng(0)
    accuracies = rng.integers(0, 8, 30).astype(float)
    found = rng.integers(0, 5, 30) + accuracies

    agreement = Agreement(accuracies, seed=1)
    taus = agreement.taus(found)

    assert taus[0] == pytest.approx(kendalltau(found, accuracies).statistic)
    for draw in (1, 2, 700):
        drawn = np.repeat(np.arange(30), agreement._counts[draw].astype(int))
        expected = kendalltau(found[drawn], accuracies[drawn]).statistic
        assert taus[draw] == pytest.approx(expected)


def test_a_constant_orders_nothing() -> None:
    assert Agreement([1.0, 2.0, 3.0], seed=0).taus([5.0, 5.0, 5.0])[0] == 0


def test_what_knows_the_accuracy_beats_the_baselines_and_noise_does_not() -> None:
    truth, noise = scores(60, 0), scores(60, 1)
    counted = {"params": scores(60, 2), "macs": scores(60, 3)}
    agreement = Agreement(truth, seed=0)
    columns = {**counted, "oracle": truth, "noise": noise, "reversed": -truth}
    taus = {name: agreement.taus(column) for name, column in columns.items()}

    ahead = {
        n: interval_of(each) for n, each in margins(taus, ["params", "macs"]).items()
    }

    assert [*ahead] == ["oracle", "noise", "reversed"]
    best = max(float(taus["params"][0]), float(taus["macs"][0]))
    assert ahead["oracle"].mean == pytest.approx(1 - best)
    assert (ahead["oracle"].low or 0) > 0
    low, high = ahead["noise"].low, ahead["noise"].high
    assert low is not None
    assert high is not None
    assert low < 0 < high
    # A sign is no proxy's to choose afterwards.
    assert (ahead["reversed"].high or 0) < 0


def test_the_interval_of_tau_holds_the_truth_as_often_as_it_says() -> None:
    # A bivariate normal of correlation 0.5 has tau 1/3.
    rng, held = np.random.default_rng(0), 0
    covariance = [[1, 0.5], [0.5, 1]]
    for seed in range(100):
        first, second = rng.multivariate_normal([0, 0], covariance, 40).T
        found = interval_of(Agreement(first, seed=seed).taus(second))
        assert found.low is not None
        assert found.high is not None
        held += found.low <= 1 / 3 <= found.high

    # 95 of 100 with a standard deviation of 2.2; the draws are always the same.
    assert 88 <= held <= 100
