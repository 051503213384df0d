"""The checks of timm's own model tests, on our entries in timm's registry."""

import importlib
import inspect
import math
import re
import sys

import pytest
import timm
import torch
from timm.layers import set_scriptable
from timm.models import (
    FeatureInfo,
    get_notrace_functions,
    get_notrace_modules,
    load_checkpoint,
)
from timm.optim import create_optimizer_v2
from timm.utils import ModelEmaV3
from torchvision import models
from torchvision.models.feature_extraction import (
    create_feature_extractor,
    get_graph_node_names,
)

import rexpand.timm
from rexpand.cost import cost_of
from rexpand.errors import (
    CheckpointError,
    MissingExtraError,
    SpecError,
    UnknownNameError,
)
from rexpand.models import FeatureExtractor, build, name_in, save_network
from rexpand.records import write_atomic
from rexpand.spec import ALIASES, CATALOGUE, ImageContract, network, network_to_toml
from rexpand.timm.registry import LOADED_EPS
from rounding import agree, depth_of

pytestmark = pytest.mark.usefixtures("float64")

SIZE = 64  # pixels
CLASSES = 42


def _cheapest_of_each_family() -> dict[str, str]:
    names = sorted(CATALOGUE, key=lambda name: -cost_of(network(name)).macs)
    return {network(name).family: name for name in names}


FAMILIES = _cheapest_of_each_family()


def created(name: str, **options):
    return timm.create_model(f"rexpand_{name}", **options)


def small(name: str, **options):
    """A network of a family with a block or two of each stage."""
    torch.manual_seed(0)
    return created(name, depth_mult=0.3, **options)


def images() -> torch.Tensor:
    return torch.linspace(-2, 2, 2 * 3 * SIZE * SIZE).sin().view(2, 3, SIZE, SIZE)


# Any spec


@pytest.fixture
def winner(tmp_path):
    """A network of no catalogue, with weights and the images that they expect."""
    spec = network("search_18").with_channels((20, 24, 31, 40, 52)).with_classes(5)
    built = build(spec.for_images(resolution=40, in_channels=3)).eval()
    contract = ImageContract(
        channels=3, height=40, width=40, mean=(0.5,) * 3, std=(0.25,) * 3, crop=0.9
    )
    save_network(built, tmp_path / "network.safetensors", contract)
    write_atomic(tmp_path / "net.toml", network_to_toml(built.spec))
    return built


def test_a_spec_file_and_a_checkpoint_are_a_model_of_timm(winner, tmp_path):
    path = str(tmp_path / "network.safetensors")

    for spec in (winner.spec, str(tmp_path / "net.toml"), tmp_path / "net.toml"):
        model = timm.create_model("rexpand", spec=spec, checkpoint_path=path).eval()

        assert agree(model(images()), winner(images()), depth=depth_of(winner))
        assert model.num_classes == 5


def test_a_spec_without_a_classifier_takes_that_of_the_weights(winner, tmp_path):
    path = str(tmp_path / "network.safetensors")
    bare = winner.spec.with_classes(0)

    model = timm.create_model("rexpand", spec=bare, checkpoint_path=path).eval()

    assert model.num_classes == 5
    assert agree(model(images()), winner(images()), depth=depth_of(winner))
    # Whoever asks for another number, or loads nothing, gets what was asked for.
    assert timm.create_model("rexpand", spec=bare).num_classes == 0
    assert timm.create_model("rexpand", spec=bare, num_classes=7).num_classes == 7


def test_a_checkpoint_alone_brings_its_weights_and_images(winner, tmp_path):
    path = str(tmp_path / "network.safetensors")

    model = timm.create_model("rexpand", spec=path).eval()

    # The contract in the header is what timm feeds the model by.
    assert agree(model(images()), winner(images()), depth=depth_of(winner))
    config = timm.data.resolve_model_data_config(model)
    assert config["input_size"] == (3, 40, 40)
    assert (config["mean"], config["std"]) == ((0.5,) * 3, (0.25,) * 3)
    assert config["crop_pct"] == 0.9


