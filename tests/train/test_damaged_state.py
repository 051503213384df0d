"""The state of a training that is damaged is one line, never a fresh start."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor

from rexpand.documents import read_header
from rexpand.errors import CheckpointError
from rexpand.models import build
from rexpand.models.checkpoint import read_tensors, to_bytes
from rexpand.recipe import RECIPES
from rexpand.spec import network
from rexpand.train.design import TrainingDesign
from rexpand.train.optimization import optimizer_of
from rexpand.train.state import Progressed, Trained, load_state, save_state

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


@pytest.fixture
def state(tmp_path: Path) -> Path:
    trained = fresh()
    for parameter in trained.network.parameters():
        parameter.grad = torch.zeros_like(parameter)
    trained.optimizer.step()
    save_state(tmp_path / "state.safetensors", trained, DESIGN, Progressed(seconds=1.0))
    return tmp_path / "state.safetensors"


def damage(
    path: Path, texts: Callable[[Texts], object], tensors: Callable[[Tensors], object]
) -> None:
    """Change the texts of a state's header and its tensors in place."""
    header, held = dict(read_header(path).texts), read_tensors(path)
    texts(header)
    tensors(held)
    path.write_bytes(to_bytes(held, header))


def test_an_undamaged_state_is_put_back(state: Path) -> None:
    assert load_state(state, fresh(), DESIGN) == Progressed(seconds=1.0)


@pytest.mark.parametrize(
    ("change", "reason"),
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
    change: Callable[[Texts], object], reason: str, state: Path
) -> None:
    damage(state, change, lambda tensors: None)

    # To begin anew with weights that are trained would be silently wrong.
    with pytest.raises(CheckpointError, match=reason) as refused:
        load_state(state, fresh(), DESIGN)
    assert state.name in str(refused.value)


@pytest.mark.parametrize(
    ("prefix", "shape"),
    [
        *(("weight.", shape) for shape in (None, (1, 2, 3), (10**4,))),
        *(("optimizer.", shape) for shape in ((1, 2, 3), (10**4,))),
    ],
)
def test_tensors_of_another_training_are_refused(
    prefix: str, shape: tuple[int, ...] | None, state: Path
) -> None:
    def change(tensors: Tensors) -> None:
        name = next(
            name
            for name, each in tensors.items()
            if name.startswith(prefix) and each.ndim > 1
        )
        del tensors[name]
        if shape:
            tensors[name] = torch.zeros(shape)

    damage(state, lambda texts: None, change)

    with pytest.raises(CheckpointError, match="is damaged; remove it") as refused:
        load_state(state, fresh(), DESIGN)
    assert str(refused.value).isprintable()
