"""What rules say agrees with the papers' arithmetic and with the spec."""

import pytest
import torch
from torch import Tensor, nn

from rexpand.advise.lint import LintSettings, lint
from rexpand.advise.lint.seeing import see, see_module
from rexpand.advise.rules import Finding, Subject
from rexpand.advise.rules.dim_ratio import published_rank_ratio
from rexpand.spec import InvertedBottleneck, Source, network
from rexpand.trace import trace

WHOLE_FAMILIES = (
    *("rexnet_100", "mobilenetv2_100", "mobilenetv3_large_100", "efficientnet_b0"),
    *("shufflenetv1_g3_100", "shufflenetv2_100", "resnet50", "mnasnet_100"),
    *("mobilenetv1_100", "rexnet_plain", "mixnet_s", "squeezenet_1_0"),
)


def found(subject: Subject, rule: str, **settings: object) -> list[Finding]:
    report = lint(subject, LintSettings(**settings))  # type: ignore[arg-type]
    return [finding for finding in report.findings if finding.rule == rule]


def evidence(finding: Finding) -> dict[str, object]:
    return {fact.name: fact.value for fact in finding.evidence}


@pytest.mark.parametrize("name", WHOLE_FAMILIES)
def test_blocks_read_from_a_module_are_the_specs(name: str) -> None:
    widths = [block.channels for block in see(Source.parse(name)).graph.blocks]

    # Nobody told the reader where blocks begin; the spec knows.
    assert widths == list(network(name).channels)


@pytest.mark.parametrize("name", ["rexnet_100", "mobilenetv2_100", "efficientnet_b0"])
def test_bottlenecks_are_the_blocks_that_expand(name: str) -> None:
    seen = see(Source.parse(name)).bottlenecks

    spec = network(name)
    expanding = [
        block
        for block in spec.blocks
        if isinstance(block, InvertedBottleneck) and block.expand_ratio != 1
    ]
    assert len(seen) == len(expanding)
    assert [each.project.out_channels for each in seen] == [
        block.out_channels for block in expanding
    ]


def test_the_expansion_of_rexnet_is_its_penultimate_layers() -> None:
    (finding,) = found(see(Source.parse("rexnet_100")), "RX001")

    # 185 to 1280: peers found 6.9 by hand (arXiv 2007.00992's own head).
    assert finding.layer == "penultimate.conv"
    assert evidence(finding)["expansion"] == pytest.approx(1280 / 185)
    assert finding.level == "warning"


def test_an_expansion_of_twelve_is_an_error() -> None:
    module = nn.Sequential(nn.Conv2d(3, 4, 3), nn.Conv2d(4, 48, 1))

    (finding,) = found(see_module(module, (3, 8, 8), name="mine"), "RX001")

    assert finding.level == "error"


def test_a_first_1x1_on_the_image_is_no_expansion() -> None:
    module = nn.Sequential(nn.Conv2d(3, 48, 1), nn.Conv2d(48, 48, 1))

    assert found(see_module(module, (3, 8, 8), name="mine"), "RX001") == []


def test_mobilenetv2_doubles_twice() -> None:
    seen = found(see(Source.parse("mobilenetv2_100")), "RX002")

    # Table 2 of arXiv 1801.04381: 32 to 64 and 160 to 320, both dim_ratio 0.5.
    pairs = [
        (evidence(each)["in_channels"], evidence(each)["out_channels"]) for each in seen
    ]
    assert pairs == [(32, 64), (160, 320)]


@pytest.mark.parametrize(
    ("dim_ratio", "rank_ratio"), [(0.05, 0.19), (0.1, 0.19), (0.55, 0.728), (1.0, 1.0)]
)
def test_the_published_rank_ratio_is_read_between_points(
    dim_ratio: float, rank_ratio: float
) -> None:
    assert published_rank_ratio(dim_ratio) == pytest.approx(rank_ratio)


def test_the_line_is_that_of_the_spec() -> None:
    from rexpand.spec import fitted_line

    (finding,) = found(see(Source.parse("mobilenetv2_100")), "RX006")

    line = fitted_line(network("mobilenetv2_100").channels)
    assert evidence(finding)["r_squared"] == line.r_squared
    assert evidence(finding)["slope"] == line.slope


@pytest.mark.parametrize(
    ("name", "ratio"),
    # shared with other tools' hooks: access over bound of all 1x1 convolutions.
    [("mobilenetv2_100", 1.25), ("rexnet_100", 1.25), ("efficientnet_b0", 1.22)],
)
def test_memory_access_over_its_bound_is_what_others_found(
    name: str, ratio: float
) -> None:
    finding = next(
        f for f in found(see(Source.parse(name)), "RX007") if f.layer == "(network)"
    )

    assert evidence(finding)["ratio"] == pytest.approx(ratio, abs=0.005)


