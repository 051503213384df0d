from dataclasses import replace

from rexpand.report import cautions, finding


def test_the_finding_names_the_best_configuration_with_its_numbers(study):
    sentence = finding(study)

    assert "34-34-45-55-66 is the most accurate: 63.4 % on CIFAR-100" in sentence
    assert "mean of 3 seeds" in sentence
    # 63.4 is two points above 61.4, the mean of the bottom group in Table 3 (a).
    assert "2.0 points above the mean of the bottom group" in sentence


def test_a_small_p_value_counts_as_a_difference_and_a_large_one_does_not(study):
    likely = replace(study.tests[0], p_value=0.31)

    different = finding(study)
    same = finding(replace(study, tests=(likely,)))

    assert "more than chance readily explains (p = 0.0004)" in different
    assert "which chance alone may explain (p = 0.31)" in same


def test_a_study_without_finished_trials_claims_nothing(study):
    empty = replace(study, trials=(), groups=(), tests=())

    assert finding(empty).startswith("No trial has finished yet")
    assert cautions(empty) == ()


def test_one_seed_and_few_trials_are_held_against_the_finding(study):
    few = replace(study, seeds=1, trials=study.trials[:12])

    said = " ".join(cautions(few))

    assert "one seed" in said
    assert "Only 12 trials finished" in said


def test_the_best_of_many_is_always_said_to_be_measured_too_high(study):
    # The maximum of noisy measurements is biased upwards, however many there are.
    assert any("a little too high" in text for text in cautions(study))


def test_a_single_trial_is_not_called_the_most_accurate(study):
    single = replace(study, trials=study.trials[:1], groups=(), tests=())

    assert "most accurate" not in finding(single)
    assert " reaches " in finding(single)
