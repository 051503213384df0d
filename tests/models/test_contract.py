"""What holds of every network of the catalogue, built and run once."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pytest
import torch

from rexpand.blocks import DropPath
from rexpand.errors import SpecError
from rexpand.models import (
    FeatureExtractor,
    Network,
    build,
    load_network,
    save_network,
)
from rexpand.spec import (
    CATALOGUE,
    FeatureLevel,
    NetworkSpec,
    feature_levels,
    network,
    network_to_toml,
    read_network,
    with_output_stride,
)
from rounding import agree, depth_of

SIZE = 64  # pixels: the deepest maps are 2x2, so batch norm has 8 values a channel

# One network a family, where the kinds of block matter and the widths do not.
FAMILIES = sorted({network(name).family: name for name in CATALOGUE}.values())


@dataclass(frozen=True, kw_only=True)
class Run:
    """A network, two images, their scores and the gradients that came back."""

    network: Network
    images: torch.Tensor
    scores: torch.Tensor


@pytest.fixture(scope="module", params=CATALOGUE)
def run(request) -> Run:
    torch.manual_seed(0)
    built = build(network(request.param)).double().train()
    images = torch.randn(2, 3, SIZE, SIZE, dtype=torch.float64)
    scores = built(images)
    (scores * torch.randn_like(scores)).sum().backward()
    return Run(network=built.eval(), images=images, scores=scores.detach())


def sides(spec: NetworkSpec, levels: Sequence[FeatureLevel]) -> list[int]:
    """Pixels of the side of every level's map."""
    blocks = {f"blocks.{i}": side for i, side in enumerate(spec.sizes(SIZE))}
    stem = {"stem": spec.stem.conv_size(SIZE), "pool": spec.stem.out_size(SIZE)}
    known = stem | blocks
    return [known[level.name] for level in levels]


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
        (2, level.channels, side, side)
        for level, side in zip(
            extractor.levels, sides(run.network.spec, extractor.levels), strict=True
        )
    ]


def test_its_classifier_sees_its_penultimate_features(run):
    with torch.no_grad():
        features = run.network.forward_penultimate(run.images)
        scores = run.network(run.images)

    # Dropout is off, so nothing stands in between.
    depth = depth_of(run.network)
    assert agree(run.network.head.classify(features), scores, depth=depth)


@pytest.mark.kernels
def test_its_scores_do_not_depend_on_the_batch(run):
    with torch.no_grad():
        together = run.network(run.images)
        alone = run.network(run.images[:1])

    assert agree(together[:1], alone, depth=depth_of(run.network))


@pytest.mark.parametrize("name", CATALOGUE)
def test_it_round_trips_through_a_spec_file(name, tmp_path):
    spec = network(name)
    path = tmp_path / "net.toml"

    path.write_text(network_to_toml(spec), encoding="utf-8")

    assert read_network(path) == spec


@pytest.mark.parametrize("name", FAMILIES)
def test_it_round_trips_through_a_checkpoint(name, tmp_path):
    saved = build(network(name, width_mult=0.25).with_classes(3))

    save_network(saved, tmp_path / "net.safetensors")
    loaded = load_network(tmp_path / "net.safetensors")

    assert loaded.spec == saved.spec
    before, after = saved.state_dict(), loaded.state_dict()
    assert after.keys() == before.keys()
    assert all(torch.equal(after[key], tensor) for key, tensor in before.items())


@pytest.mark.parametrize("name", FAMILIES)
def test_its_cifar_form_learns_from_images_of_32_pixels(name):
    torch.manual_seed(0)
    spec = network(name, width_mult=0.25, input="cifar").with_classes(10)
    small = build(spec).train()

    loss = small(torch.randn(4, 3, 32, 32)).logsumexp(1).mean()
    loss.backward()

    assert loss.isfinite()
    assert all(p.grad is not None for p in small.parameters())


@pytest.mark.parametrize("output_stride", [8, 16])
@pytest.mark.parametrize("name", FAMILIES)
def test_its_map_is_as_large_as_the_output_stride_says(name, output_stride):
    spec = network(name)
    try:
        spec = with_output_stride(spec, output_stride)
    except SpecError:
        pytest.skip(f"{name} cannot be given output_stride {output_stride}")
    with torch.device("meta"):
        module = build(spec).eval()
        maps = module.forward_features(torch.empty(1, 3, 96, 96))

    assert maps.shape[2:] == (spec.sizes(96)[-1],) * 2


@pytest.mark.parametrize("name", FAMILIES)
def test_drop_path_acts_in_training_alone(name):
    torch.manual_seed(0)
    spec = network(name, width_mult=0.25, input="cifar").with_classes(10)
    module = build(replace(spec, drop_path=0.9, head=replace(spec.head, dropout=0.0)))
    images = torch.randn(4, 3, 32, 32)
    paths = [layer for layer in module.modules() if isinstance(layer, DropPath)]
    if not paths:
        pytest.skip(f"{name} has no residual branch to drop")

    noisy = [module.train()(images) for _ in range(2)]
    with torch.no_grad():
        still = [module.eval()(images) for _ in range(2)]

    # The rate rises to the last block's.
    assert 0 < max(path.rate for path in paths) <= 0.9
    assert not torch.equal(*noisy)
    assert torch.equal(*still)
