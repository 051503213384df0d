"""Where the configurations of a study come from.

The random sampler draws all of them before anything is trained. An adaptive one goes by
generations of a fixed size: the first is a random sample, and each further one is
proposed from the trials of all generations before it. So it does not matter in which
order trials of a generation end, how many workers there are, or what was killed.
"""

from dataclasses import dataclass
from typing import Annotated, Literal

from rexpand.allowed import check_fields
from rexpand.errors import StudyError
from rexpand.ranges import GENERATION

SamplerName = Literal["random", "refine", "tpe", "nsga2"]


@dataclass(frozen=True, kw_only=True)
class Sampler:
    """Who chooses configurations; `generation` is the size of an adaptive one's.

    * `random` draws each shape its share (`rexpand.sample`), as the paper does.
    * `refine` takes neighbours of the best shapes, nearer ones from generation to
      generation (`refinement.py`).
    * `tpe` and `nsga2` are Optuna's, over the same shapes (`optuna_samplers.py`).
    """

    name: SamplerName = "random"
    generation: Annotated[int, GENERATION] = 20

    def __post_init__(self) -> None:
        check_fields(self, StudyError)

    @property
    def is_adaptive(self) -> bool:
        """Whether it learns from trials."""
        return self.name != "random"

    def first_trials(self, trials: int) -> int:
        """How many of a study's trials are a random sample: all, or a generation."""
        return min(self.generation, trials) if self.is_adaptive else trials

    def generation_of(self, trial: int) -> int:
        """The number of a trial's generation, from 0 on."""
        return trial // self.generation if self.is_adaptive else 0

    def begin_of_generation(self, trial: int) -> int:
        """The number of the first trial of a trial's generation."""
        return self.generation_of(trial) * self.generation

    def whole_generations(self, trials: int) -> int:
        """The trials of an adaptive study whose last generation is whole."""
        return -(-trials // self.generation) * self.generation

    def check_trials(self, trials: int) -> None:
        """Raise StudyError for so few trials that an adaptive sampler proposes none."""
        if self.is_adaptive and trials <= self.generation:
            raise StudyError(
                f"trials is {trials}, and the first {self.generation} are a random "
                f"sample, so that {self.name} would propose none; give more trials, or "
                "a smaller generation"
            )


def as_sampler(sampler: Sampler | SamplerName) -> Sampler:
    """A sampler, or the one of a name. Raises StudyError for an unknown name."""
    return sampler if isinstance(sampler, Sampler) else Sampler(name=sampler)
