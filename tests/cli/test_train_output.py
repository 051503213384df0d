"""How a verb that trains tells what it found."""

import pytest

from rexpand.cli.console import page_of
from rexpand.cli.trained import written
from rexpand.errors import MissingExtraError
from rexpand.report import ReportFiles


@pytest.mark.parametrize(
    ("accuracies", "text"),
    [
        # The sample's standard deviation, over n - 1, and n.
        ((39.3, 40.6, 40.6), "40.17 ± 0.75 %, 3 seeds"),
        ((39.0, 41.0), "40.00 ± 1.41 %, 2 seeds"),
        # One seed has none.
        ((40.2,), "40.20 %, 1 seed"),
    ],
)
def test_accuracies_stand_with_their_spread_and_number(
    accuracies: tuple[float, ...], text: str
) -> None:
    assert written(accuracies) == text


def test_a_page_that_cannot_be_drawn_is_a_remark(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def write() -> ReportFiles:
        raise MissingExtraError("altair", "report")

    assert page_of(write) is None
    assert capsys.readouterr().err == (
        "no report: altair is not installed; run: pip install 'rexpand[report]'\n"
    )
