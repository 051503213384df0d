"""From the folder of a factorial experiment to everything that its page shows."""

from collections.abc import Sequence
from pathlib import Path

from rexpand.cost import cost_of
from rexpand.records import (
    Effect,
    FactorialRow,
    FactorialSummary,
    Record,
    SeedsNeeded,
    SeedSpread,
    merged,
)
from rexpand.search.effects import estimates, spread
from rexpand.search.factorial import Factorial, yates
from rexpand.search.factorial_cells import FACTORS, FactorialCell
from rexpand.search.factorial_design import (
    FactorialDesign,
    cell_records,
    factorial_folder,
)
from rexpand.search.intervals import CONFIDENCE, interval
from rexpand.search.power import needed, told_apart

# Points of accuracy that the summary asks the power for.
_ASKED = (0.25, 0.5, 1.0, 2.0)


def summarise_factorial(folder: str | Path) -> FactorialSummary:
    """What an experiment has found so far; it may still be running."""
    folder = Path(folder)
    design = factorial_folder(folder).read()
    records = cell_records(design, folder)
    every = [record for cell in records for record in cell]
    complete = _complete(records)
    values = [
        [record.accuracy for record in cell if record.seed in complete]
        for cell in records
    ]
    found = spread(values)
    return FactorialSummary(
        name=folder.resolve().name,
        network=design.network,
        data=design.data,
        images=every[0].images if every else design.train_subset,
        evaluated_on=every[0].evaluated_on if every else "",
        evaluated_images=every[0].evaluated_images if every else None,
        macs=design.macs,
        tolerance=design.tolerance,
        fraction=design.fraction,
        defining_relation=_relation(design.factorial),
        factors=FACTORS,
        seeds=design.seeds,
        complete_seeds=complete,
        recipe=design.cells[0].recipe,
        cells=tuple(map(_row, design.cells, records)),
        effects=_effects(design, values) if complete else (),
        spread=found,
        needed=_needed(found, len(values)),
        least_effect=_least(found, len(values), len(complete)),
        confidence=CONFIDENCE,
        seconds=sum(record.seconds for record in every),
        provenances=merged(record.provenance for record in every),
    )


def effect_name(word: str) -> str:
    """The names of an effect's factors: channels x squeeze-excite."""
    return " x ".join(factor.name for factor in FACTORS if factor.letter in word)


def _complete(records: Sequence[Sequence[Record]]) -> tuple[int, ...]:
    """The seeds that are finished in every cell."""
    first, *others = ({record.seed for record in cell} for cell in records)
    return tuple(sorted(first.intersection(*others)))


def _relation(factorial: Factorial) -> str:
    word = factorial.defining_word
    return f"I = {word}" if word else ""


def _row(cell: FactorialCell, own: Sequence[Record]) -> FactorialRow:
    cost = cost_of(cell.spec)
    accuracies = tuple(record.accuracy for record in own)
    return FactorialRow(
        run=yates(cell.high),
        levels=tuple(
            factor.high if factor.letter in cell.high else factor.low
            for factor in FACTORS
        ),
        channels=cell.spec.channels,
        params=cost.params,
        macs=cost.macs,
        seeds=tuple(record.seed for record in own),
        accuracies=accuracies,
        accuracy=interval(accuracies),
    )


def _effects(
    design: FactorialDesign, values: Sequence[Sequence[float]]
) -> tuple[Effect, ...]:
    factorial = design.factorial
    return tuple(
        Effect(
            word=word,
            name=effect_name(word),
            alias=factorial.alias(word),
            effect=found.effect,
            low=found.low,
            high=found.high,
            p_value=found.p_value,
        )
        for word, found in estimates(factorial, values, CONFIDENCE).items()
    )


def _needed(found: SeedSpread | None, cells: int) -> tuple[SeedsNeeded, ...]:
    if found is None or not found.residual:
        return ()
    return tuple(needed(effect, found, cells, CONFIDENCE) for effect in _ASKED)


def _least(found: SeedSpread | None, cells: int, seeds: int) -> float | None:
    if found is None or not found.residual:
        return None
    return told_apart(found.residual, cells, seeds)
