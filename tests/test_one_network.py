"""A law: whoever looks at a network sees one image, one cost and one list of blocks."""

import pytest

from rexpand.advise.find import find_spec
from rexpand.advise.lint.seeing import see
from rexpand.cost import Graph, cost_of, part_costs
from rexpand.models import open_weightless, run_weightless
from rexpand.rank import find_sites
from rexpand.spec import CATALOGUE, Image, Source
from rexpand.trace import trace

# Residual, dense, branched and plain networks, inverted and not, of attention too.
FOREIGN = (
    "timm:efficientnet_b3",
    "timm:mobilenetv2_100",
    "timm:mobilenetv3_large_100",
    "timm:mixnet_s",
    "timm:rexnet_100",
    "timm:mnasnet_100",
    "timm:fbnetc_100",
    "timm:ghostnet_100",
    "timm:hardcorenas_a",
    "timm:tinynet_a",
    "timm:efficientnetv2_rw_t",
    "timm:mobileone_s0",
    "timm:regnety_002",
    "timm:resnet18",
    "timm:resnext50_32x4d",
    "timm:densenet121",
    "timm:dpn48b",
    "timm:darknet53",
    "timm:cspresnet50",
    "timm:repvgg_a0",
    "timm:hrnet_w18_small",
    "timm:inception_v4",
    "timm:convnext_atto",
    "timm:mobilevit_xxs",
    "timm:lcnet_050",
    "torchvision:mobilenet_v2",
    "torchvision:mobilenet_v3_small",
    "torchvision:efficientnet_b0",
    "torchvision:mnasnet0_5",
    "torchvision:shufflenet_v2_x1_0",
    "torchvision:squeezenet1_0",
    "torchvision:regnet_x_400mf",
    "torchvision:vgg11_bn",
)
READ = (
    "timm:efficientnet_b3",
    "timm:mobilenetv2_100",
    "timm:mobilenetv3_large_100",
    "timm:rexnet_100",
    "timm:mnasnet_100",
    "timm:fbnetc_100",
    "timm:hardcorenas_a",
    "timm:tinynet_a",
    "torchvision:mobilenet_v2",
    "torchvision:mobilenet_v3_small",
    "torchvision:efficientnet_b0",
)


def blocks_of(graph: Graph) -> list[tuple[str, int]]:
    return [(block.name, block.channels) for block in graph.blocks]


def agreed(name: str) -> tuple[Graph, Image]:
    """What `cost` sees, after `lint` and `rank` were asked too."""
    source = Source.parse(name)
    graph, contract = run_weightless(source, trace)
    subject = see(source)
    sites = find_sites(open_weightless(source).module, graph)

    image = contract.image
    assert subject.image == image
    assert graph.inputs == ((1, *image),)
    assert subject.graph.total == graph.total
    assert blocks_of(subject.graph) == blocks_of(graph)
    # What rank looks at lies in the same blocks, and no block is without.
    held = {site.block for site in sites} - {""}
    assert held == {name for name, _ in blocks_of(graph)}
    # Blocks and what is around them are all of the network.
    assert sum(part.cost.macs for part in graph.parts) == graph.total.macs
    assert sum(part.cost.params for part in graph.parts) == graph.total.params
    return graph, image


@pytest.mark.parametrize("name", CATALOGUE)
def test_a_network_of_the_catalogue_is_one_for_all(name: str) -> None:
    spec = Source.parse(name).spec
    assert spec is not None

    graph, image = agreed(name)

    assert image == (spec.in_channels, spec.resolution, spec.resolution)
    assert graph.total == cost_of(spec)
    parts = part_costs(spec)[1 : 1 + spec.depth]
    assert blocks_of(graph) == [(part.name, part.out_channels) for part in parts]
    assert [block.channels for block in graph.blocks] == list(spec.channels)


@pytest.mark.parametrize("name", FOREIGN)
def test_a_foreign_network_is_one_for_all(name: str) -> None:
    graph, _ = agreed(name)

    assert graph.blocks


@pytest.mark.parametrize("name", READ)
def test_what_upgrade_reads_is_what_cost_shows(name: str) -> None:
    source = Source.parse(name)
    graph, contract = run_weightless(source, trace)

    read = find_spec(source)

    assert (read.in_channels, read.resolution, read.resolution) == contract.image
    assert list(read.channels) == [block.channels for block in graph.blocks]
    assert cost_of(read) == graph.total


def test_a_block_that_has_no_module_is_read_all_the_same() -> None:
    source = Source.parse("torchvision:mnasnet0_5")
    graph, _ = run_weightless(source, trace)

    read = find_spec(source)

    # The first block is among the layers of the network itself, so no module names it.
    assert list(read.channels[1:]) == [block.channels for block in graph.blocks]
    assert cost_of(read) == graph.total


@pytest.mark.parametrize("name", READ)
def test_blocks_do_not_depend_on_the_image(name: str) -> None:
    source = Source.parse(name)

    graph, _ = run_weightless(source, trace)
    small, _ = run_weightless(source, trace, 64)

    assert blocks_of(small) == blocks_of(graph)