def test_a_checkpoint_gets_another_classifier_by_timms_rules(winner, tmp_path):
    path = str(tmp_path / "network.safetensors")

    model = timm.create_model("rexpand", spec=path, num_classes=7)

    assert model(images()).shape == (2, 7)
    assert torch.equal(model.stem.conv.weight, winner.stem.conv.weight)


def test_a_name_is_a_spec_for_timm_too():
    model = timm.create_model(
        "rexpand", spec="rexnet_100:width_mult=0.5", num_classes=3
    )
    maps = timm.create_model("rexpand", spec="search_18", features_only=True)

    assert model.spec.channels == network("rexnet_100", width_mult=0.5).channels
    assert model(images()).shape == (2, 3)
    assert maps.feature_info.channels()[-1] == network("search_18").channels[-1]


@pytest.mark.parametrize(
    ("options", "kind", "said"),
    [
        ({}, SpecError, "give spec=..., a NetworkSpec, a name or a spec file"),
        ({"spec": "rexnet_10"}, UnknownNameError, "nearest are"),
        ({"spec": "net.toml@w.pth"}, SpecError, "checkpoint_path='w.pth'"),
        (
            {"spec": "search_18", "pretrained": True},
            CheckpointError,
            "give checkpoint_path=FILE",
        ),
    ],
)
def test_a_mistake_in_a_spec_for_timm_is_one_line(options, kind, said):
    with pytest.raises(kind, match=re.escape(said)):
        timm.create_model("rexpand", **options)


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

    assert set(listed) == {"rexpand", *rexpand.timm.ENTRIES}


# The whole catalogue, on the meta device: shapes without storage


@pytest.mark.parametrize("name", CATALOGUE)
def test_default_config_features_and_heads_are_as_announced(name):
    with torch.device("meta"):
        model = created(name).eval()
        inputs = torch.empty(1, *model.default_cfg["input_size"])
    _check_config(model, name)

    maps, levels = model.forward_intermediates(inputs)

    _check_levels(model, levels)
    _check_heads(model, maps)


def _check_config(model, name: str):
    config, state = model.default_cfg, model.state_dict()
    side = network(name).resolution
    assert config["input_size"] == (3, side, side)
    assert f"{config['first_conv']}.weight" in state
    if config["num_classes"]:
        assert f"{config['classifier']}.weight" in state


def _check_levels(model, levels):
    info = FeatureInfo(model.feature_info, len(model.feature_info))
    side = model.default_cfg["input_size"][-1]
    # At least three levels, shallow to deep, whatever the family.
    assert len(levels) >= 3
    for found, channels, stride in zip(
        levels, info.channels(), info.reduction(), strict=True
    ):
        assert found.shape[:2] == (1, channels)
        assert found.shape[2] <= math.ceil(side / stride) + 1


def _check_heads(model, maps):
    pool_size = model.default_cfg["pool_size"]
    features = model.forward_head(maps, pre_logits=True)
    # Unpooled, then what the classifier sees, then other classifiers and poolings.
    assert maps.shape == (1, model.num_features, *pool_size)
    assert features.shape == (1, model.head_hidden_size)
    model.reset_classifier(0)
    assert model.num_classes == 0
    assert model.forward_head(maps).shape == features.shape
    model.reset_classifier(0, "")
    assert model.forward_head(maps).shape[2:] == pool_size
    model.reset_classifier(7, "max")
    assert model.forward_head(maps).shape == (1, 7)


# One network a family, with numbers


@pytest.mark.parametrize("name", FAMILIES.values(), ids=FAMILIES)
def test_a_network_without_classifier_and_pooling_gives_its_map(name):
    model = small(name, num_classes=0, global_pool="").eval()

    with torch.no_grad():
        outputs, maps = model(images()), model.forward_features(images())

    assert outputs.shape == (2, model.head_hidden_size, *maps.shape[2:])


@pytest.mark.kernels
@pytest.mark.parametrize("name", FAMILIES.values(), ids=FAMILIES)
def test_intermediates_are_our_features_and_change_no_scores(name):
    model = small(name).eval()
    ours = build(model.spec).eval()
    ours.load_state_dict(model.state_dict())

    with torch.no_grad():
        last, maps = model.forward_intermediates(images())
        scores, wanted = model(images()), FeatureExtractor(ours)(images())
        expected = ours(images())

    assert expected.isfinite().all()
    depth = depth_of(ours)
    assert agree(scores, expected, depth=depth)
    assert agree(model.forward_head(last), scores, depth=depth)
    assert all(agree(*pair, depth=depth) for pair in zip(maps, wanted, strict=True))