def test_the_bound_is_guideline_ones() -> None:
    module = nn.Sequential(
        nn.Conv2d(3, 64, 1), nn.Conv2d(64, 4, 1, bias=False), nn.BatchNorm2d(4)
    )

    seen = found(see_module(module, (3, 16, 16), name="mine"), "RX007")

    finding = next(each for each in seen if each.layer != "(network)")
    pixels, macs = 16 * 16, 16 * 16 * 64 * 4
    assert finding.layer == "1"
    assert evidence(finding)["bound"] == pytest.approx(
        2 * (pixels * macs) ** 0.5 + macs / pixels
    )
    assert evidence(finding)["memory_access"] == pixels * (64 + 4) + 64 * 4


def test_a_grouped_convolution_is_compared_with_a_dense_one_of_its_macs() -> None:
    grouped = nn.Sequential(nn.Conv2d(3, 64, 1), nn.Conv2d(64, 64, 1, groups=16))
    dense = nn.Sequential(nn.Conv2d(3, 16, 1), nn.Conv2d(16, 16, 1, bias=False))

    (finding,) = found(see_module(grouped, (3, 8, 8), name="mine"), "RX008")

    layer = see_module(dense, (3, 8, 8), name="dense").graph.layers[1]
    assert layer.macs == 8 * 8 * 64 * 64 // 16
    assert evidence(finding)["dense_memory_access"] == layer.memory_access


def test_channels_off_the_multiple_are_those_of_the_paper() -> None:
    seen = found(see(Source.parse("rexnet_100")), "RX011", multiple_of=8)

    widths = {evidence(each)["channels"] for each in seen}
    # Every projection and every expansion that its width makes odd; no gate.
    assert {27, 38, 50, 61, 185, 6 * 27, 6 * 61} <= widths
    assert 19 not in widths  # of squeeze-excite


def test_padding_to_the_multiple_is_counted() -> None:
    module = nn.Sequential(nn.Conv2d(3, 6, 1), nn.Conv2d(6, 8, 1))

    (finding,) = found(
        see_module(module, (3, 4, 4), name="mine"), "RX011", multiple_of=4
    )

    assert evidence(finding)["padded_macs"] == 16 * 3 * (8 - 6)


def test_shufflenet_holds_most_of_itself_in_its_head() -> None:
    (finding,) = found(see(Source.parse("shufflenetv2_100")), "RX015")

    # 464 to 1024 with a norm is not counted to it; 1024 to 1000 with a bias is.
    assert evidence(finding)["params"] == 464 * 1024 + 1024 * 1000 + 1000
    assert finding.layer == "penultimate.conv"


class _Writer(nn.Module):
    """Writes in one of these ways; `computes` is whether it must run on real values."""

    def __init__(self, how: str, computes: bool = False) -> None:
        super().__init__()
        self.wide = nn.Conv2d(3, 8, 1)
        self.how = how
        self.computes = computes

    def forward(self, x: Tensor) -> Tensor:
        assert not self.computes or x.sum() == 0
        out: Tensor = self.wide(x)
        match self.how:
            case "add to a slice":
                out[:, :3] += x
            case "add_ to a slice":
                out[:, :3].add_(x)
            case "set a slice":
                out[:, :3] = out[:, :3] + x
            case "add to a chunk":
                out.split((3, 5), 1)[0].add_(x)
            case "add to the whole":
                out += 2 * out
            case "set the whole":
                out[:] = 2 * out
        return out


@pytest.mark.parametrize(
    ("how", "is_partial"),
    [
        ("add to a slice", True),
        ("add_ to a slice", True),
        ("set a slice", True),
        ("add to a chunk", True),
        ("add to the whole", False),
        ("set the whole", False),
    ],
)
@pytest.mark.parametrize("computes", [False, True])
def test_a_write_into_part_of_a_map_is_seen_once(
    how: str, is_partial: bool, computes: bool
) -> None:
    graph = trace(_Writer(how, computes), (3, 4, 4))

    assert graph.device == ("cpu" if computes else "meta")
    assert len(graph.writes) == is_partial
    assert all(write.share == 3 / 8 for write in graph.writes)


def test_rexnets_own_shortcut_as_its_authors_wrote_it() -> None:
    module = _Writer("add to a slice")

    (finding,) = found(see_module(nn.Sequential(module), (3, 4, 4), name="m"), "RX012")

    assert finding.layer == "0"
    assert evidence(finding)["share"] == 3 / 8


