"""What a stranger installs: small, whole, and working without any extra."""

import json
import tarfile
import zipfile
from pathlib import Path

import pytest

from package.environments import (
    Environment,
    built,
    environment,
    link_torch,
    once,
)

pytestmark = pytest.mark.slow

WHEEL_BYTES = 2_000_000  # half as much again as it is: a data file that slips in shows
EXTRAS = {"optuna", "altair", "timm", "onnx", "datasets", "ray", "pyarrow", "mypy"}


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A folder of all processes of this run of the tests."""
    base = tmp_path_factory.getbasetemp()
    return (base if worker_id == "master" else base.parent) / "package"


@pytest.fixture(scope="session")
def distributions(shared: Path) -> tuple[Path, Path]:
    """The wheel and the sdist."""
    folder = once(shared / "dist", built)
    return next(folder.glob("*.whl")), next(folder.glob("*.tar.gz"))


@pytest.fixture(scope="session")
def installed(shared: Path, distributions: tuple[Path, Path]) -> Environment:
    """The wheel with what it depends on, and no extra."""

    def make(place: Path) -> None:
        made = environment(place)
        linked = link_torch(made)
        made.install(str(distributions[0]), "--constraint", str(linked))

    return Environment(place=once(shared / "installed", make))


def test_the_wheel_holds_the_package_alone(distributions: tuple[Path, Path]) -> None:
    with zipfile.ZipFile(distributions[0]) as wheel:
        names = wheel.namelist()

    # Neither results nor tests nor docs; types and the data that modules read.
    tops = {name.split("/")[0] for name in names}
    assert tops == {"rexpand", "rexpand-0.1.0.dist-info"}
    for needed in ("py.typed", "report/page.css", "advise/rules/rules.md"):
        assert f"rexpand/{needed}" in names
    assert distributions[0].stat().st_size < WHEEL_BYTES


def test_the_source_distribution_is_what_the_wheel_is_made_of(
    distributions: tuple[Path, Path],
) -> None:
    with tarfile.open(distributions[1]) as sdist:
        tops = {name.split("/")[1] for name in sdist.getnames()}

    # 26 MB of results and the tests that read them stay in the repository.
    assert tops == {
        *("src", "pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md"),
        *("CITATION.cff", "PKG-INFO", ".gitignore"),
    }


def test_no_extra_is_installed(installed: Environment) -> None:
    listed = json.loads(
        installed.says(
            "python",
            "-c",
            "import importlib.metadata as m, json; "
            "print(json.dumps([d.name for d in m.distributions()]))",
        )
    )

    assert "rexpand" in listed
    assert EXTRAS.isdisjoint(listed)


def test_the_first_screen_of_the_readme_works_where_there_is_no_repository(
    installed: Environment,
) -> None:
    for line in (
        "rexpand --help",
        "rexpand list rexnet_*",
        "rexpand list --family mobilenetv2 --macs 300M",
        "rexpand cost rexnet_100 mobilenetv2_100",
        "rexpand list --channels mobilenetv2_100 mixnet_m atomnas_c_plus rexnet_100",
        "rexpand cost rexnet_100 --blocks",
        "rexpand cost rexnet_100:width_mult=0.75,input=cifar",
        "rexpand solve rexnet_100 --macs 300M --out net.toml",
        "rexpand solve rexnet_100 --macs 300M --params 4M --multiple-of 8",
        "rexpand cost net.toml",
        "rexpand lint mobilenetv2_100",
        "rexpand upgrade mobilenetv2_100 --keep macs",
        "rexpand reproduce",
    ):
        assert installed.says(*line.split()), line


def test_the_module_is_the_program(installed: Environment) -> None:
    as_module = installed.says("python", "-m", "rexpand", "--version")

    assert as_module == installed.says("rexpand", "--version") == "rexpand 0.1.0\n"


def test_a_network_is_trained_without_any_extra(installed: Environment) -> None:
    words = "--data digits --train-subset 64 --epochs 1"

    done = installed.run("rexpand", "train", "search_18", *words.split())

    # The page alone is missing, and a line says how to have it.
    assert done.returncode == 0, done.stderr
    assert "no report: altair is not installed; run: pip install" in done.stderr
    run = installed.folder / "runs/train-search_18-digits/seed-0"
    assert (run / "network.safetensors").is_file()


def test_what_needs_an_extra_names_the_command_that_installs_it(
    installed: Environment,
) -> None:
    done = installed.run("rexpand", "search", "run", "--macs", "300k")

    assert done.returncode == 2
    assert "run: pip install 'rexpand[search]'" in done.stderr
    # It finds the package where it is, on no index: it is nowhere to be had.
    assert "Would install" in installed.install("--dry-run", "rexpand[search]")


def test_importing_it_imports_the_standard_library_alone(
    installed: Environment,
) -> None:
    loaded = installed.says(
        "python",
        "-c",
        "import sys; before = {*sys.modules}; import rexpand; "
        "print(*{name.partition('.')[0] for name in {*sys.modules} - before} "
        "- sys.stdlib_module_names)",
    )

    assert loaded.split() == ["rexpand"]
