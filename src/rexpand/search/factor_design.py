"""The factor analysis of the paper's Table 2, as data and as a file.

Two inverted bottlenecks, and three changes one upon the other at equal macs: the first
1x1 expands 6 times instead of 20, the block's input has 0.8 of its output channels
instead of 0.22, and SiLU follows the first 1x1 instead of ReLU6. The paper prints no
widths; here the budget gives them (`factor_widths`).
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from rexpand.errors import StudyError
from rexpand.recipe import Recipe, recipe_from_dict
from rexpand.records import write_atomic
from rexpand.search.factor_widths import Factors, Frame, two_bottlenecks
from rexpand.spec import NetworkSpec, network_from_json, network_to_dict

VERSION = 1
FILE = "factors.json"

# Table 2, top to bottom (arXiv 2007.00992).
TABLE_2 = (
    Factors(
        name="baseline", expand_ratio=20.0, dim_ratio=0.22, expand_activation="relu6"
    ),
    Factors(
        name="first 1x1", expand_ratio=6.0, dim_ratio=0.22, expand_activation="relu6"
    ),
    Factors(
        name="bottleneck", expand_ratio=6.0, dim_ratio=0.8, expand_activation="relu6"
    ),
    Factors(
        name="activation", expand_ratio=6.0, dim_ratio=0.8, expand_activation="silu"
    ),
)


@dataclass(frozen=True, kw_only=True)
class Cell:
    """A row of the analysis: its factors, and the network of the macs asked for."""

    factors: Factors
    spec: NetworkSpec


@dataclass(frozen=True, kw_only=True)
class FactorDesign:
    """The rows of Table 2, each trained by the same recipe for the same seeds.

    Seeds count from 0 and are the same for every row, so that rows compare seed by
    seed. `train_subset` is the number of training images (0 for all) besides those
    that the recipe holds out.
    """

    setting: str
    data: str
    macs: int
    seeds: int
    recipe: Recipe
    cells: tuple[Cell, ...]
    train_subset: int = 0

    def __post_init__(self) -> None:
        if self.seeds < 1:
            raise StudyError(f"seeds is {self.seeds}; give at least 1")


def table_2(frame: Frame, macs: int) -> tuple[Cell, ...]:
    """The four rows within a budget; BudgetError if one has no such network."""
    return tuple(
        Cell(factors=factors, spec=two_bottlenecks(factors, frame, macs))
        for factors in TABLE_2
    )


def create_factor_folder(design: FactorDesign, folder: Path) -> None:
    """Make the folder of an analysis, or check that an existing one is the same.

    An analysis can be given more seeds. Raises StudyError if the folder holds something
    else.
    """
    if (folder / FILE).exists():
        saved = read_factor_design(folder)
        _check_same(folder, saved, design)
        if design.seeds > saved.seeds:
            _write(design, folder)
        return
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise StudyError(f"{folder} exists and holds no factor analysis; give another")
    _write(design, folder)


def _write(design: FactorDesign, folder: Path) -> None:
    write_atomic(folder / FILE, json.dumps(_to_dict(design), indent=2))


def read_factor_design(folder: Path) -> FactorDesign:
    """The design in a folder; StudyError if there is none that this version reads."""
    path = folder / FILE
    if not path.is_file():
        raise StudyError(
            f"{folder} holds no factor analysis; start one with `rexpand rank factors`"
        )
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        version = content.pop("version")
        if version == VERSION:
            return _from_dict(content, path)
    except (ValueError, KeyError, AttributeError, TypeError) as error:
        if isinstance(error, StudyError):
            raise
        raise StudyError(f"{path} is corrupt; start a new analysis") from None
    raise StudyError(
        f"{path} was made by version {version} of the format, this rexpand reads "
        f"{VERSION}; go on with the rexpand that made it"
    )


def _to_dict(design: FactorDesign) -> dict[str, Any]:
    content = {field.name: getattr(design, field.name) for field in fields(design)}
    cells = [
        {"factors": asdict(cell.factors), "spec": network_to_dict(cell.spec)}
        for cell in design.cells
    ]
    return content | {
        "version": VERSION,
        "recipe": design.recipe.to_dict(),
        "cells": cells,
    }


def _from_dict(content: Mapping[str, Any], path: Path) -> FactorDesign:
    cells = tuple(
        Cell(
            factors=Factors(**cell["factors"]),
            spec=network_from_json(json.dumps(cell["spec"]), str(path)),
        )
        for cell in content["cells"]
    )
    recipe = recipe_from_dict(content["recipe"])
    return FactorDesign(**{**content, "recipe": recipe, "cells": cells})


def _check_same(folder: Path, saved: FactorDesign, asked: FactorDesign) -> None:
    changed = [
        field.name
        for field in fields(FactorDesign)
        if field.name != "seeds"
        and getattr(saved, field.name) != getattr(asked, field.name)
    ]
    if changed:
        raise StudyError(
            f"{folder} holds an analysis with other settings ({', '.join(changed)}); "
            "give the same ones to go on with it, or a new folder"
        )
