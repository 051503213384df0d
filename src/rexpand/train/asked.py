"""What a training is asked for, by values or by their names."""

from dataclasses import dataclass

from rexpand.data.catalogue import recipe_for
from rexpand.data.dataset import DataSet
from rexpand.data.load import load
from rexpand.errors import SpecError
from rexpand.recipe import Recipe, as_recipe
from rexpand.spec import (
    NetworkSpec,
    SpecLike,
    as_spec,
    spec_or_source,
    stated_resolution,
)
from rexpand.train.start import Start, start_from


@dataclass(frozen=True, kw_only=True, eq=False)
class Asked:
    """A network with the weights that it begins with, a recipe, and the images."""

    spec: NetworkSpec
    recipe: Recipe
    data: DataSet
    start: Start | None


def asked(
    network: SpecLike,
    recipe: Recipe | str | None,
    data: DataSet | str,
    start: Start | None,
) -> Asked:
    """The values that the names stand for; NETWORK@WEIGHTS and a checkpoint are a start.

    Raises as `as_spec`, `as_recipe` and `load` do, and SpecError for a data set of the
    caller's own without a recipe.
    """
    if start is None:
        network, start = _with_start(network)
    return Asked(
        spec=as_spec(network),
        recipe=_recipe(recipe, data),
        data=(
            data
            if isinstance(data, DataSet)
            else load(data, file_resolution=stated_resolution(network))
        ),
        start=start,
    )


def _with_start(network: SpecLike) -> tuple[SpecLike, Start | None]:
    found = spec_or_source(network)
    if isinstance(found, NetworkSpec) or not found.has_weights:
        return network, None
    start = start_from(found)
    return start.network.spec, start


def _recipe(recipe: Recipe | str | None, data: DataSet | str) -> Recipe:
    if recipe is not None:
        return as_recipe(recipe)
    if isinstance(data, DataSet):
        raise SpecError(
            f"the images of {data.name} have no recipe of their own; give one, such as "
            "'quick'"
        )
    return recipe_for(data)
