"""Of a damaged state the one before is taken; two of them are one line, never a fresh
start."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor

from rexpand.errors import CheckpointError
from rexpand.models import build
from rexpand.recipe import RECIPES
from rexpand.records.record import EARLIER_STATE, STATE
from rexpand.spec import network
from rexpand.train import Interval
from rexpand.train.checkpoints import Checkpoints
from rexpand.train.design import TrainingDesign
from rexpand.train.optimization import optimizer_of
from rexpand.train.sealed import Content, read_sealed, sealed
from rexpand.train.state import Progressed, Trained

DESIGN = TrainingDesign(
    spec=network("search_18").with_classes(2).for_images(resolution=8, in_channels=1),
    recipe=RECIPES["digits"],
    seed=0,
    data="digits",
    images=100,
    data_fingerprint="0",
)
Texts = dict[str, str]
Tensors = dict[str, Tensor]


def fresh() -> Trained:
    made = build(DESIGN.spec)
    return Trained(
        network=made,
        average=None,
        optimizer=optimizer_of(made, DESIGN.recipe.optimizer),
    )


def checkpoints(folder: Path, trained: Trained) -> Checkpoints:
    return Checkpoints(folder, trained, DESIGN, Interval())


def put_back(folder: Path) -> tuple[Progressed, list[str]]:
    """What is done by the state that is taken, and what is said of those that are not."""
    alarms: list[str] = []
    return checkpoints(folder, fresh()).put_back(alarms.append), alarms


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of a training that was kept twice: after one second, and after two."""
    trained = fresh()
    for parameter in trained.network.parameters():
        parameter.grad = torch.zeros_like(parameter)
    trained.optimizer.step()
    states = checkpoints(tmp_path, trained)
    states.write(Progressed(seconds=1.0))
    states.write(Progressed(seconds=2.0))
    return tmp_path


def change(
    path: Path, texts: Callable[[Texts], object], tensors: Callable[[Tensors], object]
) -> None:
    """Change the texts of a state's header and its tensors, and give it their hash."""
    state = read_sealed(path)
    header, held = dict(state.texts), dict(state.tensors)
    texts(header)
    tensors(held)
    path.write_bytes(sealed(Content(texts=header, tensors=held)))


def truncated(content: bytes) -> bytes:
    return content[:-100]


def changed_by_a_bit(content: bytes) -> bytes:
    return content[:-100] + bytes([content[-100] ^ 1]) + content[-99:]


def with_another_text(content: bytes) -> bytes:
    return content.replace(b"2.0", b"3.0", 1)


def without_a_hash(content: bytes) -> bytes:
    return content.replace(b'"hash"', b'"hush"', 1)


DAMAGES = [
    (truncated, "truncated: 100 bytes are missing"),
    (changed_by_a_bit, "does not match its hash"),
    (with_another_text, "does not match its hash"),
    (without_a_hash, "has no hash"),
    (lambda content: b"", "not a safetensors checkpoint"),
    (lambda content: bytes(len(content)), "not a safetensors checkpoint"),
]
IDS = ["truncated", "bit", "text", "no hash", "empty", "zeros"]


def damage(path: Path, how: Callable[[bytes], bytes]) -> None:
    before = path.read_bytes()
    path.write_bytes(how(before))
    assert path.read_bytes() != before


def test_the_last_state_is_taken_where_it_is_whole(folder: Path) -> None:
    assert put_back(folder) == (Progressed(seconds=2.0), [])


@pytest.mark.parametrize(("how", "reason"), DAMAGES, ids=IDS)
def test_of_a_damaged_state_the_one_before_is_taken(
    how: Callable[[bytes], bytes], reason: str, folder: Path
) -> None:
    damage(folder / STATE, how)

    done, said = put_back(folder)

    assert done == Progressed(seconds=1.0)
    [line] = said
    assert reason in line
    assert line.endswith(f"going on from {EARLIER_STATE}")


