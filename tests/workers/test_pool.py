"""A pool has as many tasks under way as there are slots at the time."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from queue import SimpleQueue
from threading import Semaphore

from rexpand.records import in_turn
from rexpand.workers import Pool, Tell
from rexpand.workers.messages import Done, Failed


class Gate:
    """A worker whose tasks wait for the test; it notes which ones began."""

    def __init__(self, begun: "SimpleQueue[str]", leave: Semaphore) -> None:
        self._begun, self._leave = begun, leave

    def run(self, task: str, tell: Tell) -> Done | Failed:
        self._begun.put(task)
        assert self._leave.acquire(timeout=60)
        return Done(result=task.upper())

    def end(self) -> None: ...

    def close(self) -> None: ...


def test_slots_that_are_added_while_tasks_run_are_filled() -> None:
    slots, begun, leave = [1], SimpleQueue[str](), Semaphore(0)

    with Pool[str, str](lambda: slots[0], lambda: Gate(begun, leave)) as pool:
        tasks = iter([(each, each) for each in "abc"])
        results = in_turn(partial(next, tasks, None), pool, lambda key, result: None)
        with ThreadPoolExecutor(1) as reader:
            ended = reader.submit(lambda: [result for _, result in results])
            first = begun.get(timeout=60)
            # Two machines join while the first task runs.
            slots[0] = 3
            others = {begun.get(timeout=60), begun.get(timeout=60)}
            leave.release(3)

    assert (first, others) == ("a", {"b", "c"})
    assert sorted(ended.result()) == ["A", "B", "C"]


def test_more_tasks_than_slots_wait_for_their_turn() -> None:
    begun, leave = SimpleQueue[str](), Semaphore(0)

    with Pool[str, str](lambda: 2, lambda: Gate(begun, leave)) as pool:
        futures = [pool.submit(each) for each in "abcd"]
        first = {begun.get(timeout=60), begun.get(timeout=60)}
        is_more = not begun.empty()
        leave.release(4)

    assert first == {"a", "b"}
    assert not is_more
    assert [each.result() for each in futures] == ["A", "B", "C", "D"]
