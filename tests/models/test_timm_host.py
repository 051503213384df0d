"""The checks of timm's own model tests, on our entries in timm's registry."""

import math
from functools import cache

import pytest
import torch

timm = pytest.importorskip("timm")

from timm.layers import set_scriptable
from timm.models import (
    FeatureInfo,
    get_notrace_functions,
    get_notrace_modules,
    load_checkpoint,
)
from timm.optim import create_optimizer_v2
from timm.utils import ModelEmaV3
from torchvision.models.feature_extraction import (
    NodePathTracer,
    create_feature_extractor,
    get_graph_node_names,
)

import rexpand.timm
from rexpand.cost import price
from rexpand.errors import SpecError
from rexpand.models import FeatureExtractor, build, save_network
from rexpand.spec import ALIASES, CATALOGUE, network

SIZE = 64  # pixels
CLASSES = 42


def _cheapest_of_each_family() -> dict[str, str]:
    names = sorted(CATALOGUE, key=lambda name: -price(network(name)).macs)
    return {network(name).family: name for name in names}


FAMILIES = _cheapest_of_each_family()


def created(name: str, **options):
    return timm.create_model(f"rexpand_{name}", **options)


def on_meta(name: str, **options):
    """The model without storage: shapes and gradients in milliseconds."""
    with torch.device("meta"):
        return created(name, **options)


@cache
def shared(name: str):
    """One model a family for the checks that leave it as it is."""
    torch.manual_seed(0)
    return created(name).eval()


def images(batch: int = 2, size: int = SIZE, device: str = "cpu") -> torch.Tensor:
    torch.manual_seed(1)
    return torch.randn(batch, 3, size, size, device=device)


# Names


@pytest.mark.parametrize("name", [*CATALOGUE, *ALIASES])
def test_every_name_is_registered(name):
    assert timm.is_model(f"rexpand_{name}")
    assert timm.is_model(name)


def test_no_network_of_timms_is_replaced():
    theirs = [name for name in CATALOGUE if name not in rexpand.timm.ENTRIES]

    # What is not ours under its plain name was timm's before, and still is.
    assert "rexnet_100" in theirs
    for name in theirs:
        module = timm.models.model_entrypoint(name).__module__
        assert module.startswith("timm.")
    ours = [name for name in CATALOGUE if name in rexpand.timm.ENTRIES]
    assert "squeezenet_1_1" in ours


def test_the_entries_are_listed_as_a_module_of_timms():
    # timm sorts its names by module; ours are one.
    listed = timm.list_models(module="registry")

    assert set(listed) == set(rexpand.timm.ENTRIES)


# The whole catalogue, on the meta device


@pytest.mark.parametrize("name", CATALOGUE)
def test_default_config(name):
    model = on_meta(name).eval()
    config, state = model.default_cfg, model.state_dict()

    assert config["input_size"] == (3, network(name).resolution, network(name).resolution)
    assert f"{config['first_conv']}.weight" in state
    if config["num_classes"]:
        assert f"{config['classifier']}.weight" in state
    _check_heads(model, torch.empty(1, *config["input_size"], device="meta"))
    unpooled = on_meta(name, num_classes=0, global_pool="").eval()
    outputs = unpooled(torch.empty(1, *config["input_size"], device="meta"))
    assert outputs.shape[2:] == config["pool_size"]


def _check_heads(model, inputs):
    maps = model.forward_features(inputs)
    features = model.forward_head(maps, pre_logits=True)
    # Unpooled, then what the classifier sees, as announced.
    assert maps.shape == (1, model.num_features, *model.default_cfg["pool_size"])
    assert features.shape == (1, model.head_hidden_size)
    model.reset_classifier(0)
    assert model.num_classes == 0
    assert model(inputs).shape == features.shape
    model.reset_classifier(0, "")
    assert model(inputs).shape[2:] == model.default_cfg["pool_size"]
    model.reset_classifier(7, "max")
    assert model(inputs).shape == (1, 7)


@pytest.mark.parametrize("name", CATALOGUE)
def test_every_parameter_gets_a_gradient(name):
    model = on_meta(name, num_classes=CLASSES).train()

    scores = model(images(device="meta"))
    scores.mean().backward()

    assert scores.shape == (2, CLASSES)
    assert [n for n, p in model.named_parameters() if p.grad is None] == []


@pytest.mark.parametrize("name", CATALOGUE)
def test_features_are_those_announced(name):
    model = on_meta(name, features_only=True).eval()

    maps = model(torch.empty(1, 3, 96, 96, device="meta"))

    # At least three levels, shallow to deep, whatever the family.
    info = model.feature_info
    assert len(maps) == len(info.channels()) >= 3
    for found, channels, stride in zip(
        maps, info.channels(), info.reduction(), strict=True
    ):
        assert found.shape[1] == channels
        assert found.shape[2] <= math.ceil(96 / stride) + 1


