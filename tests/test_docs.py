"""What the pages in docs/ show can be pasted: commands are known, code runs."""

import re
import shlex
from pathlib import Path

import pytest
from typer.core import TyperGroup
from typer.main import get_command

from rexpand.cli.main import app
from rexpand.cli.verb_group import VerbGroup

DOCS = sorted((Path(__file__).parent.parent / "docs").glob("*.md"))
_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)

# Weights that another library downloads.
_NEEDS_NETWORK = "pretrained("


def _blocks(page: Path, language: str) -> list[str]:
    found = _BLOCK.findall(page.read_text(encoding="utf-8"))
    return [text for name, text in found if name == language]


def _commands() -> list[list[str]]:
    """Every command of the pages, in words; a line may go on after a backslash."""
    blocks = (text for page in DOCS for text in _blocks(page, "bash"))
    lines = (line for text in blocks for line in text.replace("\\\n", "").splitlines())
    return [shlex.split(line, comments=True) for line in lines]


def _parse(words: list[str]) -> None:
    """Let the verb read its options without running; a mistake there is raised."""
    command = get_command(app)
    while isinstance(command, TyperGroup):
        # No other group has options of its own: the next word is the verb.
        if isinstance(command, VerbGroup) and words[0] not in command.commands:
            break
        found = command.get_command(command.make_context(None, [*words]), words[0])
        assert found is not None, f"no verb is called {words[0]}"
        command, words = found, words[1:]
    command.make_context(command.name, words)


@pytest.mark.parametrize("page", DOCS, ids=lambda page: page.stem)
def test_a_command_stands_in_a_block_of_its_own(page: Path) -> None:
    outside = _BLOCK.sub("", page.read_text(encoding="utf-8"))

    # Neither a prompt nor an output between commands: what is copied, runs.
    assert not re.search(r"^ *\$ ", page.read_text(encoding="utf-8"), re.MULTILINE)
    assert not re.search(r"^ {4,}(rexpand|pip|python|make) ", outside, re.MULTILINE)


@pytest.mark.parametrize(
    "words", [w for w in _commands() if w[0] == "rexpand"], ids=" ".join
)
def test_the_command_line_takes_every_command_of_the_docs(words: list[str]) -> None:
    _parse(words[1:])


@pytest.mark.parametrize("page", DOCS, ids=lambda page: page.stem)
def test_the_code_of_a_page_runs_from_top_to_bottom(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}

    for text in _blocks(page, "python"):
        if _NEEDS_NETWORK not in text:
            exec(compile(text, page.name, "exec"), names)
