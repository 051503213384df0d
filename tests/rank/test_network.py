"""Every layer of any module is seen as the module gave it, and the module is left alone."""

import numpy as np
import pytest
import torch
from torch import nn

from rexpand.cost import cost_of
from rexpand.data.dataset import DataSet
from rexpand.errors import ForeignCodeError, RankError, UnknownNameError
from rexpand.models import build
from rexpand.rank import (
    RankPlan,
    Site,
    chosen_sites,
    find_sites,
    layer_ranks,
    network_spectra,
    rank_network,
)
from rexpand.spec import NetworkSpec, network
from rexpand.trace import trace
from rexpand.train import fitted
from rounding import rounding_bound

CPU = torch.device("cpu")


class Twice(nn.Module):
    """One activation in two places, and one of them in place."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(3, 6, 1)
        self.norm = nn.BatchNorm2d(6)
        self.relu = nn.ReLU(inplace=True)
        self.second = nn.Conv2d(6, 4, 3, padding=1)
        self.head = nn.Linear(4, 10)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        maps = self.relu(self.norm(self.first(images)))
        maps = self.relu(self.second(maps))
        return self.head(maps.mean((2, 3)))


@pytest.fixture
def twice() -> Twice:
    torch.manual_seed(0)
    return Twice()


def sites_of(module: nn.Module, image: tuple[int, int, int]) -> tuple[Site, ...]:
    return find_sites(module, trace(module, image))


def spectra(module: nn.Module, images: torch.Tensor, **options: object):
    sites = find_sites(module, trace(module, tuple(images.shape[1:])))
    found = network_spectra(
        module, images.split(3), sites, images=len(images), **options
    )
    return sites, found


def test_sites_come_in_the_order_of_the_pass(twice: Twice) -> None:
    sites = sites_of(twice, (3, 8, 8))

    assert [(site.name, site.kind, site.channels) for site in sites] == [
        ("first", "convolution", 6),
        ("norm", "norm", 6),
        ("relu", "activation", 6),
        ("second", "convolution", 4),
        ("relu#2", "activation", 4),
        ("head:input", "features", 4),
        ("head", "linear", 10),
    ]


@pytest.mark.kernels
def test_an_activation_in_place_does_not_touch_what_was_seen_before(
    twice: Twice,
) -> None:
    images = torch.randn(10, 3, 8, 8).double()
    twice.double().eval()
    with torch.no_grad():
        before = twice.norm(twice.first(images)).clone()

    _, found = spectra(twice, images, positions="all")

    # Derived twice: streamed behind the hook, and numpy's values of the whole matrix.
    for name, maps in (("norm", before), ("relu", before.relu())):
        rows = maps.movedim(1, -1).flatten(0, -2).numpy()
        expected = np.linalg.svd(rows.astype(np.float64), compute_uv=False)
        # The root of a sum of squares: of half the digits where the value is nothing.
        bound = rounding_bound(2, expected[0] ** 2) ** 0.5
        assert np.allclose(found[name].singular_values(), expected, atol=bound)


def test_an_activation_inside_a_norm_is_seen_apart_from_it() -> None:
    class NormAct(nn.BatchNorm2d):
        def __init__(self, channels: int) -> None:
            super().__init__(channels)
            self.act = nn.ReLU(inplace=True)

        def forward(self, images: torch.Tensor) -> torch.Tensor:
            return self.act(super().forward(images))

    module = nn.Sequential(nn.Conv2d(3, 5, 1), NormAct(5))
    images = torch.randn(12, 3, 4, 4)

    sites, found = spectra(module.eval(), images, positions="all")

    assert [site.name for site in sites] == ["0", "1", "1.act"]
    with torch.no_grad():
        before = nn.functional.batch_norm(
            module[0](images),
            module[1].running_mean,
            module[1].running_var,
            module[1].weight,
            module[1].bias,
        )
    rows = before.movedim(1, -1).flatten(0, -2)
    assert found["1"].nuclear_norm() == pytest.approx(
        float(torch.linalg.svdvals(rows.double()).sum()), rel=1e-6
    )


def test_macs_and_params_add_up_to_the_price() -> None:
    spec = network("rexnet_100").for_images(resolution=64, in_channels=3)
    module = build(spec)

    sites = sites_of(module, (3, 64, 64))

    assert sum(site.macs for site in sites) == cost_of(spec).macs
    assert sum(site.params for site in sites) == cost_of(spec).params


def test_the_module_is_left_as_it_was(twice: Twice) -> None:
    twice.train()
    twice.norm.eval()
    before = {name: value.clone() for name, value in twice.state_dict().items()}

    spectra(twice, torch.randn(6, 3, 8, 8), positions="strided")

    assert twice.training
    assert not twice.norm.training
    assert all(torch.equal(before[n], v) for n, v in twice.state_dict().items())
    assert not twice.relu._forward_hooks
    assert not twice._forward_pre_hooks


def test_samples_are_the_images_where_positions_are_pooled(twice: Twice) -> None:
    images = torch.randn(9, 3, 8, 8)

    sites, found = spectra(twice, images, positions="pooled")

    assert {found[site.name].samples for site in sites} == {9}


def test_fewer_samples_than_channels_are_flagged(twice: Twice) -> None:
    sites, found = spectra(twice, torch.randn(5, 3, 1, 1), positions="all")

    ranks = {layer.name: layer for layer in layer_ranks(sites, found)}

    assert ranks["first"].bounded_by_samples
    assert not ranks["second"].bounded_by_samples
    assert ranks["first"].rank <= 5


def test_features_that_are_not_finite_name_the_layer(twice: Twice) -> None:
    with torch.no_grad():
        twice.second.bias[0] = float("nan")

    with pytest.raises(RankError, match=r"^second has NaN or infinite features"):
        spectra(twice, torch.randn(4, 3, 8, 8), positions="all")


def test_a_layer_that_does_not_exist_gives_the_nearest(twice: Twice) -> None:
    sites = sites_of(twice, (3, 8, 8))

    with pytest.raises(UnknownNameError, match="nearest are second"):
        chosen_sites(sites, "secnd")


def test_layers_are_chosen_by_pattern_or_path() -> None:
    module = nn.Sequential(Twice(), nn.Tanh())
    sites = sites_of(module, (3, 8, 8))

    assert [s.name for s in chosen_sites(sites, "*.relu*")] == ["0.relu", "0.relu#2"]
    assert len(chosen_sites(sites, "0")) == len(sites) - 1
    assert chosen_sites(sites, None) == sites


def test_a_module_that_cannot_run_on_the_images_says_so(digits: DataSet) -> None:
    with pytest.raises(ForeignCodeError, match="Twice cannot run on images of 1x8x8: "):
        rank_network(
            Twice(), digits.test, RankPlan(images=8), name="net", weights="random",
            data="digits", device=CPU,
        )  # fmt: skip


def test_a_module_that_is_one_layer_has_its_own_name() -> None:
    (site,) = sites_of(nn.Conv2d(3, 4, 1), (3, 2, 2))

    assert (site.name, site.channels, site.in_channels) == ("Conv2d", 4, 3)


def test_a_module_without_layers_says_so() -> None:
    with pytest.raises(RankError, match="Flatten has no convolution"):
        sites_of(nn.Flatten(), (3, 8, 8))


def test_positions_that_do_not_exist_are_refused() -> None:
    with pytest.raises(RankError, match="'some' are unknown; choose from all, strided"):
        RankPlan(positions="some")  # type: ignore[arg-type]


def test_a_network_is_ranked_on_the_images_of_a_split(digits: DataSet) -> None:
    spec: NetworkSpec = fitted(network("search_18"), digits)
    heard: list[int] = []

    found = rank_network(
        build(spec), digits.test, RankPlan(images=50, layers="blocks.1"), name="net",
        weights="random", data="digits", device=CPU, on_images=heard.append,
    )  # fmt: skip

    assert found.images == sum(heard) == 50
    assert (found.params, found.macs) == (cost_of(spec).params, cost_of(spec).macs)
    expand, *_ = found.layers
    assert expand.name == "blocks.1.expand.conv"
    # Before the activation a 1x1 convolution cannot exceed its input channels.
    assert expand.rank <= expand.channels * expand.dim_ratio
    assert expand.samples >= 4 * expand.channels
    assert len(expand.singular_values) == expand.channels


def test_more_images_than_there_are_is_all_of_them(digits: DataSet) -> None:
    module = nn.Sequential(nn.Conv2d(1, 2, 1), nn.ReLU())
    few = digits.test.subset(range(20))

    found = rank_network(
        module, few, RankPlan(positions="pooled"), name="net", weights="random",
        data="digits", device=CPU,
    )  # fmt: skip

    assert found.images == found.layers[0].samples == 20
    assert found.features is None


def test_timms_norms_and_activations_are_told_apart() -> None:
    timm = pytest.importorskip("timm")
    module = timm.create_model("efficientnet_lite0", num_classes=3)

    sites = sites_of(module, (3, 32, 32))

    # The stem: convolution, norm, and the activation that timm's norm holds.
    assert [(s.name, s.kind) for s in sites[:3]] == [
        ("conv_stem", "convolution"),
        ("bn1", "norm"),
        ("bn1.act", "activation"),
    ]
    assert sites[-2].name == "classifier:input"
