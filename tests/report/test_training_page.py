"""The page of a training says on how many images of which kind, over one seed or more."""

import re
from dataclasses import replace

import pytest

from rexpand.records import BlockRank, RecipeChange, Record
from rexpand.report import training_page, write_training_report
from rexpand.report.training_page import training_finding

RANK = BlockRank(block="stem", channels=8, effective_rank=4.0, nuclear_norm=9.0)


@pytest.fixture
def seeds(record: Record) -> list[Record]:
    return [replace(record, seed=n, accuracy=60.0 + n) for n in range(3)]


def test_the_lead_tells_validation_images_from_training_images(record: Record) -> None:
    held_out = replace(
        record,
        accuracy=97.5,
        evaluated_on="validation",
        images=1237,
        evaluated_images=200,
    )

    said = training_finding([held_out], "net")

    assert said == (
        "net reaches 97.5 % on 200 validation images after 10 epochs on 1,237 training "
        "images. This is one run with one seed, 0."
    )


def test_an_older_record_does_not_say_how_many_images_judged(record: Record) -> None:
    said = training_finding([replace(record, evaluated_images=None)], "net")

    # No number is better than the number of other images.
    assert "% on test images after 10 epochs on 50,000 training images" in said


@pytest.mark.parametrize(
    ("before", "said"),
    [
        (31.25, "Training started from net.safetensors at 31.2 %."),
        # Of other classes than those of the data there is no accuracy.
        (None, "Training started from net.safetensors. This is one run"),
    ],
)
def test_weights_that_training_began_with_are_named(record, before, said) -> None:
    carried = replace(record, started_from="net.safetensors", start_accuracy=before)

    assert said in training_finding([carried], "net")
    assert "started from" not in training_finding([record], "net")


def test_several_seeds_give_mean_deviation_and_range(seeds: list[Record]) -> None:
    said = training_finding(seeds, "net")

    # 60, 61 and 62: the sample's deviation is 1.
    assert "net reaches 61.0 ± 1.0 % on 10,000 test images" in said
    assert "3 seeds, which lie from 60.0 to 62.0 %" in said


def test_a_run_has_a_page_with_its_three_curves(record: Record) -> None:
    page = training_page([record])

    assert re.findall(r'data-chart="(\w+)"', page) == [
        *("accuracy", "loss", "learning_rate"),
    ]
    # One run has no table of seeds and no spread.
    assert 'id="seeds"' not in page
    assert "±" not in page.split("<script>")[0]


def test_a_nested_value_of_the_recipe_has_a_name_of_its_own(record: Record) -> None:
    page = training_page([record])

    assert "<dt>schedule.kind</dt><dd>cosine</dd>" in page
    assert "<dt>averaging</dt><dd>none</dd>" in page


def test_a_change_of_the_recipe_on_the_way_has_a_row(record: Record) -> None:
    field = "optimizer.learning_rate"
    rate = RecipeChange(
        epoch=2, step=7, field=field, before="0.1", after="0.05", reason="diverged"
    )

    page = training_page([replace(record, changes=(rate,))])

    table = page.split('<section id="changes"')[1].split("</section>")[0]
    assert table.count("<tr>") == 1 + 1
    # Epoch and step are counted from 1, as everywhere for a person.
    assert '<td class="number" data-value="3">3</td>' in table
    assert '<td class="number" data-value="8">8</td>' in table
    assert "<td>0.1</td><td>0.05</td>" in table
    assert "the loss was not finite" in table
    assert 'id="changes"' not in training_page([record])


def test_watched_images_are_not_more_than_those_held_out(record: Record) -> None:
    few = replace(
        record,
        evaluated_images=200,
        recipe=replace(record.recipe, watch_rank=256),
        epochs=tuple(replace(each, block_ranks=(RANK,)) for each in record.epochs),
    )

    assert "on the same 200 test images" in training_page([few])


def test_a_page_over_several_seeds_has_a_row_for_each(seeds: list[Record]) -> None:
    page = training_page(seeds)

    table = page.split('<section id="seeds"')[1].split("</section>")[0]
    assert table.count("<tr>") == 1 + 3
    assert '<td class="number" data-value="62">62.00</td>' in table


def test_a_training_leaves_the_page_and_each_figure_twice(record, tmp_path) -> None:
    files = write_training_report([record], tmp_path)

    assert files.page.exists()
    assert [path.name for path in files.svg] == [
        *("accuracy.svg", "loss.svg", "learning_rate.svg"),
    ]
