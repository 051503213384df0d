import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from rexpand.errors import (
    CheckpointError,
    MissingExtraError,
    SpecError,
    UnknownNameError,
)
from rexpand.models import (
    Network,
    build,
    load_network,
    open_source,
    run_weightless,
    save_network,
)
from rexpand.spec import ImageContract, Source, network, network_to_toml
from rexpand.trace import measure, trace


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A user's package with factories, on the path."""
    code = """
from torch import nn
def linear(): return nn.Linear(3, 2)
def nothing(): return None
"""
    folder = tmp_path / "users_networks"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "zoo.py").write_text(code)
    monkeypatch.syspath_prepend(tmp_path)
    yield "users_networks.zoo"
    for name in [name for name in sys.modules if name.startswith("users_networks")]:
        del sys.modules[name]


def opened(text: str) -> nn.Module:
    return open_source(Source.parse(text)).module


def contract(text: str) -> ImageContract:
    return open_source(Source.parse(text)).contract


def test_a_name_of_the_catalogue_is_built():
    found = opened("search_18")

    assert isinstance(found, Network)
    assert found.spec == network("search_18")


def test_a_spec_file_is_built(tmp_path):
    (tmp_path / "net.toml").write_text(network_to_toml(network("search_18")))

    assert opened(str(tmp_path / "net.toml")).spec == network("search_18")


def test_a_checkpoint_gives_its_architecture(tmp_path):
    path = tmp_path / "net.safetensors"
    save_network(build(network("search_18")), path)

    assert opened(str(path)).spec == network("search_18")


def test_a_network_of_timm_is_created():
    pytest.importorskip("timm")

    with torch.device("meta"):
        found = opened("timm:rexnet_100")

    assert sum(p.numel() for p in found.parameters()) == 4_796_873


def test_a_network_of_torchvision_is_created():
    found = opened("torchvision:mobilenet_v3_small")

    # As torchvision's own table has it.
    assert sum(p.numel() for p in found.parameters()) == 2_542_856


def test_a_factory_of_the_user_is_called(package):
    assert isinstance(opened(f"{package}:linear"), nn.Linear)


@pytest.mark.parametrize(
    "name", ["absent.package:factory", "json:absent", ":factory", ".zoo:factory", ":"]
)
def test_a_factory_that_is_not_there_is_named(name):
    with pytest.raises(
        UnknownNameError, match=f"unknown factory '{name}'; .*give package"
    ):
        opened(name)


def test_a_factory_that_gives_no_module_is_refused(package):
    with pytest.raises(SpecError, match=r"gives None, not an nn\.Module"):
        opened(f"{package}:nothing")


def test_an_unknown_network_of_timm_is_met_with_the_nearest():
    pytest.importorskip("timm")

    with pytest.raises(UnknownNameError, match=r"timm network 'rexnet_10'; .*rexnet_1"):
        opened("timm:rexnet_10")


def test_an_unknown_network_of_torchvision_is_met_with_the_nearest():
    with pytest.raises(UnknownNameError, match="'resnet'; the nearest are resnet"):
        opened("torchvision:resnet")


def test_without_timm_the_install_line_is_given(monkeypatch):
    monkeypatch.setitem(sys.modules, "timm", None)  # as if it were not installed

    with pytest.raises(MissingExtraError, match=r"pip install 'rexpand\[timm\]'"):
        opened("timm:rexnet_100")


@pytest.mark.parametrize("name", ["rexnet_10", "absent.toml", "net.onnx"])
def test_what_stands_for_nothing_is_refused(name):
    with pytest.raises((UnknownNameError, SpecError), match=name):
        opened(name)


def test_controls_reach_the_module():
    spec = network("search_18", width_mult=0.5, input="cifar")

    found = opened("search_18:width_mult=0.5,input=cifar")

    assert found.spec == spec


def test_a_module_of_another_make_takes_no_controls():
    with pytest.raises(SpecError, match=r"resnet18:width_mult=2\.0 is a module"):
        opened("torchvision:resnet18:width_mult=2")


def test_the_contract_of_timm_is_its_pretrained_cfg():
    pytest.importorskip("timm")

    found = contract("timm:efficientnet_b3")

    # timm 1.0: trained at 288, with ImageNet's moments.
    assert found.image == (3, 288, 288)
    assert found.mean == (0.485, 0.456, 0.406)
    assert found.std == (0.229, 0.224, 0.225)
    assert (found.interpolation, found.crop) == ("bicubic", 0.875)
    assert found.class_names[:2] == ("n01440764", "n01443537")
    assert found.origin == "timm"


