"""The promise of every command, whatever is typed: what a case must not do."""

import hashlib
import json
import os
import re
import stat
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path

from fuzz.case import Case
from fuzz.declaration import Verb, verbs
from fuzz.warm import Done
from fuzz.world import MAKERS

LINES, LETTERS = 3, 3000
_EXPORTED = (".onnx", ".xml", ".bin", ".pt2", ".pt")
_WRITTEN_BY_DEFAULT = (
    *("runs", "net.toml", "data"),
    *(f"{name}{suffix}" for name in ("tiny", "network") for suffix in _EXPORTED),
)
_PROGRESS = re.compile(r"epoch \d+/\d+ |trial \d+: |\d+ of \d+ ")
_BUG = "rexpand's fault"
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")

Files = Mapping[str, tuple[object, ...]]


def broken_by(case: Case, done: Done, before: Files, after: Files) -> Iterator[str]:
    """What the case broke, by how it ended and the files before and after."""
    if done.ended in ("memory", "cpu", "hang", "wall"):
        yield f"{done.ended}: ended by its limit after {done.seconds:.0f} s"
        return
    if done.left:
        yield f"left: processes outlive it: {done.left[0][:100]}"
    if "Traceback (most recent call last)" in done.err:
        yield f"traceback: {cause(done.err)}"
        return
    if _BUG in done.err:
        yield f"bug: {_last(done.err)}"
    if done.code not in (0, 1, 2) and (done.ended, done.code) != ("interrupted", 130):
        yield f"code: {done.code}: {done.err[-200:]}"
        return
    if done.code:
        yield from _broken_by_failure(case, done)
    elif _prints_json(case):
        yield from _broken_json(done.out)
    yield from _broken_files(case, done, before, after)


def _broken_by_failure(case: Case, done: Done) -> Iterator[str]:
    lines = [each for each in done.err.splitlines() if each.strip()]
    said = [each for each in lines if not _PROGRESS.match(each)]
    if len(said) > LINES:
        yield f"lines: {len(said)} lines: {said[0][:80]} | {said[-1][:120]}"
    if not said and done.code != 130 and not _may_fail_silently(case):
        yield "silent: it fails without a word"
    if len(done.err) > LETTERS and len(said) <= LINES:
        yield f"letters: a message of {len(done.err):,} letters: {said[-1][:120]}"
    if found := _CONTROL.search(done.err):
        yield f"control: {found[0]!r} goes to the terminal"


def _prints_json(case: Case) -> bool:
    """Whether a document belongs on stdout: lint and predict write it to --out."""
    to_file = (
        _words(case)[:1] in (("lint",), ("predict",)) and "--out" in case.arguments
    )
    return "--json" in case.arguments and not to_file


def _may_fail_silently(case: Case) -> bool:
    return _words(case)[:1] == ("lint",)  # the findings are the message


def _broken_json(out: str) -> Iterator[str]:
    try:
        json.loads(out, parse_constant=_refused)
    except ValueError as error:
        yield f"json: stdout is no JSON document: {error}: {out[:80]!r}"


def _refused(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")


def _last(text: str) -> str:
    return ([each for each in text.splitlines() if each.strip()] or [""])[-1][:300]


def cause(err: str) -> str:
    """The last place of a traceback and its exception."""
    lines = [each for each in err.splitlines() if each.strip()]
    places = [each.strip() for each in lines if each.startswith("  File ")]
    if not places:
        return _last(err)
    ours = [each for each in places if "/rexpand/" in each] or places
    found = re.search(r'"(?:.*/)?(rexpand/.*|[^/]*)", line \d+, in (.*)', ours[-1])
    where = f"{found[1]} {found[2]}" if found else ours[-1]
    last = max(lines.index(each) for each in lines if each.startswith("  File "))
    errors = [each for each in lines[last + 1 :] if re.match(r"[\w.]+(:|$)", each)]
    return f"{where}: {(errors or lines)[0][:160]}"


def _broken_files(case: Case, done: Done, before: Files, after: Files) -> Iterator[str]:
    changed = [name for name in before if after.get(name) != before[name]]
    new = [name for name in after if name not in before]
    refused = done.code == 2 and done.ended != "interrupted"
    for name in changed:
        if refused or not _may_change(case, name):
            yield f"changed: {'a refusal' if refused else 'it'} changes {name}"
            break
    for name in new:
        if refused or not _may_appear(case, name):
            yield f"left behind: {'a refusal' if refused else 'it'} makes {name}"
            break


def _may_change(case: Case, name: str) -> bool:
    """Whether a file that was there is what this command goes on with or writes."""
    top = name.split("/")[0]
    line = " ".join(_words(case))
    if top in MAKERS or top == "half":
        maker = MAKERS["run" if top == "half" else top]
        verb = _verb(case)
        same = verb and maker.startswith(verb.name + " ")
        return bool(same) or line.startswith(("search ", "report ", "rank ax"))
    return name in _outputs(case)


def _may_appear(case: Case, name: str) -> bool:
    outputs = (*_outputs(case), *_WRITTEN_BY_DEFAULT)
    if "." in outputs:
        return True
    inside = (name == out or name.startswith(f"{out}/") for out in outputs)
    return any(inside) or any(out.startswith(f"{name}/") for out in outputs)


def _outputs(case: Case) -> list[str]:
    """The places that the line itself names: of --out and its like, and folders."""
    verb = _verb(case)
    if verb is None:
        return []
    names = {
        flag
        for each in verb.parameters
        if issubclass(each.kind, Path)
        for flag in each.flags
    }
    found, arguments = [], case.arguments
    for flag, value in pairwise(arguments):
        if flag in names:
            found.append(os.path.normpath(value))
    found += [
        value.split("=", 1)[1]
        for value in arguments
        if value.split("=", 1)[0] in names and "=" in value
    ]
    if any(issubclass(each.kind, Path) and not each.flags for each in verb.parameters):
        found += [os.path.normpath(each) for each in arguments[len(verb.words) :]]
    return found


def _verb(case: Case) -> Verb | None:
    words = _words(case)
    for verb in verbs():
        if words[: len(verb.words)] == verb.words:
            return verb
    return None


def _words(case: Case) -> tuple[str, ...]:
    """The line without the mark after which nothing is an option."""
    return tuple(word for word in case.arguments if word != "--")


def files_of(folder: Path) -> Files:
    """Every file with its kind, its permissions and the hash of its content."""
    found: dict[str, tuple[object, ...]] = {}
    for root, folders, files in os.walk(folder):
        for name in (*folders, *files):
            path = Path(root, name)
            status = path.lstat()
            content: object = None
            if stat.S_ISREG(status.st_mode):
                content = _hash(path, status)
            elif stat.S_ISLNK(status.st_mode):
                content = str(path.readlink())
            found[str(path.relative_to(folder))] = (status.st_mode, content)
    return found


def _hash(path: Path, status: os.stat_result) -> object:
    if status.st_size > 1 << 24:
        return status.st_size
    return hashlib.sha1(path.read_bytes()).hexdigest()