@pytest.mark.parametrize("name", CATALOGUE)
def test_intermediates_are_those_announced(name):
    model = on_meta(name).eval()
    info = FeatureInfo(model.feature_info, len(model.feature_info))
    inputs = torch.empty(1, 3, 96, 96, device="meta")

    last, maps = model.forward_intermediates(inputs)

    assert last.shape == model.forward_features(inputs).shape
    assert [found.shape[1] for found in maps] == info.channels()
    # Negative indices count from the deepest level.
    (deepest,) = model.forward_intermediates(
        inputs, indices=[-1], intermediates_only=True
    )
    assert deepest.shape == maps[-1].shape


# One network a family, with numbers


@pytest.mark.parametrize("name", FAMILIES.values(), ids=FAMILIES)
def test_scores_are_ours_and_checkpointing_does_not_move_them(name):
    model = shared(name)
    ours = build(model.spec).eval()
    ours.load_state_dict(model.state_dict())

    with torch.no_grad():
        scores, expected = model(images()), ours(images())

    scale = expected.abs().max()
    assert expected.isfinite().all()
    assert torch.allclose(scores / scale, expected / scale, atol=1e-5)
    model.set_grad_checkpointing()
    again = model(images())
    model.set_grad_checkpointing(False)
    assert torch.allclose(again / scale, expected / scale, atol=1e-5)


@pytest.mark.parametrize("name", FAMILIES.values(), ids=FAMILIES)
def test_checkpointing_does_not_move_the_gradients(name):
    model = created(name, num_classes=CLASSES, drop_rate=0.0).train()

    gradients = []
    for enable in (False, True):
        model.set_grad_checkpointing(enable)
        model.zero_grad()
        model(images()).square().mean().backward()
        gradients.append(model.stem.conv.weight.grad.clone())

    # The same passes, so the same numbers but for the order of sums.
    scale = gradients[0].abs().max()
    assert scale > 0
    assert torch.allclose(gradients[0] / scale, gradients[1] / scale, atol=1e-3)


@pytest.mark.parametrize("name", FAMILIES.values(), ids=FAMILIES)
def test_intermediates_are_our_features(name):
    model = shared(name)
    ours = build(model.spec).eval()
    ours.load_state_dict(model.state_dict())

    with torch.no_grad():
        last, maps = model.forward_intermediates(images())
        expected = FeatureExtractor(ours)(images())
        features = model.forward_features(images())

    assert torch.equal(last, features)
    for found, wanted in zip(maps, expected, strict=True):
        assert torch.allclose(found, wanted, atol=1e-5 * wanted.abs().max().item())


# Which blocks TorchScript cannot compile (it is deprecated), and why.
UNSCRIPTABLE = {
    "darts": "a block takes two maps",
    "darts_plus": "a block takes two maps",
    "fairdarts": "a block takes two maps",
    "mixnet": "a list of convolutions of several sizes",
    "atomnas": "a list of convolutions of several sizes",
}
SCRIPTABLE = {key: name for key, name in FAMILIES.items() if key not in UNSCRIPTABLE}


@pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::DeprecationWarning")
@pytest.mark.parametrize("name", SCRIPTABLE.values(), ids=SCRIPTABLE)
def test_a_script_gives_the_same_scores(name):
    with set_scriptable(True):
        model = created(name).eval()

    with torch.no_grad():
        expected = model(images())
        scores = torch.jit.script(model)(images())

    scale = expected.abs().max()
    assert torch.allclose(scores / scale, expected / scale, atol=1e-5)


def traced(model, train: bool = False):
    """The model as a graph, the way timm's tests make one."""
    options = {
        "leaf_modules": get_notrace_modules(),
        "autowrap_functions": get_notrace_functions(),
        "param_shapes_constant": True,
    }
    train_nodes, eval_nodes = get_graph_node_names(model, tracer_kwargs=options)
    if train:
        NodePathTracer(**options).trace(model)
    return create_feature_extractor(
        model,
        train_return_nodes=[train_nodes[-1]],
        eval_return_nodes=[eval_nodes[-1]],
        tracer_kwargs=options,
    )


@pytest.mark.parametrize("name", FAMILIES.values(), ids=FAMILIES)
def test_a_graph_gives_the_same_scores_and_gradients(name):
    model = created(name, num_classes=CLASSES).eval()
    with torch.no_grad():
        expected = model(images())

    graph = traced(model)
    with torch.no_grad():
        (scores,) = graph.eval()(images()).values()
    (trained,) = graph.train()(images()).values()
    trained.mean().backward()

    assert torch.equal(scores, expected)
    assert trained.shape == (2, CLASSES)
    assert [n for n, p in graph.named_parameters() if p.grad is None] == []


# What a user asks of create_model


