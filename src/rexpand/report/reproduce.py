"""How to compute a page's numbers again: code, libraries and the original commands."""

import shlex
from collections.abc import Sequence
from html import escape

from rexpand.records import Provenance
from rexpand.report import markup

_INSTALL = ".[search,report,timm,deploy]"


def reproduce(
    provenances: Sequence[Provenance], with_folder: Sequence[str] = ()
) -> str:
    """The commands as a section to be pasted; empty where none was recorded.

    `with_folder` are commands for somebody who has the folder of the page too.
    """
    commands = original_commands(provenances)
    body = ""
    if commands:
        lines = [*_setup(provenances[0]), *commands]
        body += markup.paragraph(
            "In a checkout of rexpand, with Python "
            f"{provenances[0].versions.get('python', '3.11')}:"
        ) + _block(lines)
    if with_folder:
        body += markup.paragraph(
            "With this page's folder, from the folder that contains it:"
        ) + _block(with_folder)
    return markup.section("How to reproduce", body, "reproduce") if body else ""


def original_commands(provenances: Sequence[Provenance]) -> list[str]:
    """Each command of rexpand that computed something, once, as a shell takes it."""
    found = [
        shlex.join(each.command)
        for each in provenances
        if each.command and each.command[0] == "rexpand"
    ]
    return list(dict.fromkeys(found))


def _setup(found: Provenance) -> list[str]:
    """The code and the libraries of the record."""
    # A build such as 2.14.1+cpu is not what an index calls that version.
    pins = [
        f"{name}=={version.partition('+')[0]}"
        for name, version in found.versions.items()
        if name not in ("python", "rexpand")
    ]
    changed = "  # and changes that were not committed" if found.has_changes else ""
    checkout = [f"git checkout {found.commit}{changed}"] if found.commit else []
    return [*checkout, shlex.join(["pip", "install", _INSTALL, *pins])]


def _block(lines: Sequence[str]) -> str:
    return f"<pre><code>{escape(chr(10).join(lines))}</code></pre>"
