"""An entry of the catalogue."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from rexpand.spec.network import NetworkSpec


@dataclass(frozen=True, kw_only=True)
class Published:
    """The numbers of a source as printed: params and macs are texts like 4.8M.

    `top1_source` names the source of the top-1 where it is another. `paper_top1` is
    what the network's own paper prints, `paper`, where the top-1 is not the paper's;
    None where it is, or where no paper prints one.
    """

    params: str | None = None
    macs: str | None = None
    top1: float | None = None
    source: str = ""
    top1_source: str = ""
    paper_top1: float | None = None
    paper: str = ""

    @property
    def origin_of_top1(self) -> str:
        """The source of the top-1; empty where there is none."""
        return (self.top1_source or self.source) if self.top1 is not None else ""

    def beside_paper(self, top1: float, paper: str) -> "Published":
        """The same, with the top-1 that the network's own paper prints."""
        return replace(self, paper_top1=top1, paper=paper)


def figures(params: str, macs: str, top1: float, source: str) -> Published:
    """All three numbers of a source, in a short line of a table of entries."""
    return Published(params=params, macs=macs, top1=top1, source=source)


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A network of the catalogue: how to build its spec, and its source's numbers.

    `build` takes `name` and may take `width_mult` and `depth_mult`. `fidelity` says
    where and why our numbers differ from the printed ones; a network is
    `reconstructed` where the source publishes its cost but not all of its layers.
    """

    build: Callable[..., NetworkSpec]
    published: Published
    fidelity: str = ""
    reconstructed: bool = False
    aliases: tuple[str, ...] = ()
