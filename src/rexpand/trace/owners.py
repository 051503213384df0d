"""Which module is running, and in its how manieth call."""

from collections.abc import Callable
from typing import Any, NamedTuple


class Owner(NamedTuple):
    """A module that is running: its path, its class, which of its calls this is."""

    name: str
    module: str
    call: int


_NOBODY = Owner("", "", 1)  # scripted code


class Owners:
    """The modules that are running, the innermost last."""

    def __init__(self) -> None:
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
        running = self._running
        owner = Owner(name, module, 0)

        def told(*args: Any, **kwargs: Any) -> Any:
            nonlocal owner
            owner = Owner(name, module, owner.call + 1)
            running.append(owner)
            try:
                return forward(*args, **kwargs)
            finally:
                running.pop()

        return told
