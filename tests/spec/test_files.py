import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rexpand.documents import read_header
from rexpand.errors import CheckpointError, MistakeError, SpecError, UnknownNameError
from rexpand.spec import (
    CATALOGUE,
    NetworkSpec,
    Source,
    network,
    network_from_json,
    network_to_dict,
    network_to_toml,
    read_network,
)


def through_toml(spec: NetworkSpec, folder: Path) -> NetworkSpec:
    (folder / "net.toml").write_text(network_to_toml(spec), encoding="utf-8")
    return read_network(folder / "net.toml")


def through_json(spec: NetworkSpec, folder: Path) -> NetworkSpec:
    (folder / "net.json").write_text(json.dumps(network_to_dict(spec)))
    return read_network(folder / "net.json")


@pytest.mark.parametrize("through", [through_toml, through_json])
@pytest.mark.parametrize("name", CATALOGUE)
def test_the_catalogue_round_trips_through_files(name, through, tmp_path):
    assert through(network(name), tmp_path) == network(name)


@pytest.mark.parametrize("through", [through_toml, through_json])
@settings(deadline=None, max_examples=50)
@given(spec=st.from_type(NetworkSpec))
def test_any_network_round_trips_through_files(through, tmp_path_factory, spec):
    folder = tmp_path_factory.getbasetemp()

    # Names in any script, every option away from its default.
    assert through(spec, folder) == spec


def test_defaults_are_left_out():
    content = network_to_dict(network("mobilenetv1_100"))

    # A file says what is particular; a block says its kind.
    assert content["blocks"][2] == {
        "kind": "depthwise_separable",
        "out_channels": 128,
        "depthwise_activation": "relu6",
        "pointwise_activation": "relu6",
    }
    assert "resolution" not in content


def a_file(folder: Path, **changes: object) -> Path:
    """A spec of two blocks with some keys replaced; None removes one."""
    block = {"kind": "inverted_bottleneck", "out_channels": 8}
    content = {
        "name": "mine",
        "family": "mine",
        "stem": {"out_channels": 8},
        "blocks": [block, block],
        "head": {},
    } | changes
    content = {key: value for key, value in content.items() if value is not None}
    (folder / "net.json").write_text(json.dumps(content))
    return folder / "net.json"


def one_block(**fields: object) -> list[dict]:
    return [{"kind": "inverted_bottleneck", "out_channels": 8, **fields}]


MISTAKES = [
    ({"resolutoin": 224}, "unknown key resolutoin"),
    ({"stem": {"out_channels": 8, "widht": 1}}, "unknown key stem.widht"),
    ({"head": {"chanels": 1}}, "unknown key head.chanels"),
    ({"blocks": one_block(strid=2)}, r"unknown key blocks\[0\].strid"),
    ({"stem": None}, "missing key stem"),
    ({"stem": {}}, "missing key stem.out_channels"),
    (
        {"blocks": [{"kind": "depthwise_separable"}]},
        r"missing key blocks\[0\].out_chan",
    ),
    ({"blocks": None}, "missing key blocks"),
    ({"blocks": []}, "number of blocks is 0"),
    ({"resolution": "224"}, "resolution is '224'; give a whole number"),
    ({"blocks": one_block(out_channels=True)}, "out_channels is True"),
    ({"blocks": 3}, "blocks is not a list"),
    ({"blocks": [3]}, r"blocks\[0\] is not a table"),
    (
        {"blocks": [{"out_channels": 8}]},
        "kind None; choose from basic_residual, ",
    ),
    ({"blocks": one_block(kind="transformer")}, "kind 'transformer'; choose from"),
    ({"blocks": one_block(kind=["a"])}, r"kind \['a'\]; choose from"),
    ({"blocks": one_block(out_channels=-8)}, "out_channels is -8"),
    ({"blocks": one_block(out_channels=8.5)}, r"blocks\[0\].out_channels is 8.5"),
    ({"blocks": one_block(out_channels="wide")}, r"blocks\[0\].out_channels is 'wide'"),
    (
        {"blocks": one_block(squeeze_excite={"reduction": 0})},
        "reduction is 0",
    ),
    ({"blocks": one_block(squeeze_excite={"ratio": 4})}, "squeeze_excite.ratio"),
    (
        {"blocks": one_block() + one_block(out_channels=7)},
        "decrease from 8 to 7 at block 1",
    ),
    ({"stem": {"out_channels": 8, "kernel_size": 2}}, "stem: kernel_size 2 is not odd"),
    ({"name": 3}, "name is 3"),
    ({"resolution": 0}, "resolution is 0"),
]


