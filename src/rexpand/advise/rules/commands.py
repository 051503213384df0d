"""Command lines that change a network, each tried before a fix names it."""

import shlex
from dataclasses import dataclass

from rexpand.advise.equal_cost import upgrade
from rexpand.advise.rounding import roundings
from rexpand.budget import Budget, solve
from rexpand.cost import cost_of
from rexpand.errors import MistakeError
from rexpand.size import Resolution, as_typed
from rexpand.spec import Linear, NetworkSpec


@dataclass(frozen=True, kw_only=True)
class Commands:
    """The commands for one network: NETWORK as the user wrote it, and what it is.

    `spec` is the network at the resolution that was looked at; `resolution` is the
    user's, None for the network's own. To try a command takes milliseconds, because
    nothing is built.
    """

    network: str
    spec: NetworkSpec
    resolution: Resolution | None = None

    def line(self) -> str:
        """Gives channels on a line within the same macs; empty if no command does."""
        try:
            upgrade(self.spec)
            return self._written("upgrade")
        except MistakeError:  # of other blocks than inverted residuals
            pass
        macs = cost_of(self.spec).macs
        rule = Linear(intercept=float(self.spec.channels[0]))
        try:
            solve(self.spec, Budget(macs=macs), rule)
        except MistakeError:
            return ""
        return self._written("solve", "--macs", str(macs))

    def multiples(self, multiple_of: int) -> str:
        """Gives channels in multiples within the same macs; empty if none does."""
        try:
            roundings(self.spec, (multiple_of,))
        except MistakeError:
            return ""
        return self._written("round", "--multiple-of", str(multiple_of))

    def _written(self, verb: str, *options: str) -> str:
        size: tuple[str, ...] = ()
        if self.resolution:
            size = ("--resolution", str(as_typed(self.resolution)))
        return shlex.join(("rexpand", verb, self.network, *options, *size))