def test_a_gate_is_no_map() -> None:
    graph = see(Source.parse("rexnet_100")).graph

    gates = [
        place
        for place, layer in enumerate(graph.layers)
        if layer.name.endswith("squeeze_excite.gate")
    ]
    assert gates
    assert not any(map(graph.flow.is_on_map, gates))


def test_no_advice_to_use_silu_where_int8_forbids_it() -> None:
    subject = see(Source.parse("mobilenetv2_100"))

    assert found(subject, "RX005")
    assert found(subject, "RX005", target="int8") == []


def test_a_layer_scale_is_no_gate() -> None:
    class Scaled(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.convolution = nn.Conv2d(3, 8, 1)
            self.scale = nn.Parameter(torch.ones(1, 8, 1, 1))

        def forward(self, x: Tensor) -> Tensor:
            return self.convolution(x) * self.scale

    assert (
        found(see_module(Scaled(), (3, 4, 4), name="m"), "RX013", target="int8") == []
    )


class _Mixer(nn.Module):
    """Convolutions of 8 channels, one after another or side by side, concatenated."""

    def __init__(self, *, in_a_row: bool) -> None:
        super().__init__()
        self.parts = nn.ModuleList(nn.Conv2d(8, 8, 3, padding=1) for _ in range(5))
        self.in_a_row = in_a_row

    def forward(self, x: Tensor) -> Tensor:
        found = [x]
        for part in self.parts:
            found.append(part(found[-1] if self.in_a_row else x))
        return torch.cat(found[1:], 1)


@pytest.mark.parametrize("in_a_row", [True, False])
def test_convolutions_in_a_row_are_no_branches(in_a_row: bool) -> None:
    module = nn.Sequential(nn.Conv2d(3, 8, 1), _Mixer(in_a_row=in_a_row))

    seen = found(see_module(module, (3, 8, 8), name="m"), "RX009")

    # The concatenation has five inputs either way (VoVNet, and a mixture of kernels).
    assert [evidence(each)["branches"] for each in seen] == ([] if in_a_row else [5])


class _Late(nn.Module):
    """An inverted bottleneck; `between` another convolution runs after its expansion."""

    def __init__(self, *, between: bool) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 1)
        self.expand = nn.Conv2d(8, 32, 1)
        self.branch = nn.Conv2d(8, 16, 1)
        self.depthwise = nn.Conv2d(32, 32, 3, padding=1, groups=32)
        self.project = nn.Conv2d(32, 16, 1)
        self.between = between

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)
        first = self.branch(x) if not self.between else None
        wide = nn.functional.relu(self.expand(x))
        branch = self.branch(x) if first is None else first
        return self.project(self.depthwise(wide)) + branch


@pytest.mark.parametrize("between", [True, False])
def test_the_order_in_which_branches_run_does_not_matter(between: bool) -> None:
    module = nn.Sequential(_Late(between=between))
    subject = see_module(module, (3, 8, 8), name="m")

    # 8 to 16 channels, with ReLU after the first 1x1, whatever ran in between.
    (narrow,) = found(subject, "RX002")
    (plain,) = found(subject, "RX005")
    assert evidence(narrow)["dim_ratio"] == 0.5
    assert evidence(plain)["expand"] == "0.expand"


def test_a_gate_far_from_its_product_is_found_with_its_params() -> None:
    class Far(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.convolution = nn.Conv2d(3, 8, 1)
            self.inner = nn.Conv1d(1, 1, 3, padding=1, bias=False)

        def forward(self, x: Tensor) -> Tensor:
            x = self.convolution(x)
            gate = self.inner(x.mean((2, 3))[:, None]).sigmoid().view(1, 8, 1, 1)
            for _ in range(8):
                x = nn.functional.relu(x)
            return x * gate.expand_as(x)

    (finding,) = found(see_module(Far(), (3, 4, 4), name="m"), "RX013", target="int8")

    # Eight operators later, seen as large as the map; the gate is that of ECA.
    assert evidence(finding)["params"] == 3


def test_the_penultimate_layer_feeds_the_classifier() -> None:
    class Scaled(nn.Module):
        """Something is added after the penultimate layer, which makes it no block."""

        def __init__(self) -> None:
            super().__init__()
            self.stem = nn.Conv2d(3, 16, 3)
            self.penultimate = nn.Conv2d(16, 512, 1)
            self.shift = nn.Parameter(torch.zeros(1))
            self.classifier = nn.Linear(512, 10)

        def forward(self, x: Tensor) -> Tensor:
            x = self.penultimate(self.stem(x)) + self.shift
            scores: Tensor = self.classifier(x.mean((2, 3)))
            return scores

    (finding,) = found(see_module(Scaled(), (3, 8, 8), name="m"), "RX015")

    assert finding.layer == "penultimate"
