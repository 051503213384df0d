"""A study on Ray is the study of local workers, whatever is killed."""

import os
import shlex
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from disturbing import is_alive, kept
from postgresql import Server
from ray_cluster import RayNodes, descendants, ray_nodes
from rexpand.errors import MistakeError
from rexpand.search.workers import on_ray
from rexpand.workers import RayCluster
from warm.programs import Programs, Running

pytest.importorskip("ray")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc"),
]

STUDY = shlex.split(
    "search run --data digits --network search_18 --macs 500k "
    "--trials 8 --seeds 1 --epochs 4 --train-subset 200 --worker-threads 1 --out"
)
# Longer than any machine takes to join.
LONG = [word if word != "8" else "400" for word in STUDY]


@pytest.fixture(scope="module")
def alone(
    programs: Programs, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, bytes]:
    """The weights of the study by two local workers."""
    folder = tmp_path_factory.mktemp("studies") / "alone"
    done = programs.run(*STUDY, str(folder), "--jobs", "2")
    assert done.returncode == 0, done.stderr
    return kept(folder, "network.safetensors")


@pytest.fixture(scope="module")
def nodes() -> Iterator[RayNodes]:
    """Three nodes of one CPU each."""
    with ray_nodes(3) as made:
        yield made


def wait_until(condition: Callable[[], object], process: Running) -> None:
    deadline = time.monotonic() + 300
    while not condition():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.02)


def all_end(processes: list[int]) -> bool:
    deadline = time.monotonic() + 60
    while any(map(is_alive, processes)):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def scratch() -> set[Path]:
    return set(Path("/tmp").glob("rexpand-*-[0-9]*-*"))


def test_a_study_on_ray_is_the_study_of_local_workers(
    alone: dict[str, bytes], programs: Programs, tmp_path: Path
) -> None:
    before, folder = scratch(), tmp_path / "study"

    process = programs.start(*STUDY, str(folder), "--workers", "ray", "--jobs", "2")
    wait_until(lambda: kept(folder, "record.json"), process)
    helpers = descendants(process.pid)
    printed, said = process.communicate(timeout=300)

    assert process.returncode == 0, said
    # The weights are the same, to the bit.
    assert kept(folder, "network.safetensors") == alone
    # Not a word of Ray's.
    assert "ray" not in f"{printed}{said}".lower().replace(str(folder), "")
    # Nothing is left of it.
    assert len(helpers) > 4
    assert all_end(helpers)
    assert scratch() <= before


@dataclass(frozen=True, kw_only=True)
class Seen:
    folder: Path
    code: int
    errors: str


@pytest.fixture(scope="module")
def disturbed(
    nodes: RayNodes, programs: Programs, tmp_path_factory: pytest.TempPathFactory
) -> Seen:
    """A study under which all workers and a node are killed, and a node joins for it."""
    folder = tmp_path_factory.mktemp("studies") / "disturbed"
    process = programs.start(
        *(*STUDY, str(folder), "--workers", "ray", "--jobs", "auto"),
        *("--ray-address", nodes.address),
    )
    wait_until(lambda: len(nodes.at_work()) == 3, process)
    wait_until(lambda: kept(folder, "record.json"), process)
    for worker in nodes.at_work():  # one of them is between two trainings perhaps
        os.kill(worker, signal.SIGKILL)
    wait_until(lambda: len(kept(folder, "record.json")) > 2, process)
    nodes.kill()
    nodes.add()
    _, errors = process.communicate(timeout=300)
    return Seen(folder=folder, code=process.returncode, errors=errors)


def test_killed_workers_and_nodes_are_replaced_and_named(disturbed: Seen) -> None:
    assert disturbed.code == 0, disturbed.errors
    assert "its process ended (killed, or its machine left the cluster)" in (
        disturbed.errors
    )
    assert "Traceback" not in disturbed.errors


def test_a_disturbed_study_has_the_bits_of_an_undisturbed_one(
    disturbed: Seen, alone: dict[str, bytes]
) -> None:
    assert kept(disturbed.folder, "network.safetensors") == alone


