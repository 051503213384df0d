"""Distillation: a teacher's scores as targets beside the labels."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch.nn.functional import cross_entropy, softmax

from rexpand.data.dataset import DataSet
from rexpand.data.split import stratified_subset
from rexpand.errors import SpecError, StudyError
from rexpand.models import build, save_network
from rexpand.recipe import RECIPES
from rexpand.recipe.distillation import Distillation
from rexpand.records import Record, passport_of, read_record
from rexpand.spec import ImageContract, Source, network
from rexpand.train import Teacher, fitted, teacher_from, train
from rexpand.train.teaching import lesson

CPU = torch.device("cpu")
RECIPE = replace(RECIPES["digits"].with_epochs(1), validation=0, batch_size=32)


@pytest.fixture(scope="module")
def few(digits: DataSet) -> DataSet:
    return replace(digits, train=stratified_subset(digits.train, 64, seed=0))


@pytest.fixture
def teacher(few: DataSet, tmp_path: Path) -> Teacher:
    torch.manual_seed(3)
    built = build(fitted(network("search_18"), few))
    save_network(built, tmp_path / "teacher.safetensors", few.contract)
    return teacher_from(
        Source.parse(str(tmp_path / "teacher.safetensors")), "a teacher"
    )


def test_the_loss_is_that_of_the_paper(few: DataSet, teacher: Teacher, float64) -> None:
    teacher = replace(
        teacher,
        network=teacher.network.double(),
        distillation=Distillation(teacher="t", weight=0.25, temperature=4.0),
    )
    ready = lesson(teacher, few.contract, 10, CPU)
    generator = torch.Generator().manual_seed(0)
    images = torch.randn(6, 1, 8, 8, generator=generator)
    scores = torch.randn(6, 10, generator=generator)
    labels = torch.arange(6)

    found = ready.added_to(cross_entropy(scores, labels), scores, images)

    # (1 - w) CE + w T^2 KL(teacher || student), the mean over the images.
    theirs = softmax(teacher.network(images) / 4, dim=1)
    ours = softmax(scores / 4, dim=1)
    apart = (theirs * (theirs / ours).log()).sum(dim=1).mean()
    expected = 0.75 * cross_entropy(scores, labels) + 0.25 * 16 * apart
    assert found.item() == pytest.approx(expected.item(), rel=1e-5)


def test_a_teacher_sees_the_students_images_as_its_own(
    few: DataSet, teacher: Teacher
) -> None:
    other = ImageContract(channels=1, height=8, width=8, mean=(0.3,), std=(0.2,))
    fed = few.seen_as(replace(other, origin="checkpoint"))
    theirs = lesson(teacher, few.contract, 10, CPU)
    ours = lesson(teacher, fed.contract, 10, CPU)

    def first(data: DataSet) -> torch.Tensor:
        batches = data.test.batches(
            batch_size=16, device=CPU, seed=None, augmentation=None
        )
        return next(iter(batches))[0]

    # The same pixels, normalised in two ways, give the same scores.
    torch.testing.assert_close(
        ours.scores(first(fed)), theirs.scores(first(few)), atol=1e-4, rtol=1e-4
    )


def test_a_student_of_another_size_is_taught(few: DataSet, teacher: Teacher) -> None:
    ready = lesson(teacher, few.contract.at(12), 10, CPU)

    assert ready.scores(torch.zeros(2, 1, 12, 12)).shape == (2, 10)


def test_the_record_and_the_weights_say_who_taught(
    few: DataSet, teacher: Teacher, tmp_path: Path
) -> None:
    record = train("search_18", RECIPE, few, folder=tmp_path / "run", teacher=teacher)
    alone = train("search_18", RECIPE, few, folder=tmp_path / "alone")

    assert record.distillation == Distillation(teacher="a teacher")
    assert passport_of(record).distillation == record.distillation
    assert read_record(Record, tmp_path / "run/record.json") == record
    # The teacher counts: the same seed ends elsewhere.
    assert alone.distillation is None
    assert record.loss != alone.loss


def test_a_taught_training_does_not_go_on_alone(
    few: DataSet, teacher: Teacher, tmp_path: Path
) -> None:
    two = RECIPE.with_epochs(2)
    train(
        "search_18", two, few, folder=tmp_path / "run", teacher=teacher, until_epoch=1
    )

    with pytest.raises(StudyError, match="distillation"):
        train("search_18", two, few, folder=tmp_path / "run")


def test_a_teacher_alone_teaches_what_it_knows(digits: DataSet, tmp_path: Path) -> None:
    recipe = replace(RECIPES["digits"], epochs=4, validation=0)
    train("search_18", recipe, digits, folder=tmp_path / "teacher")
    weights = tmp_path / "teacher/network.safetensors"
    knowing = teacher_from(Source.parse(str(weights)))
    only = replace(knowing, distillation=Distillation(teacher="t", weight=1.0))
    # Labels that say nothing: the class is drawn at random.
    labels = torch.randint(10, (len(digits.train),), generator=torch.manual_seed(0))
    blind = replace(digits, train=replace(digits.train, labels=labels.numpy()))

    record = train("search_18", recipe, blind, folder=tmp_path / "run", teacher=only)

    # Chance is 10 %, and labels alone would teach no more.
    assert record.accuracy > 50


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"channels": 3, "mean": (0.0,) * 3, "std": (1.0,) * 3}, "3 channels"),
        ({"mean": None, "std": None}, "mean and std of images are not known"),
    ],
)
def test_a_teacher_of_other_images_is_refused(
    few: DataSet, teacher: Teacher, change: dict, said: str
) -> None:
    other = replace(teacher, contract=replace(teacher.contract, **change))

    with pytest.raises(SpecError, match=said):
        lesson(other, few.contract, 10, CPU)


def test_a_teacher_of_other_classes_is_refused(few: DataSet, teacher: Teacher) -> None:
    with pytest.raises(SpecError, match="10 classes and the data 12; fine-tune"):
        lesson(teacher, few.contract, 12, CPU)
