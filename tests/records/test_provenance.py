"""A number says where it comes from, and does not make up what it does not know."""

import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import rexpand
from rexpand.records import merged, this_provenance

REPOSITORY = Path(__file__).parents[2]


def git(*arguments: str) -> str | None:
    """What git says in our repository; None where this is no checkout."""
    command = ["git", "-C", str(REPOSITORY), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return None if done.returncode else done.stdout.strip()


def test_the_commit_is_that_of_our_own_checkout() -> None:
    found = this_provenance((), threads=1)

    # Where the tests run from an installed wheel there is none to compare with.
    if Path(rexpand.__file__).is_relative_to(REPOSITORY / "src"):
        assert found.commit == git("rev-parse", "HEAD")
        changes = git("status", "--porcelain", "--", "src/rexpand")
        assert found.has_changes == (None if changes is None else bool(changes))


def test_a_wheel_inside_somebody_elses_repository_has_no_commit(
    tmp_path: Path,
) -> None:
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    site = tmp_path / "site"
    shutil.copytree(Path(rexpand.__file__).parent, site / "rexpand")
    program = "from rexpand.records import this_provenance as p; print(p((), threads=1).commit)"

    done = subprocess.run(
        [sys.executable, "-c", program],
        env={"PYTHONPATH": str(site), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    )

    # Their commit would be a false claim about our code.
    assert done.stdout.strip() == "None"


def test_the_command_names_the_program_and_not_where_it_lies() -> None:
    program = (
        "from rexpand.records import this_provenance as p; import sys; "
        "sys.argv = ['/opt/somewhere/bin/rexpand', 'train', 'rexnet_100']; "
        "print(p((), threads=1).command)"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "('rexpand', 'train', 'rexnet_100')"


def test_trainings_alike_but_for_the_seed_are_one_origin() -> None:
    first = this_provenance((), threads=1, seeds=(0,))
    second = replace(first, seeds=(1,))
    elsewhere = replace(second, threads=2)

    found = merged([first, second, elsewhere, first])

    assert [each.seeds for each in found] == [(0, 1), (1,)]
    assert [each.threads for each in found] == [1, 2]
