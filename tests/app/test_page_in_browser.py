"""The explorer in a real browser: dragged, moved by keyboard, read, saved, at any width."""

from base64 import b64decode
from pathlib import Path

import pytest

from chromium import Chromium
from rexpand.cost import cost_of
from rexpand.spec import network, read_network

pytestmark = pytest.mark.browser

REXNET = network("rexnet_100")
MACS = 398_370_392
WIDTHS = (390, 768, 1280)
DRAWN = "document.querySelectorAll('.rx-chart[data-drawn]').length >= 3"
# Gradio's own addresses are all here; so are pictures that are written into the page.
ELSEWHERE = """
performance.getEntriesByType("resource").map((each) => each.name)
  .filter((name) => !name.startsWith(location.origin) && !name.startsWith("data:"))
"""
# What a reader cannot see whole, or that lies outside the window. What scrolls on its own
# is left out: the file, and a table wider than a phone.
CUT = """
[...document.querySelectorAll("#readings *, #board *, h2, .rx-lint *, .rx-chart svg")]
  .filter((each) => each.checkVisibility())
  .filter((each) => {
    const { left, right } = each.getBoundingClientRect();
    return left < 0 || right > innerWidth + 1;
  }).map((each) => each.outerHTML.slice(0, 80))
"""


@pytest.fixture
def page(chromium: Chromium, address: str) -> Chromium:
    """The explorer just opened, on ReXNet, in a wide window."""
    return opened(chromium, address, 1280)


def opened(chromium: Chromium, address: str, width: int) -> Chromium:
    chromium.show(address, width)
    chromium.wait(DRAWN)
    chromium.wait("document.querySelector('.rx-download')?.checkVisibility()")
    return chromium


def bar(page: Chromium, number: int):
    return page.driver.find_elements("css selector", ".rx-bars input")[number - 1]


def macs(page: Chromium) -> int:
    return int(page.ask("document.querySelector('[data-reading=macs]').dataset.value"))


def channels(page: Chromium) -> list[int]:
    """The channels as the bars show them."""
    texts = "[...document.querySelectorAll('.rx-bar output')].map((each) => each.value)"
    return [int(text) for text in page.ask(texts)]


def press(page: Chromium, element, *keys: str) -> None:
    """Keys on an element that has the focus, and the answer to the last of them."""
    before = macs(page)
    element.send_keys(*keys)
    page.wait(
        f"document.querySelector('[data-reading=macs]').dataset.value != {before}"
    )
    at_rest(page)


def at_rest(page: Chromium) -> None:
    """Wait until the file of the network as it is now is there."""
    page.wait("document.querySelector('#spec.rx-stale') === null")


def hold(page: Chromium, what: str) -> None:
    page.driver.find_element("css selector", f"[value={what}]").click()
    page.wait("!document.querySelector('[data-move=bound]').disabled")


def test_a_bar_is_dragged_and_the_new_macs_are_those_of_the_closed_form(page):
    from selenium.webdriver import ActionChains

    last = bar(page, 16)
    before = macs(page)

    ActionChains(page.driver).move_to_element(last).click_and_hold().move_by_offset(
        0, -40
    ).release().perform()
    page.wait(
        f"document.querySelector('[data-reading=macs]').dataset.value != {before}"
    )
    at_rest(page)

    found = channels(page)
    assert before == MACS
    assert found[15] > 185
    assert macs(page) == cost_of(REXNET.with_channels(found)).macs


def test_arrow_keys_move_a_bar_by_one_step(page):
    from selenium.webdriver.common.keys import Keys

    press(page, bar(page, 16), Keys.ARROW_UP, Keys.ARROW_UP, Keys.ARROW_UP)

    assert channels(page) == [*REXNET.channels[:-1], 188]
    assert macs(page) == cost_of(REXNET.with_channels(channels(page))).macs


def test_the_slope_moves_every_block_by_keyboard(page):
    from selenium.webdriver.common.keys import Keys

    slope = page.driver.find_element("css selector", "[data-move=slope]")
    press(page, slope, Keys.ARROW_LEFT)

    assert channels(page)[-1] < 185
    assert macs(page) == cost_of(REXNET.with_channels(channels(page))).macs


def test_a_budget_is_held_while_a_bar_is_dragged(page):
    from selenium.webdriver.common.keys import Keys

    hold(page, "macs")
    press(page, bar(page, 16), *[Keys.PAGE_UP] * 2)

    found = channels(page)
    assert found[15] > 185
    # The solver made room: the others are thinner, and the budget is full but for rounding.
    assert all(a <= b for a, b in zip(found[:15], REXNET.channels, strict=False))
    assert 0.99 * MACS <= macs(page) <= MACS


def test_the_file_that_is_saved_costs_what_is_shown(page, tmp_path: Path):
    from selenium.webdriver.common.keys import Keys

    press(page, bar(page, 3), Keys.ARROW_DOWN)

    link = page.driver.find_element("css selector", ".rx-download")
    data = link.get_attribute("href").partition("base64,")[2]
    (tmp_path / link.get_attribute("download")).write_bytes(b64decode(data))
    saved = read_network(tmp_path / "rexnet_100_explored.toml")
    assert list(saved.channels) == channels(page)
    assert cost_of(saved).macs == macs(page)


def test_lint_follows_when_the_drag_rests(page):
    from selenium.webdriver.common.keys import Keys

    # Of 214 channels or more the head's 1280 are no expansion above six.
    before = page.ask("document.querySelector('#lint').textContent")
    press(page, bar(page, 16), *[Keys.PAGE_UP])

    assert "expansion-above-six" in before
    page.wait("!document.querySelector('#lint').textContent.includes('above-six')")


def test_the_start_comes_back(page):
    from selenium.webdriver.common.keys import Keys

    press(page, bar(page, 16), Keys.ARROW_UP)

    page.driver.find_element("css selector", "#board button").click()
    page.wait(f"document.querySelector('[data-reading=macs]').dataset.value == {MACS}")

    assert channels(page) == list(REXNET.channels)


def test_a_trial_of_the_study_is_walked_to_and_taken_into_the_design(page, offer):
    from selenium.webdriver.common.keys import Keys

    driver = page.driver
    tab = driver.find_element("xpath", "//button[@role='tab' and contains(., 'Study')]")
    tab.click()
    page.wait("document.querySelector('#trial h2')?.checkVisibility()")
    first = page.ask("document.querySelector('#trial h2').textContent")
    place = driver.find_element("css selector", "#place input[type=range]")
    place.send_keys(Keys.ARROW_RIGHT)
    page.wait(f"document.querySelector('#trial h2').textContent !== {first!r}")
    second = page.ask("document.querySelector('#trial h2').textContent")

    driver.find_element("css selector", "#take").click()
    page.wait("document.querySelectorAll('.rx-bar').length !== 16")

    by_number = {trial.number: trial for trial in offer.study.summary.trials}
    trial = by_number[int(second.removeprefix("Trial "))]
    assert (first, second) == ("Trial 11", "Trial 10")
    assert channels(page) == list(trial.channels)
    spec = offer.study.spec.with_channels(trial.channels)
    assert macs(page) == cost_of(spec).macs


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_is_cut_and_the_page_does_not_scroll_sideways(
    chromium, address, width: int
):
    page = opened(chromium, address, width)

    assert page.ask(CUT) == []
    assert page.ask("document.documentElement.scrollWidth <= innerWidth")


def test_nothing_is_asked_of_any_other_machine_and_nothing_is_complained_of(page):
    assert page.ask(ELSEWHERE) == []
    serious = [e for e in page.driver.get_log("browser") if e["level"] == "SEVERE"]
    assert serious == []
