"""Studies in SQLite and PostgreSQL: who has a trial, and what a database may be."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from disks import enlarge, mounted
from postgresql import Server
from rexpand.errors import StorageError, StudyError
from rexpand.search.address import address_of, read_address
from rexpand.search.configuration import configurations_of
from rexpand.search.database import DatabaseStorage
from rexpand.search.design import (
    StudyDesign,
    create_study,
    drawn,
    extend_study,
    read_study,
)
from rexpand.search.driver import search
from rexpand.search.pruning import is_spared
from rexpand.search.stopping import Stopping
from rexpand.search.storage import LostTrial, Taken
from rexpand.search.stored import read_trials
from rexpand.search.summary import summarise
from rexpand.search.workers import InProcess, Nobody

LEASE = 2.0  # seconds; it is renewed four times as often, also by a busy machine
SHORT = 0.02


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a new database of either kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'studies.db'}"
    server: Server = request.getfixturevalue("postgresql")
    return server.new_database()


@contextmanager
def storage(
    url: str, design: StudyDesign, lease: float = 60
) -> Iterator[DatabaseStorage]:
    """A driver's view of the study 'study', whose trials are queued."""
    database = address_of(url, Path("study")).within(Path("study"))
    with DatabaseStorage(database, lease) as made:
        made.join(design)
        made.add(configurations_of(drawn(design)), first=0)
        yield made


def taken(storage: DatabaseStorage) -> Taken:
    found = storage.take()
    assert found is not None
    return found


def test_no_trial_is_taken_twice(url: str, design: StudyDesign) -> None:
    with storage(url, design) as first, storage(url, design) as second:
        numbers = [taken(each).number for each in (first, second, second, first)]

        assert numbers == [0, 1, 2, 3]
        assert first.take() is second.take() is None
        # Queued once, though both did it.
        assert first.count() == 4
        assert first.finished() == 0


def test_a_silent_drivers_trial_goes_to_another_and_is_lost_to_it(
    url: str, design: StudyDesign
) -> None:
    # The first one renews no lease: it is stopped, or cut off.
    with storage(url, design, SHORT) as first, storage(url, design) as second:
        trial = taken(first)
        first._leases._is_over.set()
        time.sleep(0.5)

        again = taken(second)

        assert again == trial
        with pytest.raises(LostTrial):
            first.report(trial, {0: 10.0})
        with pytest.raises(LostTrial):
            first.complete(trial, 10.0, {"seeds": [0]})
        second.report(again, {0: 20.0})
        second.complete(again, 20.0, {"seeds": [1]})
        assert (second.finished(), second.count()) == (1, 4)


def test_a_driver_that_lives_keeps_its_trial_beyond_a_lease(
    url: str, design: StudyDesign
) -> None:
    with storage(url, design, LEASE) as first, storage(url, design, LEASE) as second:
        trial = taken(first)
        time.sleep(1.5 * LEASE)

        others = [taken(second).number for _ in range(3)]

        assert trial.number not in others
        first.complete(trial, 50.0, {})


def test_a_driver_that_ends_gives_its_trials_back_at_once(
    url: str, design: StudyDesign
) -> None:
    with storage(url, design) as first:
        trial = taken(first)

    with storage(url, design) as second:
        assert taken(second) == trial


def test_a_failed_trial_is_over_until_it_is_to_be_run_again(
    url: str, design: StudyDesign
) -> None:
    with storage(url, design) as first, storage(url, design) as second:
        trial = taken(first)
        first.report(trial, {0: 10.0})
        # The database did it, and its answer was lost.
        first.fail(trial, "it diverged")
        first.fail(trial, "it diverged")

        assert (second.finished(), second.failed()) == (1, 1)
        assert taken(second).number == 1
        second.retry_failed()

        # Its lease has not ended, but nobody holds it.
        again = taken(second)
        assert (again.number, again.was_anothers) == (0, True)
        second.complete(again, 20.0, {})
        assert (second.finished(), second.failed()) == (1, 0)


def test_a_report_that_is_made_twice_counts_once(url: str, design: StudyDesign) -> None:
    with storage(url, design) as driver:
        trial = taken(driver)
        # The database did it, and its answer was lost.
        for _ in range(2):
            driver.report(trial, {0: 30.0, 1: 40.0})
        for _ in range(2):
            driver.complete(trial, 40.0, {"seeds": [0], "accuracies": [40.0]})

        assert driver.finished() == 1


