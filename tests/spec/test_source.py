"""NETWORK[@WEIGHTS] as one value."""

import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from rexpand.errors import SpecError, UnknownNameError
from rexpand.spec import (
    Controls,
    Source,
    SqueezeExcite,
    network,
    network_to_toml,
    with_activation,
    with_multiple_of,
    with_output_stride,
    with_squeeze_excite,
)


@pytest.mark.parametrize(
    ("text", "kind", "name", "weights"),
    [
        ("rexnet_100", "catalogue", "rexnet_100", None),
        ("rexnet_100@best.safetensors", "catalogue", "rexnet_100", "best.safetensors"),
        ("net.toml", "file", "net.toml", None),
        ("nets/net.json@w.npz", "file", "nets/net.json", "w.npz"),
        ("/data/@me/net.toml", "file", "/data/@me/net.toml", None),
        ("/data/@me/net.toml@/w/@2.pth", "file", "/data/@me/net.toml", "/w/@2.pth"),
        ("run:3/last.safetensors", "checkpoint", "run:3/last.safetensors", None),
        ("C:\\nets\\net.toml", "file", "C:\\nets\\net.toml", None),
        ("timm:efficientnet_b3@w.pth", "timm", "efficientnet_b3", "w.pth"),
        ("timm:resnet18.a1_in1k", "timm", "resnet18.a1_in1k", None),
        ("torchvision:resnet18", "torchvision", "resnet18", None),
        ("hf:owner/name", "hf", "owner/name", None),
        ("hf:owner/a.b-c@v1.0", "hf", "owner/a.b-c@v1.0", None),
        ("hf:owner/net.toml@refs/pr/1", "hf", "owner/net.toml@refs/pr/1", None),
        ("package.zoo:factory", "factory", "package.zoo:factory", None),
        ("package.zoo:factory@a/b.npz", "factory", "package.zoo:factory", "a/b.npz"),
    ],
)
def test_a_text_says_its_kind(text, kind, name, weights):
    found = Source.parse(text)

    assert (found.kind, found.name) == (kind, name)
    assert found.weights == (Path(weights) if weights else None)
    # What is printed is what was typed.
    assert str(found) == text


@pytest.mark.parametrize(
    "text",
    [
        "rexnet_100:width_mult=0.75,input=cifar",
        "rexnet_100:depth_mult=2.0,num_classes=10@w.npz",
        "net.toml:drop_path=0.1,squeeze_excite=none",
        "timm:mobilenetv2_100:input=cifar",
        "hf:owner/name@main:resolution=96",
        "rexnet_100:activation.expand=relu,activation.head=relu6",
        "rexnet_100:squeeze_excite.reduction=16,squeeze_excite.norm=true",
        "resnet18:resolution=160,in_channels=1,dropout=0.5,output_stride=16",
    ],
)
def test_controls_come_back_from_their_text(text):
    found = Source.parse(text)

    assert str(found) == text
    assert Source.parse(str(found)) == found


@pytest.mark.parametrize(
    ("text", "spec"),
    [
        ("width_mult=0.75", network("rexnet_100", width_mult=0.75)),
        ("depth_mult=1.5", network("rexnet_100", depth_mult=1.5)),
        ("input=cifar", network("rexnet_100", input="cifar")),
        ("num_classes=10", network("rexnet_100").with_classes(10)),
        (
            "activation.expand=relu",
            with_activation(network("rexnet_100"), "expand", "relu"),
        ),
        ("squeeze_excite=none", with_squeeze_excite(network("rexnet_100"), None)),
        (
            "squeeze_excite.reduction=8",
            with_squeeze_excite(network("rexnet_100"), SqueezeExcite(reduction=8)),
        ),
        ("multiple_of=16", with_multiple_of(network("rexnet_100"), 16)),
        ("output_stride=16", with_output_stride(network("rexnet_100"), 16)),
        (
            "width_mult=2,input=cifar,multiple_of=8",
            with_multiple_of(network("rexnet_100", width_mult=2, input="cifar"), 8),
        ),
    ],
)
def test_controls_give_what_the_functions_give(text, spec, tmp_path):
    table = "\n".join(f"{n} = {_toml(v)}" for n, _, v in _pairs(text))
    (tmp_path / "net.toml").write_text(f'network = "rexnet_100"\n[controls]\n{table}')

    # On the command line and in a spec file alike.
    assert Source.parse(f"rexnet_100:{text}").spec == spec
    assert Source.parse(str(tmp_path / "net.toml")).spec == spec


