"""The rows of a study's trials in Optuna's tables: read, queued, begun and ended."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from optuna.distributions import IntDistribution, distribution_to_json
from optuna.storages._rdb import models
from optuna.trial import TrialState
from sqlalchemy import (
    Connection,
    and_,
    delete,
    func,
    insert,
    or_,
    select,
    true,
    update,
)

from rexpand.search.configuration import Configuration, highest_of, params_of
from rexpand.search.database_tables import (
    insert_unless_there,
    leases,
    trial_accuracies,
    trial_attributes,
    trial_params,
    trial_values,
    trials,
)
from rexpand.search.storage import Standing

STATES = tuple(TrialState)
FINISHED = tuple(state for state in TrialState if state.is_finished())
FAILED = (TrialState.FAIL,)
OPEN = (TrialState.RUNNING, TrialState.WAITING)  # who is left goes first


def count(connection: Connection, study: int, states: Collection[TrialState]) -> int:
    """How many trials of a study are in some states."""
    asked = select(func.count()).select_from(trials)
    asked = asked.where(trials.c.study_id == study, trials.c.state.in_(states))
    return int(connection.execute(asked).scalar_one())


def queue(
    connection: Connection,
    study: int,
    configurations: Sequence[Configuration],
    first: int,
) -> None:
    """Queue configurations, whose numbers count from `first`."""
    if not configurations:
        return
    made = connection.execute(
        insert(trials).returning(trials.c.trial_id, sort_by_parameter_order=True),
        [
            {"number": first + index, "study_id": study, "state": TrialState.WAITING}
            for index in range(len(configurations))
        ],
    )
    keys = made.scalars().all()
    pairs = zip(keys, configurations, strict=True)
    _set_attributes(connection, ((key, asdict(each)) for key, each in pairs))


def free(study: int, state: TrialState, ended: Any) -> Any:
    """The first trial in a state that nobody runs.

    `ended` says of the lease of a running one that it is over. A trial that another
    driver is just taking is passed over. Ids grow with numbers, and have an index.
    """
    asked = select(trials.c.trial_id, trials.c.number, trials.c.state)
    if state == TrialState.RUNNING:
        same = leases.c.trial_id == trials.c.trial_id
        asked = asked.select_from(trials.outerjoin(leases, same))
        asked = asked.where(or_(leases.c.trial_id.is_(None), ended))
    return (
        asked.where(trials.c.study_id == study, trials.c.state == state)
        .order_by(trials.c.trial_id)
        .limit(1)
        .with_for_update(of=trials, skip_locked=True)
    )


def begin(
    connection: Connection, trial: int, before: TrialState, now: datetime
) -> bool:
    """Set a trial running; whether it still was as before."""
    asked = update(trials).where(trials.c.trial_id == trial, trials.c.state == before)
    started = {} if before == TrialState.RUNNING else {"datetime_start": now}
    done = connection.execute(asked.values(state=TrialState.RUNNING, **started))
    return bool(done.rowcount)


def channels(connection: Connection, trial: int) -> tuple[int, ...]:
    """The channels of a trial."""
    asked = select(trial_attributes.c.value_json).where(
        trial_attributes.c.trial_id == trial, trial_attributes.c.key == "channels"
    )
    return tuple(json.loads(connection.execute(asked).scalar_one()))


def set_params(connection: Connection, trial: int, channels: Sequence[int]) -> None:
    """Show the channels as Optuna's parameters."""
    distribution = distribution_to_json(IntDistribution(1, highest_of(channels)))
    connection.execute(
        insert(trial_params),
        [
            {
                "trial_id": trial,
                "param_name": name,
                "param_value": width,
                "distribution_json": distribution,
            }
            for name, width in params_of(channels).items()
        ],
    )


def accuracies(connection: Connection, trial: int) -> dict[int, float]:
    """The accuracies after each epoch that are known of a trial."""
    table = trial_accuracies.c
    asked = select(table.step, table.intermediate_value).where(table.trial_id == trial)
    return {row.step: row.intermediate_value for row in connection.execute(asked)}


def standings(connection: Connection, study: int, epoch: int) -> list[Standing]:
    """How the trials stand that have an accuracy after an epoch, or are over."""
    after, final = trial_accuracies.c, trial_values.c
    here = and_(after.trial_id == trials.c.trial_id, after.step == epoch)
    asked = (
        select(trials.c.number, trials.c.state, after.intermediate_value, final.value)
        .select_from(
            trials.outerjoin(trial_accuracies, here).outerjoin(
                trial_values, final.trial_id == trials.c.trial_id
            )
        )
        .where(trials.c.study_id == study)
        .where(or_(after.trial_id.is_not(None), trials.c.state.in_(FINISHED)))
    )
    return [
        Standing(
            number=row.number,
            accuracy=row.intermediate_value,
            final=row.value if row.state == TrialState.COMPLETE else None,
        )
        for row in connection.execute(asked)
    ]


def note(connection: Connection, trial: int, told: Mapping[int, float]) -> None:
    """Note accuracies after epochs, those that are not known yet."""
    rows = []
    for epoch, accuracy in told.items():
        value, kind = (
            models.TrialIntermediateValueModel.intermediate_value_to_stored_repr(
                accuracy
            )
        )
        rows.append(
            {
                "trial_id": trial,
                "step": epoch,
                "intermediate_value": value,
                "intermediate_value_type": kind,
            }
        )
    if rows:
        asked = insert_unless_there(
            connection, trial_accuracies
        ).on_conflict_do_nothing()
        connection.execute(asked, rows)


def end(
    connection: Connection,
    trial: int,
    state: str,
    now: datetime,
    accuracy: float | None,
    outcome: Mapping[str, object],
) -> None:
    """End a running trial; nothing if it has ended already, which was then our doing."""
    asked = update(trials).where(
        trials.c.trial_id == trial, trials.c.state == TrialState.RUNNING
    )
    asked = asked.values(state=TrialState[state], datetime_complete=now)
    if not connection.execute(asked).rowcount:
        return
    if outcome:
        _set_attributes(connection, [(trial, outcome)])
    if accuracy is not None:
        value, kind = models.TrialValueModel.value_to_stored_repr(accuracy)
        row = {"trial_id": trial, "objective": 0, "value": value, "value_type": kind}
        connection.execute(insert(trial_values), [row])


def reopen_failed(connection: Connection, study: int) -> None:
    """Make the trials that failed such as a driver left, for whom comes first."""
    same = (trials.c.study_id == study) & trials.c.state.in_(FAILED)
    failed = select(trials.c.trial_id).where(same)
    reasons = trial_attributes.c.key == "failure"
    for table, which in ((trial_attributes, reasons), (leases, true())):
        theirs = table.c.trial_id.in_(failed)
        connection.execute(delete(table).where(theirs, which))
    asked = update(trials).where(same)
    connection.execute(asked.values(state=TrialState.RUNNING, datetime_complete=None))


def _set_attributes(connection: Connection, of_trials: Any) -> None:
    rows = [
        {"trial_id": trial, "key": name, "value_json": json.dumps(value)}
        for trial, attributes in of_trials
        for name, value in attributes.items()
    ]
    connection.execute(insert(trial_attributes), rows)