@pytest.mark.parametrize(("changes", "message"), MISTAKES, ids=[m for _, m in MISTAKES])
def test_a_mistake_in_a_file_is_quoted_with_its_place(changes, message, tmp_path):
    path = a_file(tmp_path, **changes)

    with pytest.raises(SpecError, match=message) as raised:
        read_network(path)

    # One line that begins with the file.
    assert str(raised.value).startswith(str(path))
    assert "\n" not in str(raised.value)


def test_all_mistakes_of_a_table_are_told_at_once(tmp_path):
    path = a_file(tmp_path, stem=None, head=None, resolutoin=1)

    with pytest.raises(
        SpecError, match="missing key stem; missing key head; unknown key"
    ):
        read_network(path)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("net.toml", b"name = "),
        ("net.json", b"{"),
    ],
)
def test_a_file_of_another_syntax_is_refused(name, content, tmp_path):
    (tmp_path / name).write_bytes(content)

    # The message names the syntax that was expected.
    with pytest.raises(SpecError, match=r"is not valid (TOML|JSON)"):
        read_network(tmp_path / name)


@pytest.mark.parametrize("text", ["[1, 2]", "3", "null", '"rexnet_100"'])
def test_json_that_is_no_table_is_refused(text):
    with pytest.raises(SpecError, match="mine: it is not a table of fields"):
        network_from_json(text, "mine")


def test_text_that_is_no_json_is_refused_with_its_origin():
    with pytest.raises(SpecError, match="header: it is not valid JSON"):
        network_from_json("{{", "header")


@pytest.mark.parametrize("name", ["absent.toml", "absent.json", "absent.safetensors"])
def test_a_file_that_is_not_there_is_named(name, tmp_path):
    with pytest.raises(MistakeError, match=f"there is no file .*{name}"):
        read_network(tmp_path / name)


def test_a_network_is_found_by_name_and_by_file(tmp_path):
    path = a_file(tmp_path)

    assert Source.parse("rexnet_100").spec == network("rexnet_100")
    assert Source.parse(str(path)).known_spec().name == "mine"


def test_an_unknown_network_is_met_with_the_nearest_names():
    with pytest.raises(UnknownNameError) as raised:
        Source.parse("rexnet_10")

    assert "unknown network 'rexnet_10'; the nearest are rexnet_1" in str(raised.value)
    assert "`rexpand list`" in str(raised.value)


def a_checkpoint(folder: Path, metadata: dict[str, str]) -> Path:
    """A safetensors file with one tensor of 4 bytes, written by hand."""
    tensor = {"dtype": "U8", "shape": [4], "data_offsets": [0, 4]}
    header = json.dumps({"__metadata__": metadata, "weight": tensor}).encode()
    path = folder / "net.safetensors"
    path.write_bytes(len(header).to_bytes(8, "little") + header + b"abcd")
    return path


def test_the_spec_of_a_checkpoint_is_read_from_its_header(tmp_path):
    spec = network("search_18")

    path = a_checkpoint(tmp_path, {"spec": json.dumps(network_to_dict(spec))})

    assert read_network(path) == spec


def test_a_header_is_read_without_torch(tmp_path):
    path = a_checkpoint(tmp_path, {"epoch": "3"})
    program = (
        "import sys; from pathlib import Path; from rexpand.documents import read_header; "
        "assert read_header(Path(sys.argv[1])).texts == {'epoch': '3'}; "
        "sys.exit('torch' in sys.modules or 'safetensors' in sys.modules)"
    )

    # Weights may be large and torch takes seconds: neither is loaded for a header.
    done = subprocess.run([sys.executable, "-c", program, path], check=False)
    assert done.returncode == 0


def test_a_checkpoint_that_is_cut_short_says_by_how_much(tmp_path):
    path = a_checkpoint(tmp_path, {})
    path.write_bytes(path.read_bytes()[:-3])

    with pytest.raises(CheckpointError, match="is truncated: 3 bytes are missing"):
        read_header(path)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"short",
        b"\0" * 100,
        b"\xff" * 100,
        (2).to_bytes(8, "little") + b"{}",
        (2).to_bytes(8, "little") + b"[]",
        (8).to_bytes(8, "little") + b'{"": {}}',
        (11).to_bytes(8, "little") + b'{"a": "no"}',
    ],
)
def test_a_file_that_is_no_checkpoint_is_refused(content, tmp_path):
    path = tmp_path / "net.safetensors"
    path.write_bytes(content)

    with pytest.raises(CheckpointError, match="is not a safetensors checkpoint"):
        read_header(path)


def test_a_checkpoint_of_another_library_holds_no_spec(tmp_path):
    with pytest.raises(SpecError, match="missing key name"):
        read_network(a_checkpoint(tmp_path, {}))