def _pairs(text: str) -> list[tuple[str, str, str]]:
    return [part.partition("=") for part in text.split(",")]


def _toml(value: str) -> str:
    return value if value.replace(".", "").isdigit() else f'"{value}"'


def test_every_field_of_the_controls_does_something():
    values = {
        "width_mult": "2", "depth_mult": "2", "input": "cifar", "resolution": "96",
        "in_channels": "1", "num_classes": "7", "drop_path": "0.1", "norm_eps": "0.1",
        "dropout": "0.5", "activation": "relu", "squeeze_excite": "none",
        "shuffle": "false", "learned_groups": "false", "multiple_of": "32",
        "output_stride": "8",
    }  # fmt: skip

    own = {"shuffle": "shufflenetv1_g3_100", "learned_groups": "condensenet_74_g4"}
    for field in fields(Controls):
        name = "activation.stem" if field.name == "activation" else field.name
        base = own.get(name, "rexnet_100")
        changed = Source.parse(f"{base}:{name}={values[field.name]}").spec
        assert changed != network(base), field.name


def test_a_file_of_controls_may_have_a_name_of_its_own(tmp_path):
    (tmp_path / "net.toml").write_text('network = "rexnet_100"\nname = "mine"')

    spec = Source.parse(str(tmp_path / "net.toml")).known_spec()

    assert spec.name == "mine"
    assert spec.channels == network("rexnet_100").channels


def test_controls_change_a_spec_file(tmp_path):
    path = tmp_path / "net.toml"
    path.write_text(network_to_toml(network("search_18")))

    spec = Source.parse(f"{path}:num_classes=3").known_spec()

    assert spec == network("search_18").with_classes(3)


@pytest.mark.parametrize(
    ("text", "error", "words"),
    [
        ("rexnet_10", UnknownNameError, "unknown network 'rexnet_10'; the nearest"),
        ("", UnknownNameError, "unknown network ''"),
        ("rexnet_100:cifar", SpecError, "'cifar' is not name=value"),
        ("rexnet_100:widthmult=2", UnknownNameError, "nearest are width_mult"),
        ("rexnet_100:width_mult=wide", SpecError, "width_mult is 'wide'"),
        ("rexnet_100:input=mnist", SpecError, "input is 'mnist'"),
        ("rexnet_100:input=cifar,input=cifar", SpecError, "input is given twice"),
    ],
)
def test_a_mistake_in_a_text_names_the_way_out(text, error, words):
    with pytest.raises(error, match=words):
        Source.parse(text)


def test_a_position_that_does_not_exist_is_named():
    source = Source.parse("rexnet_100:activation.middle=relu")

    with pytest.raises(UnknownNameError, match="position 'middle'; choose from stem"):
        _ = source.spec


def test_what_is_built_already_cannot_be_multiplied(tmp_path):
    path = tmp_path / "net.toml"
    path.write_text(network_to_toml(network("search_18")))

    with pytest.raises(SpecError, match="width_mult acts where a family is built"):
        _ = Source.parse(f"{path}:width_mult=2").spec


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ('network = "rexnet_10"', "unknown network 'rexnet_10'; the nearest"),
        ('network = "rexnet_100"\nblocks = []', "unknown key blocks"),
        ('network = "rexnet_100"\n[controls]\nwidth = 2', "unknown key controls.width"),
    ],
)
def test_a_mistake_in_a_file_of_controls_is_named(content, words, tmp_path):
    path = tmp_path / "net.toml"
    path.write_text(content)

    with pytest.raises((SpecError, UnknownNameError), match=words):
        _ = Source.parse(str(path)).spec


def test_a_module_of_another_make_has_no_spec():
    source = Source.parse("timm:rexnet_100")

    assert source.spec is None
    with pytest.raises(SpecError, match="timm:rexnet_100 is a module without a spec"):
        source.known_spec()


def test_no_torch_is_loaded_until_a_module_is_asked_for():
    program = (
        "import sys; from rexpand import Source; "
        "Source.parse('timm:efficientnet_b3@w.pth'); "
        "Source.parse('rexnet_100:width_mult=0.5,input=cifar').spec; "
        "sys.exit('torch' in sys.modules)"
    )

    done = subprocess.run([sys.executable, "-c", program], check=False)
    assert done.returncode == 0
