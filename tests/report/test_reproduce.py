"""How to reproduce a page: commands that can be pasted as they stand."""

import shlex
from dataclasses import replace
from html import unescape

import pytest

from rexpand.records import Machine, Provenance
from rexpand.report.reproduce import original_commands, reproduce

COMMAND = ("rexpand", "search", "run", "--network", "my net.toml", "--out", "it's")


@pytest.fixture
def found() -> Provenance:
    return Provenance(
        command=COMMAND,
        commit="abc123",
        has_changes=False,
        versions={"python": "3.11.7", "rexpand": "0.1.0", "torch": "2.14.1+cpu"},
        machine=Machine(cpu="a cpu", cores=2, memory_gb=8.0, system="Linux"),
        threads=2,
        seeds=(0,),
        data_fingerprint=None,
    )


def _lines(section: str) -> list[str]:
    block = section.split("<pre><code>")[1].split("</code></pre>")[0]
    return unescape(block).splitlines()


def test_the_original_command_reaches_the_shell_as_it_was(found: Provenance) -> None:
    checkout, install, command = _lines(reproduce([found]))

    assert tuple(shlex.split(command)) == COMMAND
    assert checkout == "git checkout abc123"
    # rexpand comes from the checkout, and no index knows the build of a version.
    assert install == "pip install '.[search,report,timm,deploy]' torch==2.14.1"


def test_a_command_that_ran_on_several_machines_stands_once(found: Provenance) -> None:
    other = replace(found, threads=8)
    resumed = replace(found, command=("rexpand", "search", "resume", "RUN"))

    assert original_commands([found, other, resumed]) == [
        shlex.join(COMMAND),
        "rexpand search resume RUN",
    ]


@pytest.mark.parametrize("command", [None, ("ipykernel_launcher.py", "-f", "x.json")])
def test_what_was_not_run_by_a_command_names_none(found, command) -> None:
    assert reproduce([replace(found, command=command)]) == ""


def test_the_folder_of_a_page_is_enough_to_go_on(found: Provenance) -> None:
    section = reproduce([replace(found, command=None)], ["rexpand search report it"])

    assert _lines(section) == ["rexpand search report it"]