def test_a_trial_is_pruned_by_the_median(url: str, design: StudyDesign) -> None:
    recipe = design.recipe.with_epochs(3)
    design = replace(design, trials=12, pruning="median", recipe=recipe)
    with storage(url, design) as driver:
        stopping = Stopping(design, driver)
        for accuracy in (50.0, 60.0, 70.0, 80.0, 90.0):
            trial, told = taken(driver), {0: 10.0, 1: accuracy}
            driver.report(trial, told)
            assert stopping.verdict(trial.number, told) == "go on"
            driver.complete(trial, accuracy, {})
        rest = [taken(driver) for _ in range(5)]
        below, above = [
            each for each in rest if not is_spared(each.number, design.sampling_seed)
        ][:2]

        assert stopping.verdict(below.number, {0: 10.0, 1: 69.0}) == "stop"
        assert stopping.verdict(above.number, {0: 10.0, 1: 71.0}) == "go on"
        driver.prune(below)
        assert driver.finished() == 6


def test_drivers_know_how_the_trials_of_others_stand(
    url: str, design: StudyDesign
) -> None:
    with storage(url, design) as first, storage(url, design) as second:
        complete, pruned, running, other = (
            *(taken(first), taken(first), taken(first)),
            taken(second),
        )
        first.report(complete, {0: 10.0, 1: 20.0})
        first.complete(complete, 25.0, {})
        first.report(pruned, {0: 5.0})
        first.prune(pruned)
        first.report(running, {0: 7.0})
        second.report(other, {0: 8.0, 1: 9.0})

        found = [{each.number: each for each in second.standings(n)} for n in (0, 1)]

    accuracies = [
        {number: (each.accuracy, each.final) for number, each in epoch.items()}
        for epoch in found
    ]
    assert accuracies == [
        {0: (10.0, 25.0), 1: (5.0, None), 2: (7.0, None), 3: (8.0, None)},
        # The one that runs has not come there; the one that was stopped never will.
        {0: (20.0, 25.0), 1: (None, None), 3: (9.0, None)},
    ]


def test_a_study_in_a_database_is_that_in_a_journal(
    url: str, design: StudyDesign, tmp_path: Path
) -> None:
    design = replace(design, trials=1)
    journal, database = tmp_path / "journal", tmp_path / "database"
    create_study(design, journal)
    create_study(design, database, url)

    search(design, journal, InProcess(), Nobody())
    search(design, database, InProcess(), Nobody())

    found = [summarise(each) for each in (journal, database)]
    first, second = (
        [replace(trial, seconds=0.0) for trial in each.trials] for each in found
    )
    assert first == second
    # Optuna's tools see the same, too.
    for one, other in zip(read_trials(journal), read_trials(database), strict=True):
        assert one.params == other.params
        assert one.distributions == other.distributions
        assert one.intermediate_values == other.intermediate_values
        assert one.user_attrs.keys() == other.user_attrs.keys()


def test_a_study_in_a_database_is_extended(
    url: str, design: StudyDesign, tmp_path: Path
) -> None:
    design = replace(design, trials=1, seeds=1)
    here, there = tmp_path / "a/study", tmp_path / "b/study"
    for folder in (here, there):
        create_study(design, folder, url)
    search(design, here, InProcess(), Nobody())

    extend_study(there, 2)
    search(design, here, InProcess(), Nobody())

    # The driver that knew of one trial runs the second one, too.
    assert [trial.state for trial in summarise(here).trials] == ["complete"] * 2
    assert read_study(there).earlier_trials == (1,)


def test_a_study_with_other_settings_is_refused(
    url: str, design: StudyDesign, tmp_path: Path
) -> None:
    create_study(design, tmp_path / "a/study", url)

    with pytest.raises(StudyError, match="seeds is 2, asked for 5; give the same"):
        create_study(replace(design, seeds=5), tmp_path / "b/study", url)

    assert not (tmp_path / "b/study/study.json").exists()


def test_a_folder_stays_with_its_storage(
    url: str, design: StudyDesign, tmp_path: Path
) -> None:
    create_study(design, tmp_path / "study", url)

    with pytest.raises(StorageError, match=r"is stored in .*, not in .*; leave"):
        create_study(design, tmp_path / "study", f"sqlite:///{tmp_path}/other.db")

    # Who gives none goes on with it.
    create_study(design, tmp_path / "study")
    assert read_address(tmp_path / "study") is not None


