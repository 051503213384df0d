"""Every number has a range, and a number outside it is refused before any work."""

import pytest

from rexpand.memory import usable_memory
from rexpand.ranges import RESOLUTION
from rexpand.spec import network, network_to_toml

NONSENSE = (
    "nan",
    "inf",
    "-inf",
    "1e300",
    "9" * 5000,
    "10x",
    "",
    "-1",
    "0x10",
    "٣",
    "1 ",
)
# The findings: each was accepted, crashed or worked without end.
FOUND = [
    (
        "cost rexnet_100 --resolution 1000000000",
        "--resolution is 1000000000; give 1 to",
    ),
    ("solve rexnet_100 --macs 1e300", "--macs is 1e+300; give more than 0 and at most"),
    ("solve rexnet_100 --macs 0", "--macs is 0.0; give more than 0"),
    ("solve rexnet_100 --macs nan", "--macs 'nan' is not a number; write 400M"),
    (
        "solve rexnet_100 --macs 300M --intercept inf",
        "--intercept is 'inf'; give a num",
    ),
    (
        "solve rexnet_100 --macs 300M --intercept nan",
        "--intercept is 'nan'; give a num",
    ),
    (f"solve rexnet_100 --macs 300M --multiple-of {10**30}", "give 1 to 4096"),
    (f"train search_18 --epochs {10**40}", f"--epochs is {10**40}; give 1 to 100000"),
    ("search run --macs 1M --seed -1", "--seed is -1; give 0 to 4294967295"),
    (
        "search run --macs 1M --slack nan",
        "--slack is 'nan'; give a number, more than 0",
    ),
    ("search run --macs 1M --slack 7", "--slack is 7.0; give more than 0 and less"),
    ("rank layers --seed -1", "--seed is -1; give 0 to 4294967295"),
    ("rank layers --samples nan", "--samples is 'nan'"),
    ("bench guidelines --threads 1000000", "--threads is 1000000; give 1 to 1024"),
    ("bench guidelines --guideline 5", "--guideline is 5; give 1 to 4"),
    (f"predict search_18 image.png --top {10**30}", "give 1 to 1000000"),
    ("search run --macs 1M --jobs 100000", "--jobs is 100000; give 1 to 256"),
    (
        "solve rexnet_100 --macs 300M --knots 0:0,99:1",
        "--knots needs --parameterization pie",
    ),
    (
        "solve rexnet_100 --macs 300M --parameterization piecewise --knots 0:0,99:1",
        "a knot is at block 99, and the network's blocks are 0 to 15",
    ),
    (
        "solve rexnet_100 --macs 300M --parameterization piecewise",
        "a piecewise rule needs --knots, e.g. 0:0,5:1,15:4",
    ),
    (
        "solve rexnet_100 --macs 300M --parameterization piecewise --knots 0:0,5:nan",
        "a knot's height is nan",
    ),
]


@pytest.mark.parametrize(("typed", "line"), FOUND, ids=[each[:60] for each, _ in FOUND])
def test_a_number_outside_its_range_is_one_line(typed, line, say):
    said = say(*typed.split())

    assert said.code == 2
    assert line in said.err
    assert said.err.count("\n") == 1
    assert said.out == ""


@pytest.mark.parametrize("typed", NONSENSE, ids=lambda each: each[:8])
def test_what_is_no_number_of_the_range_is_one_short_line(typed, say):
    said = say("cost", "rexnet_100", f"--resolution={typed}")

    assert said.code == 2
    assert said.err.startswith("rexpand: --resolution is ")
    way_out = f"give pixels, {RESOLUTION}, or height x width, such as 224x160"
    assert said.err.endswith((f"; give {RESOLUTION}\n", f"; {way_out}\n"))
    assert said.err.count("\n") == 1
    assert len(said.err) < 250


@pytest.mark.parametrize(
    ("typed", "macs"),
    [
        ("400M", 4e8),
        ("0.4G", 4e8),
        ("400,000k", 4e8),
        ("4e8", 4e8),
        ("400_000_000", 4e8),
    ],
)
def test_a_quantity_has_a_unit_or_none(typed, macs, say):
    # Each is the same bound, and so the same network.
    assert say("solve", "rexnet_100", "--macs", typed).out == (
        say("solve", "rexnet_100", "--macs", str(int(macs))).out
    )


@pytest.mark.parametrize("end", [1, 8192])
def test_the_ends_of_a_range_are_accepted(end, say):
    assert say("cost", "rexnet_100", "--resolution", str(end)).code == 0


# The findings: each began to work, and asked for more memory than there is.
TOO_LARGE = [
    ("round rexnet_100:width_mult=900 --multiple-of 8", "building rexnet_100 needs"),
    ("rank network rexnet_100:width_mult=900", "building rexnet_100 needs at least"),
    ("train search_18:width_mult=900", "training search_18 on batches of 32 at 8 px"),
    (
        "rank network search_18 --resolution 8192 --batch-size 65536",
        "search_18 on 360 images at 8192 px needs at least",
    ),
    (
        "train search_18 --resolution 8192",
        "search_18 on batches of 32 at 8192 px needs",
    ),
    (
        "search run --macs 500k --trials 1 --seeds 1 --jobs 256 --out study",
        "a pool of 256 processes needs at least 64.0 GiB of memory, and there is",
    ),
]


@pytest.mark.parametrize(
    ("typed", "line"), TOO_LARGE, ids=[t[:40] for t, _ in TOO_LARGE]
)
def test_what_no_memory_holds_is_refused_before_it_is_built(typed, line, say, tmp_path):
    if usable_memory() > 60 * 2**30:
        pytest.skip("this machine has the memory for some of them")

    said = say(*typed.split())

    assert said.code == 2
    assert line in said.err.splitlines()[-1]
    assert len(said.err.splitlines()) <= 3
    # Nothing is left that would block the next one.
    assert [*tmp_path.rglob("*.json")] == []


def test_what_can_only_be_costed_is_costed(say):
    # It needs no memory: the closed form does not build.
    assert say("cost", "rexnet_100:width_mult=300").code == 0


def test_more_blocks_than_every_verb_can_see_are_refused(say, tmp_path):
    spec = network("search_18")
    text = network_to_toml(spec)
    block = '    { kind = "inverted_bottleneck", out_channels = 66 },\n'
    (tmp_path / "deep.toml").write_text(text.replace(block, block * 100_000))

    said = say("cost", "deep.toml")

    assert said.code == 2
    assert said.err == (
        "rexpand: deep.toml: number of blocks is 100004; give 1 to 2000\n"
    )
