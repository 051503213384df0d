import json
import pickle
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from rexpand.documents import read_header
from rexpand.errors import CheckpointError, MistakeError
from rexpand.models import build, load_network, save_network
from rexpand.spec import (
    Head,
    ImageContract,
    network_to_dict,
    read_network,
    search_network,
)

SPEC = replace(
    search_network(name="tiny", channels=(4, 8)), head=Head(channels=16), num_classes=3
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A checkpoint of the tiny network."""
    torch.manual_seed(0)
    save_network(build(SPEC), tmp_path / "last.safetensors")
    return tmp_path / "last.safetensors"


def test_a_loaded_network_gives_the_same_scores(tmp_path):
    saved = build(SPEC)
    images = torch.randn(4, 3, 8, 8)
    saved.train()(images)  # moves the running statistics away from 0 and 1

    save_network(saved, tmp_path / "net.safetensors")
    loaded = load_network(tmp_path / "net.safetensors", SPEC)

    with torch.no_grad():
        assert torch.equal(saved.eval()(images), loaded.eval()(images))


def test_any_order_of_memory_can_be_saved(tmp_path):
    saved = build(SPEC).to(memory_format=torch.channels_last)

    save_network(saved, tmp_path / "net.safetensors")

    # The training's order is no property of the weights.
    loaded = load_network(tmp_path / "net.safetensors")
    weight = saved.stem.conv.weight
    assert not weight.is_contiguous()
    assert torch.equal(loaded.stem.conv.weight, weight)


def test_saving_changes_nothing(path):
    saved = load_network(path).train()

    save_network(saved, path)

    assert saved.training
    assert all(p.requires_grad for p in saved.parameters())


def test_the_spec_is_in_the_header(path):
    assert json.loads(read_header(path).texts["spec"]) == network_to_dict(SPEC)
    assert read_network(path) == SPEC


def test_a_new_checkpoint_takes_the_place_of_the_old(path):
    save_network(build(SPEC.with_classes(5)), path)

    assert load_network(path).spec.num_classes == 5
    assert [file.name for file in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize("kept", [0.05, 0.5, 0.999])
def test_a_truncated_checkpoint_is_refused(path, kept):
    content = path.read_bytes()
    path.write_bytes(content[: int(kept * len(content))])

    # The message names the file.
    with pytest.raises(
        CheckpointError, match=f"{path} is (truncated|not a safetensors)"
    ):
        load_network(path)


def test_a_checkpoint_with_something_after_it_is_refused(path):
    path.write_bytes(path.read_bytes() + b"more")

    with pytest.raises(CheckpointError, match="4 bytes follow its last tensor"):
        load_network(path)


@pytest.mark.parametrize("content", [b"", b"\0" * 64, b"not a checkpoint at all" * 9])
def test_garbage_is_refused(path, content):
    path.write_bytes(content)

    with pytest.raises(CheckpointError, match="is not a safetensors checkpoint"):
        load_network(path)


@pytest.mark.parametrize(
    "other",
    [
        SPEC.with_channels((4, 9)),
        SPEC.with_classes(4),
        replace(SPEC, name="other"),
    ],
)
def test_another_network_is_refused_by_name(path, other):
    with pytest.raises(CheckpointError, match=r"holds tiny \(4-8, 3 classes\), not"):
        load_network(path, other)


class Trap:
    """Unpickling it creates a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


@pytest.mark.parametrize(
    "write", [torch.save, lambda o, p: p.write_bytes(pickle.dumps(o))]
)
@pytest.mark.parametrize("suffix", [".safetensors", ".pt", ".json"])
def test_a_pickle_is_never_loaded(tmp_path, write, suffix):
    path, sprung = tmp_path / f"net{suffix}", tmp_path / "sprung"
    write({"weight": Trap(sprung)}, path)

    # Whatever its suffix says: refused, and nothing in it has run.
    with pytest.raises(MistakeError):
        load_network(path)
    assert not sprung.exists()


def write_by_hand(path, state, spec):
    state = {name: each.contiguous() for name, each in state.items()}
    save_file(state, path, {"spec": json.dumps(network_to_dict(spec))})


def test_tensors_of_another_shape_than_the_header_says_are_refused(path):
    write_by_hand(path, build(SPEC).state_dict(), SPEC.with_classes(4))

    with pytest.raises(
        CheckpointError, match=r"does not fit its own spec.*size mismatch"
    ):
        load_network(path)


def test_a_missing_tensor_is_named(path):
    state = build(SPEC).state_dict()
    del state["stem.conv.weight"]
    write_by_hand(path, state, SPEC)

    with pytest.raises(CheckpointError, match=r"stem\.conv\.weight") as raised:
        load_network(path)
    assert "\n" not in str(raised.value)


def test_a_header_that_holds_no_spec_is_refused(path):
    save_file({"weight": torch.zeros(2)}, path, {"spec": "{{"})

    with pytest.raises(MistakeError, match="is not valid JSON"):
        load_network(path)


def test_weights_of_another_library_are_refused(path):
    save_file({"conv.weight": torch.zeros(2)}, path)

    with pytest.raises(MistakeError, match="missing key name"):
        load_network(path)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(MistakeError, match=r"there is no file .*absent\.safetensors"):
        load_network(tmp_path / "absent.safetensors")


def test_the_same_network_is_the_same_bytes(path):
    contract = ImageContract(
        channels=3, height=32, width=32, mean=(0.5,) * 3, std=(0.25,) * 3
    )
    network = load_network(path)

    written = set()
    for number in range(8):
        again = path.with_name(f"{number}.safetensors")
        save_network(network, again, contract)
        written.add(again.read_bytes())

    # The header has two texts, and their order is not left to chance.
    assert len(written) == 1
    # What the library reads is what it would have written.
    assert load_file(again).keys() == network.state_dict().keys()
