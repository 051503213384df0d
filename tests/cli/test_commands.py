"""Every verb does what its help says, for people and for programs."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., "subprocess.CompletedProcess[str]"]
VERBS = (
    (), ("list",), ("cost",), ("solve",), ("scale",), ("train",), ("evaluate",),
    ("search",), ("search", "run"), ("search", "resume"), ("search", "report"),
    ("search", "export"), ("report",), ("report", "study"), ("report", "training"),
    ("report", "channels"), ("rank",), ("rank", "layers"), ("rank", "axes"),
    ("rank", "factors"), ("rank", "network"), ("train", "factors"),
    ("data",), ("data", "list"), ("data", "fetch"), ("data", "check"),
    ("push",), ("upgrade",), ("round",), ("lint",), ("bench",),
    ("bench", "guidelines"), ("report", "latency"), ("search", "table"),
)  # fmt: skip


def document(done: "subprocess.CompletedProcess[str]") -> Any:
    """The one JSON document on stdout of a command that went well."""
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("verb", VERBS, ids=" ".join)
def test_every_verb_has_help(verb: tuple[str, ...], rexpand: Run) -> None:
    done = rexpand(*verb, "--help")

    assert done.returncode == 0
    assert "Usage: " in done.stdout


def test_the_cost_of_rexnet_is_the_papers(rexpand: Run) -> None:
    cost = document(rexpand("cost", "rexnet_100", "--json"))

    assert cost["params"] == 4796873
    assert cost["macs"] == 398370392


def test_blocks_add_up_to_the_total(rexpand: Run) -> None:
    cost = document(rexpand("cost", "rexnet_100", "--blocks", "--json"))

    assert sum(part["macs"] for part in cost["parts"]) == cost["macs"]
    assert sum(part["params"] for part in cost["parts"]) == cost["params"]
    # The blocks are the spec's, and stem and head are told from them.
    names = [part["name"] for part in cost["parts"] if part["is_block"]]
    assert names == [f"blocks.{index}" for index in range(16)]


def test_a_module_of_the_users_own_is_counted(rexpand: Run, tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(
        "from torch import nn\n\ndef net():\n    return nn.Conv2d(3, 8, 1)\n"
    )

    cost = document(rexpand("cost", "mine:net", "--resolution", "10", "--json"))

    assert (cost["params"], cost["macs"]) == (32, 2400)


def test_solving_gives_rexnet_back(rexpand: Run, tmp_path: Path) -> None:
    done = rexpand(
        "solve", "rexnet_100", "--macs", "398370392", "--parameterization", "linear",
        "--out", "net.toml", "--json",
    )  # fmt: skip

    solution = document(done)
    assert solution["slope"] == pytest.approx(11.25, rel=1e-3)
    assert solution["intercept"] == pytest.approx(16, rel=1e-3)
    assert solution["macs"] == 398370392
    # The file that was written is a network wherever a name is one.
    again = document(rexpand("cost", str(tmp_path / "net.toml"), "--json"))
    assert again["channels"] == solution["channels"]
    assert again["params"] == solution["params"]


def test_flops_are_another_word_for_macs(rexpand: Run) -> None:
    macs = rexpand("solve", "rexnet_100", "--macs", "300M", "--json")
    flops = rexpand("solve", "rexnet_100", "--flops", "0.3G", "--json")

    assert macs.stdout == flops.stdout


@pytest.mark.parametrize("rule", ["linear", "stagewise", "free"])
def test_every_rule_fills_the_budget(rule: str, rexpand: Run) -> None:
    solution = document(
        rexpand(
            "solve",
            "rexnet_100",
            "--macs",
            "250M",
            "--parameterization",
            rule,
            "--json",
        )
    )

    assert 0.995 <= solution["fill"] <= 1


def test_the_list_is_data(rexpand: Run) -> None:
    entries = document(rexpand("list", "rexnet_1*", "--json"))

    names = [entry["name"] for entry in entries]
    assert names == [f"rexnet_1{tenth}0" for tenth in range(6)]
    published = entries[0]["published"]
    assert published["top1"] == 77.9
    assert set(entries[0]) >= {"name", "family", "params", "macs", "resolution"}


def test_data_sets_are_listed(rexpand: Run) -> None:
    names = [info["name"] for info in document(rexpand("data", "list", "--json"))]

    assert {"digits", "cifar10", "cifar100"} <= set(names)


def test_digits_are_checked(rexpand: Run) -> None:
    report = document(rexpand("data", "check", "digits", "--json"))

    assert report["train_images"] + report["test_images"] == 1797
    assert report["corrupt"] == report["duplicates_across"] == []


def test_training_leaves_weights_a_record_and_a_page(
    rexpand: Run, tmp_path: Path
) -> None:
    done = rexpand(
        "train", "search_18", "--data", "digits", "--epochs", "2", "--seeds", "2",
        "--train-subset", "200", "--out", "run", "--json",
    )  # fmt: skip

    result = document(done)
    assert len(result["accuracies"]) == result["seeds"] == 2
    for seed in ("seed-0", "seed-1"):
        files = {path.name for path in (tmp_path / "run" / seed).iterdir()}
        assert files >= {"network.safetensors", "record.json", "report.html"}
    # Over several seeds there is one page more, which `report` writes again.
    page = (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
    assert "200 validation images" in page
    assert rexpand("report", "training", "run").stdout == "wrote run/report.html\n"
    written = document(rexpand("report", "training", "run", "--json"))
    assert written["report"] == "run/report.html"
    assert "run/figures/accuracy.svg" in written["figures"]
    # The checkpoint is a network for the other verbs too.
    weights = str(tmp_path / "run" / "seed-0" / "network.safetensors")
    assert document(rexpand("cost", weights, "--json"))["params"] == result["params"]
    judged = document(rexpand("evaluate", weights, "--data", "digits", "--json"))
    assert judged["images"] == 360
    assert 0 <= judged["accuracy"] <= judged["top5"] <= 100


def test_a_study_ends_in_a_network_on_disk(rexpand: Run, tmp_path: Path) -> None:
    done = rexpand(
        "search", "run", "--data", "digits", "--macs", "500k", "--trials", "3",
        "--seeds", "1", "--epochs", "1", "--train-subset", "100",
        "--out", "study", "--json",
    )  # fmt: skip
    study = document(done)

    # `run` says what `resume` and `report` say of the study.
    assert study == document(rexpand("search", "report", "study", "--json"))
    assert study == document(rexpand("search", "resume", "study", "--json"))
    assert (tmp_path / "study" / "report.html").exists()
    for trial in study["trials"]:
        assert set(trial) >= {"channels", "params", "macs", "accuracy", "seeds"}

    exported = rexpand(
        "search", "export", "study", "--out", "best.toml", "--retrain", "digits",
        "--epochs", "1", "--json",
    )  # fmt: skip
    winner = document(exported)
    best = max(study["trials"], key=lambda trial: trial["accuracy"])
    assert winner["macs"] == best["macs"]
    assert (winner["folder"], winner["evaluated_on"]) == ("study/winner", "validation")
    assert (
        document(rexpand("cost", "best.toml", "--json"))["channels"] == best["channels"]
    )
    assert (tmp_path / "study" / "winner" / "network.safetensors").exists()


def test_the_catalogue_holds_every_variant_of_its_families(rexpand: Run) -> None:
    entries = document(rexpand("list", "--json"))

    names = {entry["name"] for entry in entries}
    aliases = {alias for entry in entries for alias in entry["aliases"]}
    expected = [
        *("squeezenet_1_0", "squeezenet_1_1", "legacy_xception", "mobilenetv1_025"),
        *(f"mobilenetv2_{width}" for width in ("035", "050", "075", "100", "140")),
        *(f"mobilenetv3_{size}_{w}" for size in ("large", "small") for w in (100,)),
        *("resnet18", "resnet34", "resnet50", "resnet101", "resnext50_32x4d"),
        *("resnext101_32x4d", "resnext101_32x8d", "resnext101_64x4d"),
        *(
            f"shufflenetv1_g{groups}_{width}"
            for groups in (1, 2, 3, 4, 8)
            for width in ("025", "050", "100", "150", "200")
        ),
        *("shufflenetv1_g1_075", "shufflenetv1_g3_075"),
        *("nasnet_a", "amoebanet_a", "pnasnet_5", "darts", "pdarts"),
        *(f"shufflenetv2_{width}" for width in ("050", "100", "150", "200")),
        *("condensenet_74_g4", "condensenet_74_g8"),
        *(f"efficientnet_b{index}" for index in range(8)),
        *(f"efficientnet_lite{index}" for index in range(5)),
        *("mixnet_s", "mixnet_m", "mixnet_l", "mnasnet_a2", "mnasnet_a3"),
        *("semnasnet_100", "mnasnet_100", "fbnet_a", "fbnet_b", "fbnetc_100"),
        *("proxylessnas_r", "proxylessnas_cpu", "proxylessnas_gpu"),
        *(f"atomnas_{size}{plus}" for size in "abc" for plus in ("", "_plus")),
        *(f"fairnas_{size}{squeeze}" for size in "abc" for squeeze in ("", "_se")),
        *("fairdarts_b", "fairdarts_c", "darts_plus_se"),
    ]
    assert set(expected) <= names
    assert {"xception", "mnasnet_a1", "mnasnet_b1", "fbnet_c"} <= aliases
    for entry in entries:
        assert set(entry["published"]) == {
            *("params", "macs", "top1", "source"),
            *("top1_source", "paper_top1", "paper"),
        }


def test_table_1_of_the_paper_is_a_list_of_channels(rexpand: Run) -> None:
    done = rexpand("list", "--channels", "mobilenetv2_100", "mnasnet_a1")

    assert "16(1)-24(2)-32(3)-64(4)-96(3)-160(3)-320(1)" in done.stdout
    assert "16(1)-24(2)-40(3)-80(4)-112(2)-160(3)-320(1)" in done.stdout


def test_networks_are_drawn_side_by_side(rexpand: Run, tmp_path: Path) -> None:
    done = rexpand("report", "channels", "rexnet_100", "mobilenetv2_100", "--out", "ch")

    assert done.stdout.strip() == "wrote ch/report.html"
    assert (tmp_path / "ch/figures/channels.svg").is_file()
    assert (tmp_path / "ch/figures/channels.png").is_file()


def test_the_cifar_form_is_solved_at_32_pixels(rexpand: Run) -> None:
    solved = document(
        rexpand(
            *("solve", "mobilenetv2_100:input=cifar"),
            *("--macs", "90M", "--out", "net.toml", "--json"),
        )
    )
    cost = document(rexpand("cost", "net.toml", "--json"))

    assert cost["resolution"] == 32
    assert 0.995 * 90e6 <= solved["macs"] == cost["macs"] <= 90e6