@pytest.mark.kernels
@pytest.mark.parametrize("name", FAMILIES.values(), ids=FAMILIES)
def test_checkpointing_moves_no_score_and_no_gradient(name):
    model = small(name, num_classes=CLASSES, drop_rate=0.0, drop_path_rate=0.0)
    model.train()

    runs = []
    for enable in (False, True):
        model.set_grad_checkpointing(enable)
        model.zero_grad()
        scores = model(images())
        scores.square().mean().backward()
        runs.append((scores.detach(), model.stem.conv.weight.grad.clone()))

    (scores, gradient), (scores_again, gradient_again) = runs
    assert scores.shape == (2, CLASSES)
    assert gradient.abs().max() > 0
    # There and back again, through norms of a batch of two.
    depth = 2 * depth_of(model)
    assert agree(scores_again, scores, depth=depth)
    assert agree(gradient_again, gradient, depth=depth)
    assert [n for n, p in model.named_parameters() if p.grad is None] == []


# Kinds of block that TorchScript, which torch retires, cannot compile, and why.
UNSCRIPTABLE = {
    "cell": "takes two maps, and sums a list of them",
    "mixed_bottleneck": "joins a list of convolutions",
    "shuffle_v2": "splits by a list that may be empty",
}
SCRIPTABLE = {
    family: name
    for family, name in FAMILIES.items()
    if not {block.kind for block in network(name).blocks} & UNSCRIPTABLE.keys()
}


@pytest.mark.kernels
@pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::DeprecationWarning")
@pytest.mark.parametrize("name", SCRIPTABLE.values(), ids=SCRIPTABLE)
def test_a_script_gives_the_same_scores(name):
    with set_scriptable(True):
        model = small(name).eval()

    with torch.no_grad():
        expected = model(images())
        scores = torch.jit.script(model)(images())

    assert agree(scores, expected, depth=depth_of(model))


def traced(model):
    """The model as two graphs, the way timm's tests make them."""
    options = {
        "leaf_modules": get_notrace_modules(),
        "autowrap_functions": get_notrace_functions(),
        "param_shapes_constant": True,
    }
    train_nodes, eval_nodes = get_graph_node_names(model, tracer_kwargs=options)
    return create_feature_extractor(
        model,
        train_return_nodes=[train_nodes[-1]],
        eval_return_nodes=[eval_nodes[-1]],
        tracer_kwargs=options,
    )


@pytest.mark.kernels
@pytest.mark.parametrize("name", FAMILIES.values(), ids=FAMILIES)
def test_a_graph_gives_the_same_scores_and_gradients(name):
    model = small(name, num_classes=CLASSES, drop_path_rate=0.0).eval()
    with torch.no_grad():
        expected = model(images())

    graph = traced(model)
    with torch.no_grad():
        (scores,) = graph.eval()(images()).values()
    (trained,) = graph.train()(images()).values()
    trained.mean().backward()

    assert agree(scores, expected, depth=depth_of(model))
    assert trained.shape == (2, CLASSES)
    assert [n for n, p in graph.named_parameters() if p.grad is None] == []


# What a user asks of create_model


@pytest.mark.kernels
@pytest.mark.parametrize("wrapper", ["getter", "list", "dict", "hook", "fx"])
def test_every_wrapper_of_timms_gives_the_same_features(wrapper):
    expected = small("rexnet_100", features_only=True).eval()
    model = small(
        "rexnet_100", features_only=True, feature_cfg={"feature_cls": wrapper}
    ).eval()

    with torch.no_grad():
        maps, wanted = model(images()), expected(images())

    found = list(maps.values()) if isinstance(maps, dict) else maps
    assert len(found) == 5
    depth = depth_of(expected)
    assert all(agree(*pair, depth=depth) for pair in zip(found, wanted, strict=True))


