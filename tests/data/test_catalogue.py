import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from rexpand.data.catalogue import (
    CATALOGUE,
    describe_all,
    locate,
    recipe_for,
    search_recipe_for,
)
from rexpand.data.load import load
from rexpand.data.places import found_under
from rexpand.errors import DataError, UnknownNameError
from rexpand.recipe import RECIPES


def test_the_catalogue_is_sorted_and_complete() -> None:
    names = [info.name for info in describe_all()]

    # One line for each data set known by name.
    assert names == sorted(names)
    assert {*names} == {
        *("cifar10", "cifar100", "digits", "fgvc_aircraft", "flowers102", "food101"),
        *("imagenet", "stanford_cars"),
    }


def test_the_catalogue_answers_without_torch() -> None:
    program = (
        "import sys; from rexpand.data.catalogue import describe_all; "
        "describe_all(); sys.exit('torch' in sys.modules or 'numpy' in sys.modules)"
    )

    # `rexpand data list` must not wait seconds for a framework.
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_what_lies_under_the_root_is_found(
    image_folder: Path, save_npz: Callable[..., Path]
) -> None:
    path = save_npz()

    # Folders with a train/ and .npz files, by name.
    assert found_under(image_folder.parent) == ("pets", "tiny")
    assert found_under(image_folder.parent / "absent") == ()
    assert locate("tiny", path.parent) == path
    assert locate("pets", path.parent) == image_folder


def test_the_root_comes_from_the_environment(
    image_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REXPAND_DATA", str(image_folder.parent))

    # Without an argument, REXPAND_DATA names the root.
    assert load("pets").name == "pets"


def test_an_unknown_name_is_met_with_the_nearest(image_folder: Path) -> None:
    with pytest.raises(UnknownNameError) as raised:
        load("pet", root=image_folder.parent)

    # What lies under the root counts as known.
    assert "unknown data set 'pet'; the nearest are pets" in str(raised.value)
    assert "cifar100" in str(raised.value)


@pytest.mark.parametrize("name", ["absent/folder", "absent.npz"])
def test_a_path_that_leads_nowhere_names_the_places(tmp_path: Path, name: str) -> None:
    with pytest.raises(DataError) as raised:
        load(name, root=tmp_path)

    # As it was given, and under the root.
    assert f"'{name}'" in str(raised.value)
    assert f"'{tmp_path / name}'" in str(raised.value)


@pytest.mark.parametrize("name", ["cifar100", "pets"])
def test_a_root_that_is_a_file_is_refused(tmp_path: Path, name: str) -> None:
    root = tmp_path / "data"
    root.write_text("not a folder")

    # The message quotes the root.
    with pytest.raises(DataError, match="data' is not a folder"):
        load(name, root=root)


def test_choices_that_do_not_exist_are_refused() -> None:
    # The message quotes the value and names the others.
    with pytest.raises(DataError, match="on_corrupt 'ignore' is unknown; use fail"):
        load("digits", on_corrupt="ignore")  # type: ignore[arg-type]
    with pytest.raises(DataError, match="resolution 0 is below 1"):
        load("digits", resolution=0)


def test_only_cifar_is_downloaded(image_folder: Path) -> None:
    # A request that cannot be met is not passed over.
    with pytest.raises(DataError, match="no data set to download"):
        load("pets", root=image_folder.parent, download=True)


@pytest.mark.parametrize("name", CATALOGUE)
def test_an_entry_names_recipes_that_there_are(name: str) -> None:
    info = CATALOGUE[name].info

    assert recipe_for(name) == RECIPES[info.recipe]
    assert search_recipe_for(name) == RECIPES[info.search_recipe]


def test_the_loader_of_an_entry_gives_what_the_entry_says() -> None:
    info = CATALOGUE["digits"].info

    data = load("digits")

    assert data.name == info.name
    assert len(data.train) + len(data.test) == info.images
    assert (data.num_classes, data.resolution) == (info.classes, info.resolution)


def test_sets_of_the_users_own_are_trained_by_what_they_are_made_of(
    image_folder: Path, save_npz: Callable[..., Path]
) -> None:
    root = save_npz().parent

    # Arrays are small images; files get a random resized crop from the stream.
    assert recipe_for("tiny", root) == recipe_for(str(root / "tiny.npz"))
    assert recipe_for("tiny", root) == RECIPES["cifar"]
    assert recipe_for("pets", root) == search_recipe_for("pets", root)
    assert recipe_for("pets", root) == RECIPES["folder"]
    with pytest.raises(UnknownNameError, match="unknown data set 'pest'"):
        recipe_for("pest", root)
