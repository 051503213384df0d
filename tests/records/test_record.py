import json
from dataclasses import FrozenInstanceError, fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

import rexpand.records
from rexpand.records import (
    BlockRank,
    Epoch,
    Machine,
    Record,
    library_versions,
    this_machine,
)

NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
COUNTS = st.integers(0, 10**12)
JSON = st.dictionaries(
    st.text(), st.none() | st.booleans() | COUNTS | NUMBERS | st.text(), max_size=4
)
RANKS = st.builds(
    BlockRank,
    block=st.text(),
    channels=COUNTS,
    effective_rank=NUMBERS,
    nuclear_norm=NUMBERS,
)
EPOCHS = st.builds(
    Epoch,
    epoch=COUNTS,
    loss=NUMBERS,
    accuracy=NUMBERS,
    held_out_loss=NUMBERS,
    learning_rate=NUMBERS,
    images_per_second=NUMBERS,
    block_ranks=st.lists(RANKS, max_size=3).map(tuple),
)
RECORDS = st.builds(
    Record,
    spec=JSON,
    recipe=JSON,
    data=st.text(),
    seed=COUNTS,
    params=COUNTS,
    macs=COUNTS,
    accuracy=NUMBERS,
    loss=NUMBERS,
    evaluated_on=st.text(),
    images=COUNTS,
    epochs=st.lists(EPOCHS, max_size=3).map(tuple),
    stopped_early=st.booleans(),
    seconds=NUMBERS,
    peak_memory_mb=NUMBERS,
    machine=st.builds(
        Machine,
        cpu=st.text(),
        cores=COUNTS,
        memory_gb=NUMBERS,
        system=st.text(),
        device=st.text(),
    ),
    versions=st.dictionaries(st.text(), st.text(), max_size=3),
    nuclear_norm=st.none() | NUMBERS,
    effective_rank=st.none() | NUMBERS,
)


@given(record=RECORDS)
def test_a_record_round_trips_through_its_line(record):
    line = record.to_json()

    # One line, whatever the texts hold; every digit of every number.
    assert "\n" not in line
    assert Record.from_json(line) == record


@pytest.fixture
def record() -> Record:
    return Record(
        spec={"name": "tiny"},
        recipe={"epochs": 1},
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
        machine=this_machine(),
        versions={},
    )


@pytest.mark.parametrize("version", [0, 2, "1", None])
def test_a_record_of_another_version_is_refused(record, version):
    content = json.loads(record.to_json()) | {"version": version}

    # Both versions are named.
    with pytest.raises(ValueError, match=f"version {version}; this rexpand reads 1"):
        Record.from_json(json.dumps(content))


def test_a_record_without_a_version_is_refused(record):
    content = json.loads(record.to_json())
    del content["version"]

    with pytest.raises(ValueError, match="record of version None"):
        Record.from_json(json.dumps(content))


@pytest.mark.parametrize("line", ["", '{"version": 1, "se'])
def test_half_a_line_is_refused(line):
    # What a kill in the middle of a download would leave.
    with pytest.raises(ValueError, match=r"line 1 column"):
        Record.from_json(line)


def test_a_record_is_a_value(record):
    with pytest.raises(FrozenInstanceError):
        record.accuracy = 100.0
    assert replace(record, seed=1) != record


@pytest.mark.parametrize("name", rexpand.records.__all__)
def test_records_are_named_field_by_field(name):
    kind = getattr(rexpand.records, name)

    if isinstance(kind, type):
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