def test_a_folder_with_its_own_sqlite_file_may_be_moved(
    design: StudyDesign, tmp_path: Path
) -> None:
    design = replace(design, trials=1, seeds=1)
    folder = tmp_path / "study"
    create_study(design, folder, f"sqlite:///{folder}/study.db")
    search(design, folder, InProcess(), Nobody())

    moved = folder.rename(tmp_path / "moved")

    assert [trial.state for trial in summarise(moved).trials] == ["complete"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("studies.db", "'studies.db' is no address of a storage; give sqlite"),
        ("mysql://host/db", "a storage of the kind 'mysql' is unknown; give sqlite"),
        ("sqlite://", "names no file"),
        ("sqlite:///:memory:", "names no file"),
        ("sqlite:///a.db?mode=ro", "names no file"),
        ("postgresql://host:port/db", r"\(postgresql\) cannot be read"),
        ("postgresql://me:secret@host/db", "holds a password, .* set PGPASSWORD"),
        ("postgresql://host/db?password=secret", "holds a password"),
        ("me:secret@host/db", "this is no address"),
        ("postgresql://me:secret@host:port/db", "cannot be read"),
    ],
)
def test_what_is_no_address_is_one_line_without_secrets(
    text: str, message: str, tmp_path: Path
) -> None:
    with pytest.raises(StorageError, match=message) as refused:
        address_of(text, tmp_path / "study")

    assert "secret" not in str(refused.value)


def test_a_file_that_is_no_database_is_one_line(
    design: StudyDesign, tmp_path: Path
) -> None:
    (tmp_path / "studies.db").write_text("not a database at all, " * 100)

    with pytest.raises(StorageError, match=r"SQLite file .* is not a database; give"):
        create_study(design, tmp_path / "study", f"sqlite:///{tmp_path}/studies.db")


def test_a_database_that_is_not_there_is_one_line(
    design: StudyDesign, tmp_path: Path
) -> None:
    create_study(design, tmp_path / "study", f"sqlite:///{tmp_path}/studies.db")
    (tmp_path / "studies.db").unlink()

    with pytest.raises(StorageError, match="is not there, where the study is stored"):
        summarise(tmp_path / "study")


def test_a_trial_of_somebody_else_is_named(design: StudyDesign, tmp_path: Path) -> None:
    import optuna

    url = f"sqlite:///{tmp_path}/studies.db"
    create_study(design, tmp_path / "study", url)
    optuna.load_study(study_name="study", storage=url).enqueue_trial({"c1": 3})

    with pytest.raises(StudyError, match="study 'study', trial 0: "):
        summarise(tmp_path / "study")


def test_a_study_of_another_version_is_refused(
    design: StudyDesign, tmp_path: Path
) -> None:
    import optuna

    url = f"sqlite:///{tmp_path}/studies.db"
    create_study(design, tmp_path / "a/study", url)
    study = optuna.load_study(study_name="study", storage=url)
    kept = json.loads(json.dumps(study.user_attrs["rexpand:design"]))
    study.set_user_attr("rexpand:design", kept | {"version": 99})

    with pytest.raises(StudyError, match="version"):
        create_study(design, tmp_path / "b/study", url)


def test_a_full_disk_is_one_line_and_keeps_what_is_over(
    design: StudyDesign, tmp_path: Path
) -> None:
    with mounted(tmp_path / "disk", "size=1m") as disk:
        url = f"sqlite:///{disk}/studies.db"
        with storage(url, design) as driver:
            driver.complete(taken(driver), 50.0, {})
            trial = taken(driver)
            many = dict.fromkeys(range(50_000), 50.0)

            with pytest.raises(
                StorageError, match="disk is full; the trials that are over are kept"
            ):
                driver.report(trial, many)
            enlarge(disk, "64m")
            driver.report(trial, many)

            assert (driver.finished(), driver.count()) == (1, 4)
            assert taken(driver).number == 2


def test_a_server_that_does_not_answer_is_one_line(
    design: StudyDesign, tmp_path: Path
) -> None:
    url = "postgresql://127.0.0.1:1/studies"

    with pytest.raises(
        StorageError,
        match=r"PostgreSQL database 'studies' at 127\.0\.0\.1:1 cannot be used: "
        r".*refused.*; start it, or give the host and the port",
    ):
        create_study(design, tmp_path / "study", url)

    assert not (tmp_path / "study").exists()


def test_a_driver_killed_while_it_makes_its_database_is_no_stranger(
    design: StudyDesign, tmp_path: Path
) -> None:
    folder = tmp_path / "study"
    url = f"sqlite:///{folder}/study.db"
    expected = create_study(design, folder, url).channels.tolist()

    # As it lies there before the design is written: the database, and whose it is.
    (folder / "study.json").unlink()

    assert create_study(design, folder, url).channels.tolist() == expected
    assert read_study(folder) == design
