"""A training does not depend on whether its worker sees the driver's files."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from rexpand.data.dataset import DataSet
from rexpand.errors import MistakeError
from rexpand.search.design import StudyDesign
from rexpand.search.remote_training import Answer, Parcel, RemoteTraining
from rexpand.search.shared_data import shared
from rexpand.search.task import Task, Weights
from rexpand.search.worker import evaluate

REMOTE = RemoteTraining(threads=1)
WEIGHTS = "network.safetensors"


@pytest.fixture
def task(design: StudyDesign, tmp_path: Path) -> Task:
    return Task(
        trial="trial 0",
        spec=design.spec.with_channels((8, 9, 10, 11, 12)),
        recipe=design.recipe,
        seed=0,
        data="digits",
        data_root=None,
        train_subset=100,
        subset_seed=0,
        folder=tmp_path / "driver" / "seed-0",
    )


@pytest.fixture
def whole(task: Task, tmp_path: Path) -> bytes:
    """The weights of the training in a folder of its own."""
    evaluate(replace(task, folder=tmp_path / "whole"))
    return (tmp_path / "whole" / WEIGHTS).read_bytes()


def elsewhere(task: Task) -> tuple[Parcel, Answer]:
    """A task done by a worker that does not see the driver's files."""
    with REMOTE.packed(task) as parcel:
        (task.folder.parent / parcel.mark).unlink()
        return parcel, REMOTE.do(parcel, REMOTE.stock(task), lambda event: None)


def test_the_arrays_of_a_data_set_travel_without_a_copy(digits: DataSet) -> None:
    sent = shared(digits)

    assert sent
    # Whoever only has the bytes of an array cannot change them.
    for buffer in sent.buffers:
        buffer.flags.writeable = False
    found = sent.data_set()
    images = found.train.images.numpy()
    assert any(np.shares_memory(images, buffer) for buffer in sent.buffers)
    assert found.fingerprint == digits.fingerprint


def test_a_worker_that_sees_the_folder_works_there(task: Task, whole: bytes) -> None:
    with REMOTE.packed(task) as parcel:
        answer = REMOTE.do(parcel, REMOTE.stock(task), lambda event: None)

    assert answer.files == {}
    assert (task.folder / WEIGHTS).read_bytes() == whole
    # Nothing else is left beside it.
    assert [each.name for each in task.folder.parent.iterdir()] == ["seed-0"]


def test_a_worker_elsewhere_gives_all_files_back(task: Task, whole: bytes) -> None:
    _, answer = elsewhere(task)
    was_there = task.folder.exists()
    record = REMOTE.unpacked(task, answer)

    assert not was_there
    assert (task.folder / WEIGHTS).read_bytes() == whole
    assert REMOTE.finished(task) == record


def test_a_training_that_paused_elsewhere_goes_on_anywhere(
    task: Task, whole: bytes
) -> None:
    paused = replace(task, until_epoch=1)
    first = REMOTE.unpacked(paused, elsewhere(paused)[1])
    parcel, answer = elsewhere(task)
    last = REMOTE.unpacked(task, answer)

    assert (len(first.epochs), len(last.epochs)) == (1, 2)
    # The first epoch is not trained again.
    assert "state.safetensors" in parcel.files
    assert last.epochs[0] == first.epochs[0]
    assert (task.folder / WEIGHTS).read_bytes() == whole
    assert not (task.folder / "state.safetensors").exists()


def test_weights_to_begin_with_travel_with_the_images(
    task: Task, whole: bytes, tmp_path: Path
) -> None:
    file = tmp_path / "start.safetensors"
    file.write_bytes(whole)
    tuned = replace(task, weights=Weights(file=file, origin="mine"))

    with REMOTE.packed(tuned) as parcel:
        (task.folder.parent / parcel.mark).unlink()
        stock = REMOTE.stock(tuned)
        file.unlink()  # as on a machine that never had it
        answer = REMOTE.do(parcel, stock, lambda event: None)

    assert answer.record.started_from == "mine"


def test_another_version_is_refused(task: Task) -> None:
    with REMOTE.packed(task) as parcel:
        old = replace(parcel, versions={**parcel.versions, "torch": "1.0"})

        with pytest.raises(
            MistakeError, match=r"has torch .*, and the driver's has 1\.0;"
        ):
            REMOTE.do(old, REMOTE.stock(task), lambda event: None)
