"""A damaged study is one line that names the file and the line, for every verb."""

import json
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mutations import damaged
from rexpand.codec import to_content
from rexpand.errors import MistakeError, StudyError
from rexpand.records import this_provenance
from rexpand.search.configuration import configurations_of
from rexpand.search.design import StudyDesign, create_study, drawn, read_study
from rexpand.search.storage import StudyStorage, Taken
from rexpand.search.stored import read_trials, storage_of
from rexpand.search.summary import summarise
from rexpand.search.winner import winner

Lines = list[dict[str, Any]]


@pytest.fixture(scope="module")
def study(design: StudyDesign, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study of four trials, one of which runs and one of which waits."""
    folder = tmp_path_factory.mktemp("study") / "study"
    create_study(design, folder)
    with storage_of(folder) as storage:
        storage.add(configurations_of(drawn(design)), first=0)
        for accuracy in (50.0, 60.0):
            trial = taken(storage)
            storage.report(trial, {0: accuracy})
            provenance = this_provenance(("torch",), threads=1, seeds=(0, 1))
            outcome = {
                "seeds": [0, 1],
                "accuracies": [accuracy, accuracy],
                "seconds": 2.5,
                "nuclear_norm": 30.0,
                "provenances": [to_content(provenance)],
            }
            storage.complete(trial, accuracy, outcome)
        storage.report(taken(storage), {0: float("nan")})
    return folder


def taken(storage: StudyStorage) -> Taken:
    trial = storage.take()
    assert trial is not None
    return trial


def lines_of(folder: Path) -> Lines:
    text = (folder / "journal.log").read_text("utf-8")
    return [json.loads(line) for line in text.splitlines()]


def with_line(folder: Path, number: int, line: bytes) -> None:
    """Put a line into the journal in the place of another, counted from 1."""
    lines = (folder / "journal.log").read_bytes().splitlines(keepends=True)
    lines[number - 1] = line + b"\n"
    (folder / "journal.log").write_bytes(b"".join(lines))


def use(folder: Path) -> None:
    """What `search report`, `export` and `resume` read of a study."""
    design = read_study(folder)
    read_trials(folder)
    summarise(folder)
    winner(folder)
    with storage_of(folder) as storage:
        storage.add(configurations_of(drawn(design)), first=0)
        storage.take()


def opened(folder: Path) -> None:
    """What a driver does first."""
    with storage_of(folder):
        pass


def test_the_undamaged_study_is_read(study: Path, tmp_path: Path) -> None:
    use(copytree(study, tmp_path / "study"))

    # Trials that run and wait are no damage.
    states = [trial.state for trial in summarise(study).trials]
    assert states == ["complete", "complete", "running", "waiting"]


def test_a_journal_without_a_line_has_no_trials_yet(
    study: Path, tmp_path: Path
) -> None:
    folder = copytree(study, tmp_path / "study")
    (folder / "journal.log").write_text("")

    # Its driver was killed before it wrote the first one.
    assert read_trials(folder) == []


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"null",
        b"[]",
        b"{}",
        b"[" * 5000,
        b'{"op_code": 77, "worker_id": "x"}',
        b'{"op_code": 1, "worker_id": "x", "study_id": 0}',
        b'{"op_code": 8, "worker_id": "x", "trial_id": 0}',
        b'{"op_code": 8, "worker_id": "x", "trial_id": 0, "user_attr": {}}',
        b'{"op_code": 8, "worker_id": "x", "trial_id": 99, "user_attr": {"a": 1}}',
        b'{"op_code": 6, "worker_id": "x", "trial_id": 0, "state": 1, "values": null}',
    ],
    ids=lambda line: line[:60],
)
def test_a_damaged_line_of_the_journal_is_named(
    line: bytes, study: Path, tmp_path: Path
) -> None:
    folder = copytree(study, tmp_path / "study")
    with_line(folder, 7, line)

    # Optuna would answer with an assertion, a KeyError or nothing at all.
    for read in (read_trials, summarise, winner, opened):
        with pytest.raises(StudyError, match=r"journal\.log, line 7: ") as refused:
            read(folder)
        assert str(refused.value).isprintable()


@pytest.mark.parametrize("code", [0, 4, 5, 6, 7, 8])
@settings(max_examples=40)
@given(data=st.data())
def test_whatever_a_line_is_turned_into_is_a_study_or_one_line(
    code: int,
    data: st.DataObject,
    study: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = copytree(study, tmp_path_factory.mktemp("damaged") / "study")
    numbers = [
        n for n, line in enumerate(lines_of(study), 1) if line["op_code"] == code
    ]
    number = data.draw(st.sampled_from(numbers))
    line = data.draw(damaged(lines_of(study)[number - 1]))
    with_line(folder, number, line)

    _check_oracle(folder)


def test_a_design_that_lost_a_block_is_told_from_its_trials(
    study: Path, tmp_path: Path
) -> None:
    folder = copytree(study, tmp_path / "study")
    content = json.loads((folder / "study.json").read_text("utf-8"))
    del content["design"]["spec"]["blocks"][1]
    (folder / "study.json").write_text(json.dumps(content), "utf-8")

    # The design alone is a good one.
    for read in (summarise, winner):
        with pytest.raises(StudyError, match="for 5 blocks, and the design's"):
            read(folder)


@settings(max_examples=40)
@given(data=st.data())
def test_whatever_a_design_is_turned_into_is_a_study_or_one_line(
    data: st.DataObject, study: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = copytree(study, tmp_path_factory.mktemp("damaged") / "study")
    content = json.loads((folder / "study.json").read_text("utf-8"))
    (folder / "study.json").write_bytes(data.draw(damaged(content)))

    _check_oracle(folder)


def _check_oracle(folder: Path) -> None:
    try:
        use(folder)
        return
    except MistakeError as refusal:
        message = str(refusal)

    assert message.isprintable()
    assert len(message) <= 1000
