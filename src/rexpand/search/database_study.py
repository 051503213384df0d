"""A study in a database: found by its name, with the design that its drivers share."""

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy import Connection, func, insert, select, update

from rexpand.codec import check_version, from_content, to_content
from rexpand.errors import StudyError
from rexpand.records.differences import differences, listed
from rexpand.search.address import Database
from rexpand.search.configuration import Configuration, Outcome
from rexpand.search.database_opening import failures, opened_to_read, waited_for
from rexpand.search.database_tables import studies, study_attributes, trials
from rexpand.search.design import VERSION, StudyDesign, extended
from rexpand.search.optuna_library import optuna_library

if TYPE_CHECKING:
    from optuna.storages import RDBStorage
    from optuna.trial import FrozenTrial

_DESIGN = "rexpand:design"  # the attribute of a study that holds its design


def joined(
    storage: "RDBStorage", database: Database, asked: StudyDesign
) -> tuple[int, StudyDesign]:
    """The id of a study, made if there is none, and the design that it has from now on.

    It may have more trials than were asked for, and is extended if it has fewer. Raises
    StudyError for a study with other settings, of another version, or not of rexpand.
    """
    study = _found(storage, database)

    def agreed() -> StudyDesign:
        with storage.engine.begin() as connection:
            return _agreed(connection, study, database, asked)

    return study, waited_for(agreed, database, patience=10)


def read_database(database: Database) -> "list[FrozenTrial]":
    """Every trial of a study, in order, without disturbing its drivers."""
    storage = opened_to_read(database)
    try:
        with failures(database):
            study = storage.get_study_id_from_name(database.study)
            found = storage.get_all_trials(study, deepcopy=False)
    except KeyError:
        return []
    finally:
        storage.engine.dispose()
    for trial in found:
        _check(trial, database)
    return found


def _found(storage: "RDBStorage", database: Database) -> int:
    optuna = optuna_library()
    with failures(database):
        try:
            maximize = optuna.study.StudyDirection.MAXIMIZE
            return storage.create_new_study([maximize], database.study)
        except optuna.exceptions.DuplicatedStudyError:
            return storage.get_study_id_from_name(database.study)


def _agreed(
    connection: Connection, study: int, database: Database, asked: StudyDesign
) -> StudyDesign:
    same = update(studies).where(studies.c.study_id == study)
    connection.execute(same.values(study_name=studies.c.study_name))  # a lock
    attribute = (study_attributes.c.study_id == study) & (
        study_attributes.c.key == _DESIGN
    )
    text = connection.execute(
        select(study_attributes.c.value_json).where(attribute)
    ).scalar()
    if text is None:
        counted = select(func.count()).where(trials.c.study_id == study)
        if connection.execute(counted).scalar_one():
            raise StudyError(
                f"{database} has a study '{database.study}' of another program; give "
                "another folder name, which is the study's name there"
            )
        row = {"study_id": study, "key": _DESIGN, "value_json": _written(asked)}
        connection.execute(insert(study_attributes), [row])
        return asked
    saved = _read(text, database)
    _check_same(saved, asked, database)
    design = extended(saved, asked.trials)
    if design != saved:
        changed = update(study_attributes).where(attribute)
        connection.execute(changed.values(value_json=_written(design)))
    return design


def _check_same(saved: StudyDesign, asked: StudyDesign, database: Database) -> None:
    alike = replace(asked, trials=saved.trials, earlier_trials=saved.earlier_trials)
    if found := differences(saved, alike):
        raise StudyError(
            f"{database} has a study '{database.study}' with other settings: "
            f"{listed(found)}; give the same ones to work on it too, or another folder "
            "name, which is the study's name there"
        )


def _written(design: StudyDesign) -> str:
    return json.dumps({"version": VERSION, "design": to_content(design)})


def _read(text: str, database: Database) -> StudyDesign:
    try:
        content = json.loads(text)
        check_version(content["version"], VERSION)
        return from_content(StudyDesign, content["design"], "design")
    except (ValueError, TypeError, KeyError) as error:
        raise StudyError(f"{database}, study '{database.study}': {error}") from None


def _check(trial: "FrozenTrial", database: Database) -> None:
    """Raise StudyError for a trial whose attributes are not what we keep."""
    attributes = trial.user_attrs
    try:
        for kind in (Configuration, Outcome):
            names = kind.__dataclass_fields__
            kept = {name: attributes[name] for name in names if name in attributes}
            from_content(kind, kept)
    except ValueError as error:
        raise StudyError(
            f"{database}, study '{database.study}', trial {trial.number}: {error}"
        ) from None
