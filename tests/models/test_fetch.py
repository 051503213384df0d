"""Weights that other libraries publish, from where those libraries look for them."""

import dataclasses
from urllib.error import URLError

import pytest
import timm
import torch
from timm.models import _registry
from torchvision import models

from rexpand.errors import CheckpointError, RunError, UnknownNameError
from rexpand.models import (
    build,
    import_state,
    load_network,
    name_in,
    pretrained,
    save_network,
    with_new_classifier,
)
from rexpand.models.weights import RELEASES
from rexpand.spec import CATALOGUE, network
from rounding import agree, depth_of

pytestmark = pytest.mark.usefixtures("float64")

IMAGES = (
    torch.linspace(-2, 2, 3 * 64 * 64, dtype=torch.float64).sin().view(1, 3, 64, 64)
)
LIBRARIES = ["timm", "torchvision"]
SHARED = [
    (library, name)
    for library in LIBRARIES
    for name in CATALOGUE
    if name_in(library, name)
]


@pytest.mark.parametrize(("library", "name"), SHARED)
def test_the_network_of_their_name_is_ours(library, name):
    theirs = name_in(library, name)
    with torch.device("meta"):
        state = (
            timm.create_model(theirs)
            if library == "timm"
            else models.get_model(theirs, weights=None)
        ).state_dict()

    imported = import_state(network(name), state, library)

    # Every tensor of theirs has one place of ours, in its shape.
    with torch.device("meta"):
        own = build(network(name)).state_dict()
    assert {n: t.shape for n, t in imported.items()} == {
        n: t.shape for n, t in own.items()
    }


@pytest.mark.parametrize(
    ("library", "family"), [k for k in RELEASES if k[0] != "official"]
)
def test_every_family_with_a_layout_has_a_network_there(library, family):
    names = [name for kind, name in SHARED if kind == library]

    assert any(network(name).family == family for name in names)


@pytest.fixture
def timms(tmp_path, monkeypatch):
    """A rexnet_100 of timm's, saved where timm then looks for its weights."""
    torch.manual_seed(0)
    theirs = timm.create_model("rexnet_100").eval()
    torch.save(theirs.state_dict(), tmp_path / "rexnet.pth")
    config = timm.models.get_pretrained_cfg("rexnet_100")
    config = dataclasses.replace(config, file=str(tmp_path / "rexnet.pth"))
    monkeypatch.setitem(_registry._model_pretrained_cfgs, "rexnet_100", config)
    return theirs


@pytest.fixture
def torchvisions(tmp_path):
    """A SqueezeNet of torchvision's, in its cache of downloads."""
    torch.manual_seed(0)
    theirs = models.squeezenet1_1(weights=None).eval()
    url = models.SqueezeNet1_1_Weights.DEFAULT.url
    before = torch.hub.get_dir()
    torch.hub.set_dir(tmp_path)
    (tmp_path / "checkpoints").mkdir()
    torch.save(theirs.state_dict(), tmp_path / "checkpoints" / url.rpartition("/")[2])
    yield theirs
    torch.hub.set_dir(before)


@pytest.mark.kernels
def test_weights_of_timms_give_timms_scores(timms):
    ours = pretrained("rexnet_100").eval()

    with torch.no_grad():
        assert agree(ours(IMAGES), timms(IMAGES), depth=depth_of(timms))


@pytest.mark.kernels
def test_weights_of_torchvisions_give_torchvisions_scores(torchvisions):
    ours = pretrained("squeezenet_1_1", "torchvision").eval()

    with torch.no_grad():
        depth = depth_of(torchvisions)
        assert agree(ours(IMAGES), torchvisions(IMAGES), depth=depth)


def test_another_number_of_classes_keeps_all_but_the_classifier(torchvisions):
    ours = pretrained("squeezenet1_1", "torchvision", num_classes=7)

    # An alias of ours is as good as the name.
    assert ours.spec == network("squeezenet_1_1").with_classes(7)
    assert torch.equal(ours.stem.conv.weight, torchvisions.features[0].weight)
    assert ours(IMAGES).shape == (1, 7)


@pytest.mark.parametrize("name", ["rexnet_100", "squeezenet_1_0", "condensenet_74_g8"])
def test_a_new_classifier_sees_the_same_features(name):
    trained = build(network(name)).eval()

    renewed = with_new_classifier(trained, 5)

    with torch.no_grad():
        before = trained.forward_penultimate(IMAGES)
        assert torch.equal(renewed.forward_penultimate(IMAGES), before)
        assert renewed(IMAGES).shape == (1, 5)
    assert not renewed.training


def test_a_checkpoint_of_other_classes_names_the_way_out(tmp_path):
    save_network(
        build(network("search_18").with_classes(10)), tmp_path / "n.safetensors"
    )

    with pytest.raises(CheckpointError) as raised:
        load_network(tmp_path / "n.safetensors", network("search_18").with_classes(5))
    # And the way out is one.
    rest = with_new_classifier(load_network(tmp_path / "n.safetensors"), 5)

    assert "10 classes), not " in str(raised.value)
    assert "with_new_classifier(load_network(path), num_classes)" in str(raised.value)
    assert rest.spec.num_classes == 5


def test_weights_of_other_classes_name_the_way_out():
    with torch.device("meta"):
        state = timm.create_model("rexnet_100", num_classes=11).state_dict()

    with pytest.raises(CheckpointError) as raised:
        import_state(network("rexnet_100"), state, "timm")

    assert "head.classifier.weight has shape (11, 1280)" in str(raised.value)
    assert "load into with_classes(11)" in str(raised.value)
    assert "with_new_classifier(network, num_classes)" in str(raised.value)


def test_a_network_that_a_library_lacks_is_named():
    with pytest.raises(UnknownNameError, match="network of timm 'squeezenet_1_1'"):
        pretrained("squeezenet_1_1", "timm")


def test_a_name_that_nobody_has_is_met_with_the_nearest():
    with pytest.raises(UnknownNameError, match="'rexnet_10'; the nearest are rexnet_1"):
        pretrained("rexnet_10")


def test_a_network_without_published_weights_says_so():
    name = next(n for lib, n in SHARED if lib == "timm" and not is_published(n))

    with pytest.raises(CheckpointError, match=f"timm publishes no weights of {name}"):
        pretrained(name)


def is_published(name: str) -> bool:
    return timm.is_model_pretrained(name)


def test_a_library_that_cannot_be_reached_is_a_failed_run(tmp_path, monkeypatch):
    def unreachable(*arguments, **options):
        raise URLError("no network\nhere")

    before = torch.hub.get_dir()
    torch.hub.set_dir(tmp_path)
    monkeypatch.setattr("torchvision.models._api.load_state_dict_from_url", unreachable)

    with pytest.raises(
        RunError, match="torchvision could not fetch its weights of"
    ) as e:
        pretrained("squeezenet_1_1", "torchvision")

    # One line, whatever the library's message.
    assert "\n" not in str(e.value)
    torch.hub.set_dir(before)
