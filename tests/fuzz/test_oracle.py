"""What counts as a broken promise: each kind is seen, and a good end is not."""

import pytest

from fuzz.case import Case, typed
from fuzz.promise import broken_by
from fuzz.warm import Done

_FILE = (0o100644, "hash")


def _done(code: int = 0, err: str = "", out: str = "", **more: object) -> Done:
    known = {"ended": "exit", "memory": 0, "cpu": 0.0, "seconds": 0.0, "left": ()}
    return Done(code=code, err=err, out=out, **{**known, **more})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("done", "kind"),
    [
        (
            _done(1, "Traceback (most recent call last):\n  boom\nKeyError: 3\n"),
            "traceback",
        ),
        (_done(1, "rexpand: internal error: KeyError (rexpand's fault; ...)\n"), "bug"),
        (_done(-11), "code"),
        (_done(2, "one\ntwo\nthree\nfour\n"), "lines"),
        (_done(2), "silent"),
        (_done(2, "x" * 5000), "letters"),
        (_done(2, "red \x1b[31m\n"), "control"),
        (_done(ended="memory"), "memory"),
        (_done(ended="hang"), "hang"),
        (_done(out="{}", left=("python worker",)), "left"),
        (_done(out="hello\n{}"), "json"),
        (_done(out='{"a": NaN}'), "json"),
    ],
)
def test_a_broken_promise_is_seen(done: Done, kind: str) -> None:
    found = [*broken_by(typed("cost tiny.toml --json"), done, {}, {})]

    assert [each.split(":")[0] for each in found] == [kind]


@pytest.mark.parametrize(
    ("line", "done"),
    [
        ("cost tiny.toml --json", _done(out="{}")),
        ("cost tiny.toml", _done(2, "rexpand: one line\n")),
        ("train tiny.toml", _done(130, ended="interrupted")),
    ],
)
def test_a_promise_that_holds_is_not_reported(line: str, done: Done) -> None:
    assert [*broken_by(typed(line), done, {}, {})] == []


@pytest.mark.parametrize(
    ("line", "code", "before", "after", "kind"),
    [
        # A refusal leaves nothing and changes nothing, not even what it was to write.
        ("train tiny.toml --out new", 2, {}, {"new": _FILE}, "left behind"),
        ("train tiny.toml --out run", 2, {"run/a": _FILE}, {}, "changed"),
        # Success changes only what the line names.
        ("cost tiny.toml", 0, {}, {"stray": _FILE}, "left behind"),
        ("cost tiny.toml", 0, {"tiny.toml": _FILE}, {"tiny.toml": ()}, "changed"),
        ("train tiny.toml --out new", 0, {}, {"new/record.json": _FILE}, None),
        ("train tiny.toml --out run", 0, {"run/a": _FILE}, {"run/a": ()}, None),
        ("rank layers --out run", 0, {"run/a": _FILE}, {"run/a": ()}, "changed"),
    ],
)
def test_files_that_a_command_may_not_touch(
    line: str,
    code: int,
    before: dict[str, tuple[object, ...]],
    after: dict[str, tuple[object, ...]],
    kind: str | None,
) -> None:
    case: Case = typed(line)

    found = [*broken_by(case, _done(code, "rexpand: no\n" * bool(code)), before, after)]

    assert [each.split(":")[0] for each in found] == ([kind] if kind else [])
