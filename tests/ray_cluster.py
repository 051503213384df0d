"""Ray nodes on this machine, for tests: a program that starts and kills them.

It reads commands on standard input, one a line: `add CPUS`, `kill` the node added last,
and answers with the address of the head, the number of nodes, or `killed`. It ends, with
all its nodes, when standard input does.
"""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from shutil import rmtree

_STORE = 100 * 2**20  # bytes of each node's share of /dev/shm, used as it fills


class RayNodes:
    """Nodes of one cluster, the first of which is its head."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self.address = self._answer()

    def add(self) -> None:
        """Start one more node of one CPU."""
        self._say("add")

    def kill(self) -> None:
        """Kill the node that was added last, with all its processes (`kill -9`)."""
        self._say("kill")

    def at_work(self) -> list[int]:
        """The processes that run a task."""
        return [each for each in descendants(self._process.pid) if _is_at_work(each)]

    def _say(self, command: str) -> None:
        assert self._process.stdin
        print(command, file=self._process.stdin, flush=True)
        self._answer()

    def _answer(self) -> str:
        assert self._process.stdout
        answer = self._process.stdout.readline().strip()
        assert answer, "the nodes have ended"
        return answer


@contextmanager
def ray_nodes(count: int) -> Iterator[RayNodes]:
    """So many nodes of one CPU each, which end with the `with`, whatever happens."""
    # A path of Ray's sockets may have 107 characters; pytest's folders are too deep.
    folder = tempfile.mkdtemp(prefix="ray-", dir="/tmp")
    Path(folder, "ray").mkdir()
    quiet = {
        "RAY_TMPDIR": folder,
        "RAY_USAGE_STATS_ENABLED": "0",
        "RAY_AUTH_MODE": "disabled",
        "RAY_worker_niceness": "0",
    }
    process = subprocess.Popen(
        [sys.executable, __file__, str(count)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, **quiet},
    )
    try:
        yield RayNodes(process)
    finally:
        left = descendants(process.pid)
        try:
            process.communicate(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
        for each in left:
            with suppress(ProcessLookupError):
                os.kill(each, signal.SIGKILL)
        rmtree(folder, ignore_errors=True)


def descendants(process: int) -> list[int]:
    """The processes that a process started, and those that these did (Linux)."""
    parents: dict[int, int] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            # The name in parentheses may hold anything, spaces too.
            _, _, rest = path.read_text().rpartition(")")
        except OSError:  # it has ended
            continue
        parents[int(path.parent.name)] = int(rest.split()[1])
    found = [process]
    for each in found:
        found += [child for child, parent in parents.items() if parent == each]
    return found[1:]


def _is_at_work(process: int) -> bool:
    try:
        return b"ray::carry" in Path(f"/proc/{process}/cmdline").read_bytes()
    except OSError:
        return False


def main() -> None:
    from ray.cluster_utils import Cluster

    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # Ray prints
    cluster = Cluster()
    node = {"num_cpus": 1, "object_store_memory": _STORE, "include_dashboard": False}
    nodes = [cluster.add_node(**node) for _ in range(int(sys.argv[1]))]
    print(cluster.address, file=answers, flush=True)
    for command in sys.stdin:
        match command.split():
            case ["add"]:
                nodes.append(cluster.add_node(**node))
            case ["kill"]:
                cluster.remove_node(nodes.pop(), allow_graceful=False)
        print("done", file=answers, flush=True)
    cluster.shutdown()


if __name__ == "__main__":
    main()