@pytest.mark.parametrize(("how", "reason"), DAMAGES, ids=IDS)
def test_where_both_are_damaged_nothing_is_begun_anew(
    how: Callable[[bytes], bytes], reason: str, folder: Path
) -> None:
    for name in (STATE, EARLIER_STATE):
        damage(folder / name, how if name == STATE else truncated)

    with pytest.raises(CheckpointError, match="no state is whole") as refused:
        put_back(folder)

    said = str(refused.value)
    assert reason in said
    assert STATE in said
    assert EARLIER_STATE in said
    assert said.endswith("; remove them to start anew")


def test_a_kill_between_two_names_leaves_the_state_before(folder: Path) -> None:
    (folder / STATE).unlink()

    assert put_back(folder) == (Progressed(seconds=1.0), [])


def test_a_damaged_state_never_takes_the_place_of_the_one_before(folder: Path) -> None:
    damage(folder / STATE, changed_by_a_bit)
    states = checkpoints(folder, fresh())
    states.put_back(lambda said: None)

    states.write(Progressed(seconds=3.0))
    damage(folder / STATE, truncated)

    # The one that was taken is still there, and not the one that was damaged.
    assert put_back(folder)[0] == Progressed(seconds=1.0)


def test_weights_that_are_not_finite_are_not_kept(folder: Path) -> None:
    trained = fresh()
    states = checkpoints(folder, trained)
    states.put_back(lambda said: None)
    with torch.no_grad():
        next(trained.network.parameters()).fill_(torch.nan)

    states.write(Progressed(seconds=3.0))

    assert put_back(folder)[0] == Progressed(seconds=2.0)


def test_a_training_that_goes_back_takes_the_state_before_the_last(
    folder: Path,
) -> None:
    states = checkpoints(folder, fresh())
    assert states.go_back(lambda said: None) == Progressed(seconds=1.0)

    states.write(Progressed(seconds=1.5))

    # The one that was taken stays, in case the new one is damaged.
    damage(folder / STATE, truncated)
    assert put_back(folder)[0] == Progressed(seconds=1.0)


def test_every_byte_of_a_state_is_under_its_hash(folder: Path) -> None:
    whole = (folder / STATE).read_bytes()
    (folder / EARLIER_STATE).unlink()

    for place in range(0, len(whole), len(whole) // 50):
        (folder / STATE).write_bytes(
            whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :]
        )
        with pytest.raises(CheckpointError):
            put_back(folder)


@pytest.mark.parametrize(
    ("texts", "reason"),
    [
        (lambda texts: texts.pop("done"), "does not say what is done"),
        (lambda texts: texts.update(done=""), "it is not valid JSON"),
        (lambda texts: texts.update(done="[" * 9999), "nested too deeply"),
        (lambda texts: texts.update(done="[]"), "it is not a table of fields"),
        (lambda texts: texts.update(done='{"epochs": 3}'), "epochs is not a list"),
        (lambda texts: texts.update(done='{"seconds": NaN}'), "seconds is nan"),
        (lambda texts: texts.update(design="{}"), "is of another training"),
        (lambda texts: texts.pop("design"), "is of another training"),
    ],
)
def test_a_header_that_does_not_say_what_is_done_is_refused(
    texts: Callable[[Texts], object], reason: str, folder: Path
) -> None:
    change(folder / STATE, texts, lambda tensors: None)

    # To begin anew with weights that are trained would be silently wrong.
    with pytest.raises(CheckpointError, match=reason) as refused:
        put_back(folder)
    assert STATE in str(refused.value)


@pytest.mark.parametrize(
    ("prefix", "shape"),
    [
        *(("weight.", shape) for shape in (None, (1, 2, 3), (10**4,))),
        *(("optimizer.", shape) for shape in ((1, 2, 3), (10**4,))),
    ],
)
def test_tensors_of_another_training_are_refused(
    prefix: str, shape: tuple[int, ...] | None, folder: Path
) -> None:
    def replaced(tensors: Tensors) -> None:
        name = next(
            name
            for name, each in tensors.items()
            if name.startswith(prefix) and each.ndim > 1
        )
        del tensors[name]
        if shape:
            tensors[name] = torch.zeros(shape)

    change(folder / STATE, lambda texts: None, replaced)

    with pytest.raises(CheckpointError, match="does not fit this") as refused:
        put_back(folder)
    assert str(refused.value).isprintable()
