"""One case of the attack: a command line in a small world, perhaps with one damage."""

import json
import shlex
from dataclasses import asdict, dataclass


@dataclass(frozen=True, kw_only=True)
class Damage:
    """What was done to one document of the world; `at` chooses the place in it."""

    document: str
    kind: str
    at: int = 0


@dataclass(frozen=True, kw_only=True)
class Case:
    """What is typed after `rexpand`. With `interrupted`, Ctrl-C ends a long work."""

    arguments: tuple[str, ...]
    damage: Damage | None = None
    interrupted: bool = False

    @property
    def draws(self) -> bool:
        """Whether figures are drawn, which costs more than all the rest of a case."""
        return "report" in self.arguments and (
            self.damage is None or self.damage.at % 4 == 0
        )

    def pasted(self) -> str:
        """A line for a shell that runs this case again."""
        text = shlex.quote(json.dumps(asdict(self)))
        return f"PYTHONPATH=src:tests .venv/bin/python -m fuzz.attack --case {text}"


def typed(line: str, damage: Damage | None = None) -> Case:
    """The case of a line as it is typed after `rexpand`."""
    return Case(arguments=tuple(shlex.split(line)), damage=damage)


def case_from(text: str) -> Case:
    """The case that `pasted` wrote."""
    content = json.loads(text)
    damage = content["damage"]
    return Case(
        arguments=tuple(content["arguments"]),
        damage=Damage(**damage) if damage else None,
        interrupted=content["interrupted"],
    )
