"""Optuna's TPE and NSGA-II over the space of shapes.

Optuna learns of the trials as of a study of its own in memory, whose parameters are the
numbers of a point. So what it proposes is a function of the trials and the seed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from rexpand.budget.bounds import Floats
from rexpand.search.optuna_library import optuna_library
from rexpand.search.sampler import Sampler


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Points that Optuna gives when it is asked; a `Proposer`.

    TPE is the multivariate one, which keeps away from what it has just proposed. It sees
    the accuracy alone. NSGA-II has a generation as its population, and as parents the best
    of all trials so far. It sees the accuracy, and besides it of macs and params the one
    that the budget does not bound: within a budget of both, the accuracy alone.
    """

    study: Any
    distributions: dict[str, Any]

    @classmethod
    def after(
        cls,
        sampler: Sampler,
        points: Floats,
        values: Sequence[Sequence[float]],
        *,
        seed: int,
    ) -> Self:
        """Asked after trials at these points, (trials, numbers), with their objectives.

        The first objective is to be large, the others small.
        """
        optuna = optuna_library()
        count = points.shape[1]
        digits = len(str(count))
        unit = optuna.distributions.FloatDistribution(0.0, 1.0)
        distributions = {f"x{n:0{digits}d}": unit for n in range(count)}
        own = _tpe(seed) if sampler.name == "tpe" else _nsga2(sampler, seed)
        study = optuna.create_study(
            directions=["maximize", *["minimize"] * (len(values[0]) - 1)], sampler=own
        )
        study.add_trials(
            [
                optuna.trial.create_trial(
                    params=dict(zip(distributions, point, strict=True)),
                    distributions=distributions,
                    values=list(own_values),
                    system_attrs=_PARENTS if sampler.name == "nsga2" else None,
                )
                for point, own_values in zip(points.tolist(), values, strict=True)
            ]
        )
        return cls(study=study, distributions=distributions)

    def points(self, count: int) -> Floats:
        asked = [self.study.ask(self.distributions) for _ in range(count)]
        return np.array(
            [[trial.params[n] for n in self.distributions] for trial in asked]
        )


# What marks the trials that Optuna chooses the parents of a generation from.
_PARENTS = {"NSGAIISampler:generation": 0}


def _tpe(seed: int) -> Any:
    samplers = optuna_library().samplers
    return samplers.TPESampler(
        seed=seed, n_startup_trials=1, multivariate=True, constant_liar=True
    )


def _nsga2(sampler: Sampler, seed: int) -> Any:
    samplers = optuna_library().samplers
    return samplers.NSGAIISampler(population_size=sampler.generation, seed=seed)
