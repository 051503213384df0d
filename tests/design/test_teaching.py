"""A design with a teacher and a bound on the measured latency."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from rexpand.data.load import load
from rexpand.design.order import SEARCH, DesignOrder
from rexpand.design.running import plan_design, run_design
from rexpand.design.steps import Course
from rexpand.design.teaching import taught
from rexpand.errors import SpecError
from rexpand.models import build, save_network
from rexpand.records import Record, read_record
from rexpand.records.design import DesignProposal
from rexpand.search.measured import measurements_of
from rexpand.spec import network, read_contract
from rexpand.train import fitted
from tiny_design import tiny_plan, with_plan


def teacher_file(few: Path, file: Path, *names: str) -> Path:
    """A checkpoint for these images, of their classes or of other names."""
    data = load(str(few))
    torch.manual_seed(0)
    contract = data.contract
    spec = fitted(network("search_18"), data)
    if names:
        contract = replace(contract, class_names=names)
        spec = spec.with_classes(len(names))
    save_network(build(spec), file, contract)
    return file


def test_a_teacher_is_fine_tuned_and_teaches_both_networks(
    few: Path, tmp_path: Path
) -> None:
    file = teacher_file(few, tmp_path / "teacher.safetensors", "cat", "dog")
    order = DesignOrder(
        data=str(few),
        macs=400e3,
        hours=0.1,
        teacher=str(file),
        most_latency_ms=1000.0,
        runtime="torch",
    )
    folder = with_plan(order, tmp_path / "run")

    result = run_design(order, folder)

    teacher = result.training.teacher
    assert teacher is not None
    assert teacher.epochs >= 1
    records = [
        read_record(Record, folder / side / "seed-0/record.json")
        for side in ("searched", "catalogue")
    ]
    for record in records:
        assert record.distillation is not None
        assert record.distillation.teacher == str(file)
    # Trials and search learn from labels alone: a teacher costs what they have not.
    (trial, *_) = folder.glob("trials/**/record.json")
    assert read_record(Record, trial).distillation is None
    assert "taught by" in (folder / "model/README.md").read_text()
    # Every configuration was timed before it was trained.
    (measured,) = measurements_of(folder / SEARCH)
    assert len(measured.latencies) == result.proposal.search_trials
    assert result.verdict.searched.latency_ms is not None


def test_a_teacher_that_knows_the_classes_is_taken_as_it_is(
    few: Path, tmp_path: Path
) -> None:
    file = teacher_file(few, tmp_path / "teacher.safetensors")
    order = DesignOrder(data=str(few), macs=400e3, hours=0.1, teacher=str(file))
    plan = tiny_plan(order)
    proposal = DesignProposal(
        trials=(),
        winner=plan.candidates[0],
        reasons=(),
        search_trials=4,
        search_epochs=1,
        seconds=1.0,
    )

    class Mute:
        def tell(self, message: str) -> None: ...

    course = Course(order=order, folder=tmp_path / "run", data_root=None, crew=Mute())
    found = taught(course, plan, proposal)

    assert found is not None
    assert (found.teacher.epochs, found.teacher.accuracy) == (0, None)
    contract = read_contract(found.weights.file)
    assert contract is not None
    assert contract.class_names == load(str(few)).class_names


def test_a_teacher_of_other_images_is_refused_before_anything(
    few: Path, tmp_path: Path
) -> None:
    spec = network("search_18").with_classes(10)
    save_network(build(spec), tmp_path / "colour.safetensors")
    order = DesignOrder(
        data=str(few),
        macs=400e3,
        hours=0.1,
        teacher=str(tmp_path / "colour.safetensors"),
    )

    with pytest.raises(SpecError, match=r"takes images of 3 channels, and .* has 1"):
        plan_design(order)
