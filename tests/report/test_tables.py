from dataclasses import replace

from rexpand.report import group_rows, trial_rows


def test_the_groups_read_as_in_table_3_of_the_paper(study):
    rows = group_rows(study)

    # Table 3 (a), arXiv 2007.00992: 63.1±0.1, 62.2±0.0, 61.4±0.2 and its best model.
    assert [row.accuracy for row in rows] == ["63.1 ± 0.1", "62.2 ± 0.0", "61.4 ± 0.2"]
    assert (rows[0].best, rows[0].best_accuracy) == ("34-34-45-55-66", "63.4")
    assert [row.macs for row in rows] == ["30.0M ± 1.0M"] * 3


def test_the_row_of_a_group_gives_the_line_fitted_to_its_channels(study):
    top = group_rows(study)[0]

    # The paper's top group grows by about six channels a block, nearly in a line.
    assert (top.slope, top.intercept, top.r_squared) == ("6.10", "34.7", "1.00")


def test_trials_come_the_most_accurate_first_and_the_unmeasured_last(study):
    waiting = replace(study.trials[0], state="waiting", accuracy=None, accuracies=())
    rows = trial_rows(replace(study, trials=(waiting, *study.trials[1:])))

    accuracies = [row.accuracy_percent for row in rows]
    assert accuracies[:-1] == sorted(accuracies[:-1], reverse=True)
    # What was not measured is written as nothing, never as zero.
    assert (rows[-1].accuracy_percent, rows[-1].accuracy) == (None, "")


def test_an_accuracy_of_one_seed_has_no_spread(study):
    single = replace(study.trials[0], accuracies=(62.5,), accuracy=62.5)

    row = trial_rows(replace(study, trials=(single,)))[0]

    assert row.accuracy == "62.5"


def test_the_front_is_marked(study):
    rows = trial_rows(study)

    assert {row.number for row in rows if row.is_front} == {
        row.trial for row in study.front.trials
    }