@pytest.mark.parametrize(
    ("name", "side"), [("torchvision:vit_h_14", 224), ("timm:volo_d4_448", 448)]
)
def test_a_transformer_runs_on_the_image_of_its_contract(name, side):
    # vit_h_14's default weights are of 518 pixels, which the network without them
    # refuses; timm evaluates volo_d4_448 with a border around the image (crop 1.15).
    cost, contract = run_weightless(Source.parse(name), measure)

    assert contract.image == (3, side, side)
    assert cost.macs > 0


def test_the_contract_of_torchvision_is_its_weights_transforms():
    from torchvision.models import EfficientNet_B3_Weights

    said = EfficientNet_B3_Weights.DEFAULT.transforms()
    found = contract("torchvision:efficientnet_b3")

    assert [found.height] == said.crop_size == [300]
    assert [round(found.height / found.crop)] == said.resize_size
    assert list(found.mean) == said.mean
    assert found.interpolation == said.interpolation.value
    assert found.class_names[0] == "tench"
    assert found.origin == "torchvision"


def test_a_module_of_the_users_own_takes_224_pixels_that_nobody_describes(package):
    found = contract(f"{package}:linear")

    assert found.image == (3, 224, 224)
    assert (found.mean, found.origin) == (None, "unknown")


def test_the_size_of_a_spec_is_its_own():
    found = contract("rexnet_100:resolution=160,in_channels=1")

    assert found.image == (1, 160, 160)
    assert not found.is_known


CIFAR = ImageContract(
    channels=3,
    height=32,
    width=32,
    mean=(0.5, 0.4, 0.3),
    std=(0.2, 0.2, 0.1),
    class_names=("cat", "dog"),
    origin="checkpoint",
)


def test_the_contract_travels_with_the_weights(tmp_path):
    path = tmp_path / "net.safetensors"
    save_network(build(network("search_18").with_classes(2)), path, CIFAR)

    # As a checkpoint, and as a file of weights of the same network.
    assert contract(str(path)) == CIFAR
    assert contract(f"search_18:num_classes=2@{path}") == CIFAR


def test_a_checkpoint_without_a_contract_still_opens(tmp_path):
    path = tmp_path / "net.safetensors"
    save_network(build(network("search_18")), path)

    found = contract(str(path))

    assert found.image == (3, 32, 32)
    assert not found.is_known


def test_padding_of_tensorflow_is_kept_in_a_checkpoint(tmp_path):
    torch.manual_seed(0)
    path = tmp_path / "net.safetensors"
    spec = network("mobilenetv2_035")
    save_network(build(spec), path, replace(CIFAR, padding="tensorflow_same"))
    images = torch.randn(1, 3, 64, 64)

    with torch.no_grad():
        padded, plain = (
            opened(str(path)).eval()(images),
            load_network(path).eval()(images),
        )

    # The tensors have the same names; only the strided convolutions pad otherwise.
    assert not torch.allclose(padded, plain)


@pytest.mark.parametrize("library", ["timm", "torchvision"])
def test_weights_by_a_librarys_names_give_the_librarys_scores(library, tmp_path):
    pytest.importorskip(library)
    theirs = {"timm": "timm:mobilenetv2_100", "torchvision": "torchvision:mobilenet_v2"}
    torch.manual_seed(0)
    module = opened(theirs[library]).double().eval()
    path = tmp_path / "theirs.npz"
    state = {name: tensor.numpy() for name, tensor in module.state_dict().items()}
    np.savez(path, **state)
    images = torch.randn(1, 3, 64, 64, dtype=torch.float64)

    ours = opened(f"mobilenetv2_100@{path}").double().eval()
    # Loading rounds to float32: both compute with the same rounded weights.
    module.float().double()

    with torch.no_grad():
        gap = (ours(images) - module(images)).abs().max()
    assert gap <= 1e-9 * module(images).abs().max()


def test_weights_of_another_network_name_the_file_and_the_tensor(tmp_path):
    path = tmp_path / "other.safetensors"
    save_network(build(network("search_30")), path)

    with pytest.raises(CheckpointError, match=r"tensor .*other\.safetensors holds"):
        opened(f"search_18@{path}")


def test_without_values_a_network_runs_on_meta_at_its_own_size():
    seen, found = run_weightless(Source.parse("torchvision:efficientnet_b1"), trace)

    # Its default weights are evaluated at 240 pixels.
    assert found.image == (3, 240, 240)
    assert seen.device == "meta"
    assert seen.inputs[0] == (1, 3, 240, 240)
