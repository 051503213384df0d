"""Networks side by side: the paper's Table 1 for any set of them."""

import pytest

from rexpand.report import charts, formats, network_row, write_channels_report
from rexpand.spec import NetworkSpec, network


def test_stages_are_written_as_the_paper_writes_them():
    assert formats.stages(network("mobilenetv2_100").channels) == (
        "16(1)-24(2)-32(3)-64(4)-96(3)-160(3)-320(1)"
    )
    # Without two equal neighbours there are no stages.
    assert formats.stages((16, 27, 38)) == "16-27-38"


def test_a_row_has_the_line_of_its_channels():
    row = network_row(network("rexnet_100"))

    # The parameterization of the paper is 11.25 i + 16, rounded.
    assert (row.line, row.r_squared) == ("11.3 i + 16", "1.00")
    assert (row.params, row.macs, row.top1) == ("4.80M", "398.4M", "77.9")
    assert network_row(network("mobilenetv2_100")).r_squared == "0.74"


def test_a_network_of_the_users_has_no_published_accuracy():
    spec = network("rexnet_100").with_classes(10)

    row = network_row(NetworkSpec(**{**vars(spec), "name": "mine"}))

    assert row.top1 == "-"


def test_networks_of_different_depth_share_one_axis():
    networks = [network_row(network(name)) for name in ("search_18", "search_30")]

    spec = charts.channels_chart(networks).to_dict()

    data = spec["datasets"]
    points, ends = data[spec["data"]["name"]], data[spec["layer"][0]["data"]["name"]]
    assert len(points) == 5 + 9
    assert spec["layer"][1]["encoding"]["x"]["axis"]["values"] == list(range(1, 10))
    # Both ends of a line for each network.
    assert len(ends) == 4


def test_no_networks_are_no_chart():
    with pytest.raises(ValueError, match="no networks"):
        charts.channels_chart([])


def test_the_page_holds_table_and_figure(tmp_path):
    specs = [network("rexnet_100"), network("mobilenetv2_100")]

    files = write_channels_report(specs, tmp_path)

    page = files.page.read_text(encoding="utf-8")
    assert "rexnet_100 is closest to channels that rise linearly" in page
    # A long list of widths may go on in the next line.
    assert "16(1)-24(2)-32(3)" in page.replace("<wbr>", "")
    assert files.svg[0].read_text(encoding="utf-8").startswith("<svg")
