"""What a study was asked to do, as data and as a file."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rexpand.budget import Budget
from rexpand.errors import StudyError
from rexpand.recipe import Recipe, recipe_from_dict
from rexpand.records import write_atomic
from rexpand.spec import NetworkSpec, network_from_json, network_to_dict

if TYPE_CHECKING:
    from rexpand.data.dataset import DataSet

VERSION = 1
_FILE = "study.json"


@dataclass(frozen=True, kw_only=True)
class StudyDesign:
    """N configurations of a network within a budget, each trained for some seeds.

    `sampling_seed` draws the configurations, and the training images if `train_subset`
    (their number, 0 for all) asks for fewer; training seeds count from 0. With
    `pruning`, a trial whose accuracy falls below the median of its elders stops.
    """

    spec: NetworkSpec
    data: str
    budget: Budget
    trials: int
    seeds: int
    recipe: Recipe
    train_subset: int = 0
    sampling_seed: int = 0
    multiple_of: int = 1
    slack: float = 0.05
    pruning: bool = False

    def __post_init__(self) -> None:
        for name in ("trials", "seeds", "multiple_of"):
            value = getattr(self, name)
            if value < 1:
                raise StudyError(f"{name} is {value}; give at least 1")
        if not 0 < self.slack < 1:
            raise StudyError(f"slack {self.slack} is outside (0, 1); 0.05 is 5 %")


def priced_for(spec: NetworkSpec, data: "DataSet") -> NetworkSpec:
    """The spec that the budget bounds: fitted to the images, and to the classes too.

    A network without a classifier stays without one: the paper's budgets count none.
    """
    spec = spec.for_images(resolution=data.resolution, in_channels=data.in_channels)
    return spec.with_classes(data.num_classes) if spec.num_classes else spec


def create_folder(design: StudyDesign, folder: Path) -> None:
    """Make a study folder, or check that an existing one is the same study's.

    Raises StudyError if the folder holds something else.
    """
    if (folder / _FILE).exists():
        _check_same(folder, read_design(folder), design)
        return
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise StudyError(f"{folder} exists and holds no study; give a new folder")
    write_atomic(folder / _FILE, json.dumps(_to_dict(design), indent=2))


def read_design(folder: Path) -> StudyDesign:
    """The design in a study folder.

    Raises StudyError if there is none, or if another version wrote it.
    """
    path = folder / _FILE
    if not path.is_file():
        raise StudyError(
            f"{folder} holds no study; start one with `rexpand search run`"
        )
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        version = content.pop("version")
    except (ValueError, KeyError, AttributeError, TypeError):
        raise StudyError(f"{path} is corrupt; start a new study") from None
    if version != VERSION:
        raise StudyError(
            f"{path} was made by version {version} of the study format, this rexpand "
            f"reads {VERSION}; resume it with the rexpand that made it"
        )
    return _from_dict(content, path)


def _to_dict(design: StudyDesign) -> dict[str, Any]:
    content = {field.name: getattr(design, field.name) for field in fields(design)}
    return content | {
        "version": VERSION,
        "spec": network_to_dict(design.spec),
        "budget": dict(design.budget.bounds),
        "recipe": design.recipe.to_dict(),
    }


def _from_dict(content: Mapping[str, Any], path: Path) -> StudyDesign:
    known = {field.name for field in fields(StudyDesign)}
    if set(content) != known:
        wrong = ", ".join(sorted(known ^ set(content)))
        raise StudyError(f"{path} has unknown or missing keys: {wrong}")
    parts = {
        "spec": network_from_json(json.dumps(content["spec"]), str(path)),
        "budget": Budget(**content["budget"]),
        "recipe": recipe_from_dict(content["recipe"]),
    }
    return StudyDesign(**{**content, **parts})


def _check_same(folder: Path, saved: StudyDesign, asked: StudyDesign) -> None:
    changed = [
        field.name
        for field in fields(StudyDesign)
        if getattr(saved, field.name) != getattr(asked, field.name)
    ]
    if changed:
        raise StudyError(
            f"{folder} holds a study with other settings ({', '.join(changed)}); "
            f"`rexpand search resume {folder}` goes on with it, or give a new folder"
        )
