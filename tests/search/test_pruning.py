"""The median rule stops a trial where Optuna's median pruner does."""

import optuna
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from optuna.trial import TrialState, create_trial

from rexpand.search.pruning import falls_below_median

PERCENT = st.floats(0, 100, width=16)


@settings(max_examples=50)
@given(
    own=st.lists(PERCENT, min_size=1, max_size=4),
    others=st.lists(st.lists(PERCENT, max_size=4), max_size=8),
)
def test_it_is_optunas_rule(own: list[float], others: list[list[float]]) -> None:
    study = optuna.create_study(direction="maximize")
    for accuracies in others:
        study.add_trial(
            create_trial(value=1.0, intermediate_values=dict(enumerate(accuracies)))
        )
    running = create_trial(
        state=TrialState.RUNNING, intermediate_values=dict(enumerate(own))
    )
    pruner = optuna.pruners.MedianPruner(n_startup_trials=5, n_warmup_steps=1)

    epoch = len(own) - 1
    elders = [each[epoch] if epoch < len(each) else None for each in others]
    stops = falls_below_median(dict(enumerate(own)), elders)

    assert stops == pruner.prune(study, running)


@pytest.mark.parametrize(("elders", "stops"), [(4, False), (5, True)])
def test_the_first_five_are_never_stopped(elders: int, stops: bool) -> None:
    assert falls_below_median({0: 1.0, 1: 2.0}, [50.0] * elders) == stops