def test_a_node_that_joins_is_given_work_and_ctrl_c_ends_all_of_it(
    nodes: RayNodes, programs: Programs, tmp_path: Path
) -> None:
    folder = tmp_path / "study"
    process = programs.start(
        *(*LONG, str(folder), "--workers", "ray", "--jobs", "auto"),
        *("--ray-address", nodes.address),
    )
    wait_until(lambda: len(nodes.at_work()) == 3, process)

    nodes.add()

    wait_until(lambda: len(nodes.at_work()) == 4, process)
    left = [*nodes.at_work(), *descendants(process.pid)]
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=300)
    assert process.returncode == 130
    assert said.splitlines()[-1] == (
        f"rexpand: stopped; to continue: rexpand search resume {folder}"
    )
    assert "Traceback" not in said
    # Nothing is left at work.
    assert all_end(left)
    assert not nodes.at_work()
    nodes.kill()


def test_two_drivers_with_workers_on_ray_share_a_study_in_postgresql(
    nodes: RayNodes,
    postgresql: Server,
    alone: dict[str, bytes],
    programs: Programs,
    tmp_path: Path,
) -> None:
    folders, url = (
        (tmp_path / "a/study", tmp_path / "b/study"),
        postgresql.new_database(),
    )

    drivers = [
        programs.start(
            *(*STUDY, str(folder), "--storage", url, "--workers", "ray"),
            *("--jobs", "1", "--ray-address", nodes.address),
        )
        for folder in folders
    ]

    for driver in drivers:
        _, said = driver.communicate(timeout=300)
        assert driver.returncode == 0, said
    first, second = (kept(folder, "network.safetensors") for folder in folders)
    # Each training ran once, and together they are those of local workers, to the bit.
    assert first
    assert second
    assert not first.keys() & second.keys()
    assert first | second == alone


def test_a_killed_driver_leaves_no_worker_and_its_study_goes_on(
    nodes: RayNodes, alone: dict[str, bytes], programs: Programs, tmp_path: Path
) -> None:
    folder, there = tmp_path / "study", ("--ray-address", nodes.address)
    process = programs.start(
        *STUDY, str(folder), "--workers", "ray", "--jobs", "2", *there
    )
    wait_until(lambda: len(kept(folder, "record.json")) > 3, process)
    before = kept(folder, "record.json")
    workers = nodes.at_work()

    process.send_signal(signal.SIGKILL)
    process.communicate()

    assert workers
    assert all_end(workers)
    resumed = programs.start(
        *("search", "resume", str(folder), "--worker-threads", "1"),
        *("--workers", "ray", "--jobs", "2", *there),
    )
    _, said = resumed.communicate(timeout=300)
    assert resumed.returncode == 0, said
    assert kept(folder, "network.safetensors") == alone
    # What was done is not done again.
    after = kept(folder, "record.json")
    assert {name: after[name] for name in before} == before


def test_a_cluster_that_ends_is_one_line(programs: Programs, tmp_path: Path) -> None:
    folder = tmp_path / "study"
    with ray_nodes(1) as nodes:
        process = programs.start(
            *(*STUDY, str(folder), "--workers", "ray"),
            *("--ray-address", nodes.address),
        )
        wait_until(lambda: kept(folder, "record.json"), process)

        nodes.kill()

        _, said = process.communicate(timeout=300)
    assert process.returncode == 1
    assert "the connection to Ray at" in said.splitlines()[-1]
    assert "Traceback" not in said
    assert len(kept(folder, "record.json")) >= 1


def test_an_address_where_nothing_listens_is_one_line(
    programs: Programs, tmp_path: Path
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    done = programs.run(
        *(*STUDY, str(tmp_path / "study"), "--workers", "ray"),
        *("--ray-address", f"127.0.0.1:{port}"),
    )

    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].startswith(
        f"rexpand: Ray at 127.0.0.1:{port} does not answer: connection refused; start"
    )
    # The next command may begin there.
    assert not (tmp_path / "study").exists()


def test_an_address_where_something_else_listens_is_not_waited_for_long() -> None:
    started = time.monotonic()
    with socket.create_server(("127.0.0.1", 0)) as mute:
        cluster = RayCluster(address=f"127.0.0.1:{mute.getsockname()[1]}", patience=5)

        with (
            pytest.raises(MistakeError, match="did not answer within 5 seconds"),
            on_ray(cluster, jobs=1, threads=1),
        ):
            pass

    assert time.monotonic() - started < 30