def test_chosen_levels_leave_the_rest_out():
    model = created("rexnet_100", features_only=True, out_indices=(1, 3)).eval()

    maps = model(images())

    assert model.feature_info.reduction() == [4, 16]
    assert [found.shape[2] for found in maps] == [SIZE // 4, SIZE // 16]
    # Blocks after stride 16, the penultimate layer and the classifier are gone.
    assert not any("head" in key or "blocks.11" in key for key in model.state_dict())


def test_stopping_early_gives_the_deepest_map_asked_for():
    model = small("rexnet_100").eval()

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
    with pytest.raises(SpecError, match="output_stride 12 is not possible"):
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


@pytest.mark.kernels
def test_a_checkpoint_of_ours_is_one_of_timms(tmp_path):
    torch.manual_seed(0)
    ours = build(network("mobilenetv2_050")).eval()
    save_network(ours, tmp_path / "net.safetensors")
    model = created("mobilenetv2_050").eval()

    load_checkpoint(model, str(tmp_path / "net.safetensors"))

    with torch.no_grad():
        assert agree(model(images()), ours(images()), depth=depth_of(ours))


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
    # One sum of three numbers, in float32 as timm computes it.
    size = theirs.stem.conv.weight.abs().sum(1, keepdim=True)
    difference = (model.stem.conv.weight - kernels).abs()
    assert (difference <= 3 * torch.finfo(torch.float32).eps * size).all()
    assert torch.equal(
        model.blocks[9].project.conv.weight, theirs.features[9].conv_pwl.conv.weight
    )
    assert model.head.classifier.weight.shape[0] == 5


@pytest.mark.kernels
def test_weights_of_torchvisions_come_where_timm_has_none(tmp_path):
    theirs = models.squeezenet1_1(weights=None).eval()
    url = models.SqueezeNet1_1_Weights.DEFAULT.url
    (tmp_path / "checkpoints").mkdir()
    torch.save(theirs.state_dict(), tmp_path / "checkpoints" / url.rpartition("/")[2])
    before = torch.hub.get_dir()
    torch.hub.set_dir(tmp_path)

    model = timm.create_model("squeezenet_1_1", pretrained=True).eval()

    torch.hub.set_dir(before)
    # Found in torchvision's cache, with torchvision's scores.
    with torch.no_grad():
        assert agree(model(images()), theirs(images()), depth=depth_of(theirs))
    assert timm.models.is_model_pretrained("squeezenet_1_1")


@pytest.mark.kernels
def test_weights_come_with_the_epsilon_that_timm_gives_them(tmp_path):
    torch.manual_seed(0)
    overlay = {"file": str(tmp_path / "fbnet.pth")}
    torch.save(timm.create_model("fbnetc_100").state_dict(), overlay["file"])
    options = {"pretrained": True, "pretrained_cfg_overlay": overlay}

    theirs = timm.create_model("fbnetc_100", **options).eval()
    ours = created("fbnetc_100", **options).eval()

    with torch.no_grad():
        assert agree(ours(images()), theirs(images()), depth=depth_of(theirs))
    # No other entry point of timm's does more with weights than to load them.
    shared = [name for name in CATALOGUE if name_in("timm", name)]
    sources = {n: inspect.getsource(timm.models.model_entrypoint(n)) for n in shared}
    assert {n for n, source in sources.items() if "if pretrained" in source} == set(
        LOADED_EPS
    )


def test_tags_of_timms_are_ours_too():
    tagged = timm.models.get_pretrained_cfg("rexpand_resnet18.a1_in1k")

    assert tagged.hf_hub_id == "timm/resnet18.a1_in1k"
    assert tagged.first_conv == "stem.conv"


def test_weights_of_another_network_are_refused_by_name(tmp_path):
    torch.save(timm.create_model("rexnet_100").state_dict(), tmp_path / "rexnet.pth")

    with pytest.raises(CheckpointError, match="belongs to no layer of this network"):
        created(
            "resnet18",
            pretrained=True,
            pretrained_cfg_overlay={"file": str(tmp_path / "rexnet.pth")},
        )


def test_without_timm_the_import_gives_its_install_line(monkeypatch):
    monkeypatch.setitem(sys.modules, "timm.models", None)

    with pytest.raises(MissingExtraError, match=r"rexpand\[timm\]"):
        importlib.reload(rexpand.timm)
