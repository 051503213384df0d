"""What a recipe says of precision holds for its own training alone."""

from dataclasses import replace
from pathlib import Path

import torch
from safetensors.torch import load_file

from rexpand.data.dataset import DataSet
from rexpand.data.split import stratified_subset
from rexpand.recipe import RECIPES
from rexpand.train import train


def test_one_process_trains_in_several_precisions(
    digits: DataSet, tmp_path: Path
) -> None:
    few = replace(digits, train=stratified_subset(digits.train, 60, seed=0))
    recipe = replace(RECIPES["digits"].with_epochs(1), validation=0)

    for name, precision in (("half", "bf16"), ("full", "fp32"), ("again", "bf16")):
        chosen = replace(recipe, precision=precision)  # type: ignore[arg-type]
        train("search_18", chosen, few, folder=tmp_path / name)

    half, full, again = (
        load_file(tmp_path / name / "network.safetensors")
        for name in ("half", "full", "again")
    )
    # Half precision rounds otherwise, and is gone when its training is over.
    assert all(each.dtype != torch.bfloat16 for each in half.values())
    assert any(not torch.equal(half[name], full[name]) for name in full)
    assert all(torch.equal(half[name], again[name]) for name in half)
