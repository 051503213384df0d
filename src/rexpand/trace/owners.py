"""Which module is running, and in its how manieth call."""

from collections.abc import Callable
from typing import Any, NamedTuple

from torch import Tensor

from rexpand.cost.operators import Shape


class Owner(NamedTuple):
    """A module that is running: its path, its class, which of its calls this is."""

    name: str
    module: str
    call: int


_NOBODY = Owner("", "", 1)  # scripted code


class Owners:
    """The modules that are running, the innermost last.

    `ended` are those that returned one tensor, with its shape.
    """

    def __init__(self) -> None:
        self.ended: list[tuple[Owner, Shape]] = []
        self._running: list[Owner] = []

    @property
    def last(self) -> Owner:
        """The module that runs now."""
        return self._running[-1] if self._running else _NOBODY

    @property
    def within(self) -> str:
        """The class of the module that runs that one."""
        return self._running[-2].module if len(self._running) > 1 else ""

    def telling(
        self, name: str, module: str, forward: Callable[..., Any]
    ) -> Callable[..., Any]:
        """The `forward` of a module, which says when it runs."""
        running, ended = self._running, self.ended
        owner = Owner(name, module, 0)

        def told(*args: Any, **kwargs: Any) -> Any:
            nonlocal owner
            owner = Owner(name, module, owner.call + 1)
            running.append(owner)
            this = owner
            try:
                output = forward(*args, **kwargs)
            finally:
                running.pop()
            if isinstance(output, Tensor):
                ended.append((this, tuple(output.shape)))
            return output

        return told
