"""The options that say where the configurations of a study come from."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from rexpand.cli.numbers import number
from rexpand.cli.option_groups import spread
from rexpand.errors import MistakeError
from rexpand.ranges import GENERATION, GROWTH, SEED, SHARE, WIDTH

if TYPE_CHECKING:
    from rexpand.search.sampler import Sampler


class SamplerKind(StrEnum):
    """Who chooses configurations."""

    RANDOM = "random"
    REFINE = "refine"
    TPE = "tpe"
    NSGA2 = "nsga2"


@dataclass(frozen=True, kw_only=True)
class SamplingOptions:
    """What the command line says of the configurations."""

    sampler: Annotated[
        SamplerKind,
        typer.Option(
            "--sampler",
            help="random draws all configurations at first, as the paper does; refine "
            "takes neighbours of the best shapes; tpe and nsga2 are Optuna's. These three "
            "propose a generation of trials from those before it. Whatever the sampler, "
            "every configuration is within the budget.",
        ),
    ] = SamplerKind.RANDOM
    generation: Annotated[
        int | None,
        number(
            GENERATION,
            "--generation",
            help="How many trials refine, tpe and nsga2 propose at a time; the first of "
            "these generations is random (default: 20).",
        ),
    ] = None
    seed: Annotated[int, number(SEED, "--seed", help="Seed of the configurations.")] = 0
    slack: Annotated[
        float,
        number(
            SHARE,
            "--slack",
            help="With both bounds, how far the looser one may be under-used; 0.05 is "
            "5 %. Shapes that cannot fill both use as much as they can.",
        ),
    ] = 0.05
    min_width: Annotated[
        int | None,
        number(
            WIDTH,
            "--min-width",
            help="The fewest channels of a block (default: 8, or half of those of a "
            "network of equal blocks within the budget).",
        ),
    ] = None
    max_growth: Annotated[
        float,
        number(
            GROWTH,
            "--max-growth",
            help="The most that channels grow from the first block to the last.",
        ),
    ] = 16.0

    def chosen(self) -> "Sampler":
        """The sampler. Raises MistakeError for options that do not fit together."""
        from rexpand.search.sampler import Sampler

        sampler = Sampler(name=self.sampler.value)
        if self.generation is None:
            return sampler
        if not sampler.is_adaptive:
            raise MistakeError(
                f"--generation {self.generation} is for samplers that propose; add "
                "--sampler refine, tpe or nsga2"
            )
        return replace(sampler, generation=self.generation)


def takes_sampling(verb: Callable[..., None]) -> Callable[..., None]:
    """The verb with those options where it has the parameter `sampling`."""
    return spread(verb, "sampling")
