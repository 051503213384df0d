import json
from dataclasses import FrozenInstanceError, fields, is_dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

import rexpand.records
from rexpand.codec import to_content, to_line
from rexpand.documents import from_text
from rexpand.errors import RecordError
from rexpand.recipe import RECIPES
from rexpand.records import (
    BlockRank,
    Epoch,
    Machine,
    Provenance,
    Record,
    library_versions,
    read_record,
    this_machine,
    this_provenance,
)
from rexpand.spec import network

NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
COUNTS = st.integers(0, 10**12)
PERCENTS = st.floats(0, 100)
RANKS = st.builds(
    BlockRank,
    block=st.text(),
    channels=st.integers(1, 2_000_000),
    effective_rank=NUMBERS,
    nuclear_norm=NUMBERS,
)
EPOCHS = st.builds(
    Epoch,
    epoch=COUNTS,
    loss=NUMBERS,
    accuracy=PERCENTS,
    held_out_loss=NUMBERS,
    learning_rate=NUMBERS,
    images_per_second=NUMBERS,
    block_ranks=st.lists(RANKS, max_size=3).map(tuple),
)
MACHINES = st.builds(
    Machine,
    cpu=st.text(),
    cores=COUNTS,
    memory_gb=NUMBERS,
    system=st.text(),
    device=st.text(),
)
PROVENANCES = st.builds(
    Provenance,
    command=st.none() | st.lists(st.text(), max_size=3).map(tuple),
    commit=st.none() | st.text(),
    has_changes=st.none() | st.booleans(),
    versions=st.dictionaries(st.text(), st.text(), max_size=3),
    machine=MACHINES,
    threads=st.none() | COUNTS,
    seeds=st.none() | st.lists(COUNTS, max_size=3).map(tuple),
    data_fingerprint=st.none() | st.text(),
)
RECORDS = st.builds(
    Record,
    spec=st.sampled_from(["rexnet_100", "search_18", "mixnet_s"]).map(network),
    recipe=st.sampled_from(sorted(RECIPES)).map(RECIPES.__getitem__),
    data=st.text(),
    seed=st.integers(0, 2**32 - 1),
    params=COUNTS,
    macs=COUNTS,
    accuracy=PERCENTS,
    loss=NUMBERS,
    evaluated_on=st.text(),
    images=st.integers(0, 10**9),
    epochs=st.lists(EPOCHS, max_size=3).map(tuple),
    stopped_early=st.booleans(),
    seconds=st.floats(0, 1e12),
    peak_memory_mb=NUMBERS,
    provenance=PROVENANCES,
    nuclear_norm=st.none() | NUMBERS,
    effective_rank=st.none() | NUMBERS,
)


@given(record=RECORDS)
def test_a_record_round_trips_through_its_line(record):
    line = to_line(record)

    # One line, whatever the texts hold; every digit of every number, the spec a spec.
    assert "\n" not in line
    assert from_text(Record, line) == record


@pytest.fixture
def record() -> Record:
    return Record(
        spec=network("search_18"),
        recipe=RECIPES["digits"],
        data="digits",
        seed=0,
        params=10,
        macs=20,
        accuracy=99.5,
        loss=0.1,
        evaluated_on="test",
        images=360,
        epochs=(),
        stopped_early=False,
        seconds=1.5,
        peak_memory_mb=300.0,
        provenance=this_provenance(("numpy",), threads=1),
    )


@pytest.mark.parametrize("version", [1, 3, "2", None])
def test_a_record_of_another_version_is_refused(record, version, tmp_path):
    path = tmp_path / "record.json"
    path.write_text(json.dumps({**to_content(record), "version": version}))

    # The file and both versions are named, in one line.
    with pytest.raises(RecordError, match=f"version {version!r}, this rexpand reads 2"):
        read_record(Record, path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 1 column"),
        ('{"version": 2, "se', "line 1 column"),  # a kill in the middle of a download
        ("{}", "version None"),
        ("[3]", "it is not a table of fields"),
    ],
)
def test_a_corrupt_record_is_refused_in_one_line(text, message, tmp_path):
    path = tmp_path / "record.json"
    path.write_text(text)

    with pytest.raises(RecordError, match=message) as caught:
        read_record(Record, path)

    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)


def test_a_wrong_value_is_quoted_with_its_place(record, tmp_path):
    path = tmp_path / "record.json"
    path.write_text(to_line(record).replace('"accuracy": 99.5', '"accuracy": "99.5"'))

    with pytest.raises(RecordError, match=r"accuracy is '99.5'; give a number"):
        read_record(Record, path)


def test_a_record_that_is_not_there_is_named(tmp_path):
    with pytest.raises(RecordError, match=r"there is no file .*record.json"):
        read_record(Record, tmp_path / "record.json")


def test_a_record_is_a_value(record):
    with pytest.raises(FrozenInstanceError):
        record.accuracy = 100.0
    assert replace(record, seed=1) != record


@pytest.mark.parametrize("name", rexpand.records.__all__)
def test_records_are_named_field_by_field(name):
    kind = getattr(rexpand.records, name)

    if is_dataclass(kind):
        assert kind.__dataclass_params__.frozen
        assert all(field.kw_only for field in fields(kind))


def test_this_machine_is_described():
    machine = this_machine("cuda")

    # Enough to read a measured number by.
    assert machine.device == "cuda"
    assert machine.cores >= 1
    assert machine.memory_gb > 0.1
    assert machine.cpu
    assert len(machine.system.split()) == 2
    assert this_machine() == this_machine()


def test_versions_are_those_of_what_is_installed():
    versions = library_versions(("numpy", "no-such-distribution"))

    # Python's own is always there; what is not installed is left out.
    assert versions.keys() == {"python", "numpy"}
    assert all(version[0].isdigit() for version in versions.values())


def test_a_record_of_a_training_that_diverged_is_read(record, tmp_path):
    epoch = Epoch(
        epoch=0,
        loss=float("nan"),
        accuracy=10.0,
        held_out_loss=float("inf"),
        learning_rate=0.1,
        images_per_second=100.0,
    )
    diverged = replace(record, loss=float("nan"), epochs=(epoch,))
    (tmp_path / "record.json").write_text(to_line(diverged))

    # Its losses are no numbers; everything else of it is one.
    assert read_record(Record, tmp_path / "record.json").accuracy == record.accuracy


def test_a_record_of_absurd_numbers_is_refused(record, tmp_path):
    content = to_content(record) | {"accuracy": 1e9, "seed": -1, "seconds": -5}
    (tmp_path / "record.json").write_text(json.dumps(content))

    with pytest.raises(
        RecordError, match=r"seed is -1; .*accuracy is 10+\.0; .*seconds is -5"
    ):
        read_record(Record, tmp_path / "record.json")
