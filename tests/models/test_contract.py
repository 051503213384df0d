"""What holds of every network of the catalogue, built and run once."""

from dataclasses import dataclass, replace

import pytest
import torch

from rexpand.models import (
    FeatureExtractor,
    Network,
    build,
    feature_levels,
    load_network,
    save_network,
)
from rexpand.spec import CATALOGUE, NetworkSpec, network

SIZE = 64  # pixels: the deepest maps are 2x2, so batch norm has 8 values a channel


@dataclass(frozen=True, kw_only=True)
class Run:
    """A network, two images, their scores and the gradients that came back."""

    network: Network
    images: torch.Tensor
    scores: torch.Tensor


@pytest.fixture(scope="module", params=CATALOGUE)
def run(request) -> Run:
    torch.manual_seed(0)
    built = build(network(request.param)).train()
    images = torch.randn(2, 3, SIZE, SIZE)
    scores = built(images)
    (scores * torch.randn_like(scores)).sum().backward()
    return Run(network=built.eval(), images=images, scores=scores.detach())


def test_it_scores_every_image(run):
    spec = run.network.spec

    # One score a class; without a classifier, the features that it would see.
    features = spec.num_classes or spec.head.hidden or spec.head.channels
    assert run.scores.shape == (2, features)


def test_its_scores_are_finite(run):
    assert run.scores.isfinite().all()


def test_every_parameter_gets_a_gradient(run):
    gradients = {name: p.grad for name, p in run.network.named_parameters()}

    # A parameter without one would be decoration.
    assert [name for name, gradient in gradients.items() if gradient is None] == []
    assert all(gradient.isfinite().all() for gradient in gradients.values())


def test_its_features_are_those_announced(run):
    extractor = FeatureExtractor(run.network)

    with torch.no_grad():
        maps = extractor(run.images)

    # Channels and size of every level, in order.
    assert extractor.levels == feature_levels(run.network.spec)
    assert [tuple(found.shape) for found in maps] == [
        (2, level.channels, SIZE // level.stride, SIZE // level.stride)
        for level in extractor.levels
    ]


def test_its_classifier_sees_its_penultimate_features(run):
    with torch.no_grad():
        features = run.network.forward_penultimate(run.images)
        scores = run.network(run.images)

    # Dropout is off, so nothing stands in between.
    assert torch.equal(run.network.head.classifier(features), scores)


def test_its_scores_do_not_depend_on_the_batch(run):
    with torch.no_grad():
        together = run.network(run.images)
        alone = run.network(run.images[:1])

    scale = together.abs().max()
    assert torch.allclose(together[:1] / scale, alone / scale, atol=1e-5)


def thin(spec: NetworkSpec) -> NetworkSpec:
    """The same layers, a few channels each."""
    head = replace(
        spec.head,
        channels=min(spec.head.channels, 16),
        hidden=min(spec.head.hidden, 16),
    )
    return replace(spec.with_channels([8] * spec.depth), head=head)


@pytest.mark.parametrize("name", CATALOGUE)
def test_it_round_trips_through_a_checkpoint(name, tmp_path):
    saved = build(thin(network(name)).with_classes(3))

    save_network(saved, tmp_path / "net.safetensors")
    loaded = load_network(tmp_path / "net.safetensors")

    assert loaded.spec == saved.spec
    assert loaded.state_dict().keys() == saved.state_dict().keys()
    for key, tensor in saved.state_dict().items():
        assert torch.equal(loaded.state_dict()[key], tensor)
