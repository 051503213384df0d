"""What a model card says is what the checkpoint knows."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from rexpand.cost import cost_of
from rexpand.errors import CheckpointError, SpecError
from rexpand.hub import Publication, card, publication, write_files
from rexpand.models import build, load_network, save_network
from rexpand.recipe import find_recipe
from rexpand.records import Record, read_record
from rexpand.spec import read_network


@pytest.fixture
def published(run: Path) -> Publication:
    return publication(run, "owner/digits-18", license="mit")


def test_the_metadata_is_what_the_hub_reads(published: Publication) -> None:
    metadata = yaml.safe_load(card(published).split("---\n")[1])

    assert metadata["license"] == "mit"
    assert metadata["library_name"] == "rexpand"
    assert metadata["tags"] == ["rexpand", "image-classification", "search"]
    [result] = metadata["model-index"][0]["results"]
    assert result["dataset"]["name"] == "digits"
    assert published.passport
    assert result["metrics"][0]["value"] == round(published.passport.accuracy, 4)


def test_the_tables_have_cost_data_and_libraries(published: Publication) -> None:
    text, cost = card(published), cost_of(published.spec)

    assert published.passport
    for said in (
        f"| parameters | {cost.params:,} |",
        f"| multiply-accumulates per image | {cost.macs:,} |",
        "| by the convention `fvcore` |",
        f"| fingerprint of the data | `{published.passport.data_fingerprint}` |",
        f"torch {published.passport.versions['torch']}",
        str(published.contract),
    ):
        assert said in text


def test_the_recipe_of_a_card_is_a_recipe(
    published: Publication, tmp_path: Path
) -> None:
    recipe = re.search("```toml\n(.*?)```", card(published), re.DOTALL)

    assert recipe
    assert published.passport
    (tmp_path / "recipe.toml").write_text(recipe[1])
    assert find_recipe(str(tmp_path / "recipe.toml")) == published.passport.recipe


def test_all_seeds_are_told_and_the_first_is_published(
    published: Publication, run: Path
) -> None:
    accuracies = tuple(
        read_record(Record, run / f"seed-{seed}" / "record.json").accuracy
        for seed in (0, 1)
    )

    assert published.weights == run / "seed-0" / "network.safetensors"
    assert published.accuracies == accuracies
    assert "2 seeds that were trained alike reached" in card(published)


def test_one_seed_has_no_spread(run: Path) -> None:
    one = publication(run / "seed-1", "owner/one", license="mit")

    assert "±" not in card(one)


def test_what_is_not_known_is_not_said(tmp_path: Path) -> None:
    save_network(build("search_18:num_classes=10"), tmp_path / "net.safetensors")
    bare = publication(tmp_path / "net.safetensors", "owner/bare", license="mit")

    text = card(bare)
    metadata = yaml.safe_load(text.split("---\n")[1])
    assert "model-index" not in metadata
    assert "metrics" not in metadata
    assert "How it was trained is not recorded." in text


def test_data_of_the_hub_is_named_as_there(run: Path) -> None:
    there = publication(run, "owner/name", license="mit")
    assert there.passport
    cifar = replace(there, passport=replace(there.passport, data="cifar100"))

    metadata = yaml.safe_load(card(cifar).split("---\n")[1])
    assert metadata["datasets"] == ["uoft-cs/cifar100"]


def test_the_files_are_a_card_and_the_same_weights(
    published: Publication, tmp_path: Path
) -> None:
    files = write_files(published, tmp_path / "out")

    assert [file.name for file in files] == ["README.md", "network.safetensors"]
    assert files[1].read_bytes() == published.weights.read_bytes()
    assert load_network(files[1]).spec == read_network(published.weights)


def test_an_export_goes_along(run: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.onnx").write_bytes(b"exported")
    published = publication(
        run, "owner/name", license="mit", onnx=tmp_path / "mine.onnx"
    )

    files = write_files(published, tmp_path / "out")
    assert files[2].name == "network.onnx"
    assert files[2].read_bytes() == b"exported"
    assert 'hf_hub_download("owner/name", "network.onnx")' in files[0].read_text()


@pytest.mark.parametrize(
    ("path", "repository", "license", "said"),
    [
        ("run", "owner", "mit", "write hf:OWNER/NAME"),
        ("run", "owner/name@main", "mit", "names a revision"),
        ("run", "owner/name", "MIT License", "mit, apache-2.0"),
        ("nothing", "owner/name", "mit", "is no checkpoint"),
        (".", "owner/name", "mit", "holds no network.safetensors"),
    ],
)
def test_a_mistake_is_one_line(
    path: str,
    repository: str,
    license: str,
    said: str,
    run: Path,
    tmp_path: Path,
) -> None:
    place = run if path == "run" else tmp_path / path

    with pytest.raises((CheckpointError, SpecError), match=said):
        publication(place, repository, license=license)