@pytest.mark.parametrize("wrapper", ["getter", "list", "dict", "hook", "fx"])
def test_every_wrapper_of_timms_gives_the_same_features(wrapper):
    torch.manual_seed(0)
    expected = created("rexnet_100", features_only=True).eval()
    torch.manual_seed(0)
    model = created(
        "rexnet_100", features_only=True, feature_cfg={"feature_cls": wrapper}
    ).eval()

    with torch.no_grad():
        maps, wanted = model(images()), expected(images())

    found = list(maps.values()) if isinstance(maps, dict) else maps
    assert len(found) == 5
    assert all(torch.equal(*pair) for pair in zip(found, wanted, strict=True))


def test_chosen_levels_leave_the_rest_out():
    model = created("rexnet_100", features_only=True, out_indices=(1, 3)).eval()

    maps = model(images())

    assert model.feature_info.reduction() == [4, 16]
    assert [found.shape[2] for found in maps] == [SIZE // 4, SIZE // 16]
    # Blocks behind stride 16, the penultimate layer and the classifier are gone.
    assert not any("head" in key or "blocks.11" in key for key in model.state_dict())


def test_stopping_early_gives_the_deepest_map_asked_for():
    model = shared("rexnet_100")

    last, maps = model.forward_intermediates(images(), indices=[0, 2], stop_early=True)

    assert torch.equal(last, maps[-1])
    assert [found.shape[2] for found in maps] == [SIZE // 2, SIZE // 8]


def test_the_options_of_create_model_change_the_spec():
    model = created(
        "mobilenetv2_100",
        num_classes=5,
        in_chans=1,
        drop_rate=0.3,
        drop_path_rate=0.1,
        output_stride=16,
        width_mult=0.5,
        depth_mult=1.5,
    )

    spec = network("mobilenetv2_100", width_mult=0.5, depth_mult=1.5)
    assert model.spec.channels == spec.channels
    assert (model.spec.num_classes, model.spec.in_channels) == (5, 1)
    assert (model.spec.head.dropout, model.spec.drop_path) == (0.3, 0.1)
    assert model.feature_info[-1]["reduction"] == 16
    assert model.eval()(torch.randn(1, 1, 64, 64)).shape == (1, 5)


def test_the_cifar_form_says_its_own_image_size():
    model = created("resnet18", input="cifar", num_classes=10).eval()

    # As timm's data configuration will read it.
    assert timm.data.resolve_data_config(model=model)["input_size"] == (3, 32, 32)
    assert model.forward_features(torch.randn(1, 3, 32, 32)).shape[2:] == (4, 4)


def test_a_map_has_no_classifier():
    with pytest.raises(SpecError, match="give num_classes=0 too"):
        created("rexnet_100", global_pool="")


def test_an_unknown_pooling_is_met_with_those_that_exist():
    with pytest.raises(SpecError, match="'catavgmax' is not one of 'avg', 'max'"):
        created("rexnet_100", global_pool="catavgmax")


def test_an_output_stride_that_the_family_cannot_give_is_refused():
    with pytest.raises(SpecError, match="output_stride 12 cannot be given"):
        created("rexnet_100", output_stride=12)


# timm's tools


def test_rates_decay_with_depth():
    model = created("mobilenetv2_050")

    optimizer = create_optimizer_v2(model, "sgd", lr=1.0, layer_decay=0.5)

    # A stem, 17 blocks and the head: a factor a layer, the head's the largest.
    scales = sorted({group["lr_scale"] for group in optimizer.param_groups})
    assert scales == [0.5**power for power in range(18, -1, -1)]
    counted = sum(len(group["params"]) for group in optimizer.param_groups)
    assert counted == len(list(model.parameters()))


def test_an_average_follows_the_weights():
    model = created("mobilenetv2_050", num_classes=2)
    average = ModelEmaV3(model, decay=0.5)

    with torch.no_grad():
        model.head.classifier.bias.fill_(1.0)
    average.update(model)

    assert torch.allclose(average.module.head.classifier.bias, torch.full((2,), 0.5))


def test_a_checkpoint_of_ours_is_one_of_timms(tmp_path):
    ours = build(network("mobilenetv2_050")).eval()
    save_network(ours, tmp_path / "net.safetensors")
    model = created("mobilenetv2_050").eval()

    load_checkpoint(model, str(tmp_path / "net.safetensors"))

    with torch.no_grad():
        assert torch.allclose(model(images()), ours(images()), atol=1e-6)


def test_weights_of_timms_come_with_new_channels_and_classes(tmp_path):
    theirs = timm.create_model("rexnet_100")
    torch.save(theirs.state_dict(), tmp_path / "rexnet.pth")

    model = created(
        "rexnet_100",
        pretrained=True,
        pretrained_cfg_overlay={"file": str(tmp_path / "rexnet.pth")},
        in_chans=1,
        num_classes=5,
    )

    # timm's own rules: one channel sums the three, another classifier starts fresh.
    kernels = theirs.stem.conv.weight.sum(1, keepdim=True)
    assert torch.allclose(model.stem.conv.weight, kernels, atol=1e-6)
    assert torch.equal(
        model.blocks[9].project.conv.weight, theirs.features[9].conv_pwl.conv.weight
    )
    assert model.head.classifier.weight.shape[0] == 5
