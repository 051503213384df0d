"""The tables of a study's database: Optuna's, and one of ours that holds the leases.

Optuna's classes make one transaction of every attribute; here are their tables, so that
a trial is taken and ended in one each. The leases have no foreign key, which would keep
Optuna's tools from deleting a study.
"""

from typing import Any

from optuna.storages._rdb import models
from sqlalchemy import (
    Column,
    Connection,
    Double,
    Engine,
    Integer,
    MetaData,
    String,
    Table,
    literal_column,
)
from sqlalchemy.dialects import postgresql, sqlite

studies: Table = models.StudyModel.__table__
study_attributes: Table = models.StudyUserAttributeModel.__table__
trials: Table = models.TrialModel.__table__
trial_attributes: Table = models.TrialUserAttributeModel.__table__
trial_params: Table = models.TrialParamModel.__table__
trial_values: Table = models.TrialValueModel.__table__
trial_accuracies: Table = models.TrialIntermediateValueModel.__table__

_OURS = MetaData()
leases = Table(
    "rexpand_leases",
    _OURS,
    Column("trial_id", Integer, primary_key=True, autoincrement=False),
    Column("driver", String(100), nullable=False),
    Column(
        "ends", Double, nullable=False
    ),  # seconds since 1970, by the database's clock
)

# The database's own clock, in seconds since 1970.
_CLOCKS = {
    "postgresql": "CAST(extract(epoch from clock_timestamp()) AS double precision)",
    "sqlite": "((julianday('now') - 2440587.5) * 86400.0)",
}


def make_tables(engine: Engine) -> None:
    """Make the table of leases, if there is none."""
    _OURS.create_all(engine)


def clock(engine: Engine) -> Any:
    """What the database's clock says when a statement runs."""
    return literal_column(_CLOCKS[engine.name], Double)


def insert_unless_there(connection: Connection, table: Table) -> Any:
    """An INSERT that knows ON CONFLICT, as both databases have it."""
    is_sqlite = connection.dialect.name == "sqlite"
    return (sqlite if is_sqlite else postgresql).insert(table)
