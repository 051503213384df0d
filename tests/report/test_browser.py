"""The page in a real browser: it draws, sorts and filters, and complains of nothing."""

import pytest

from rexpand.report import write_study_report

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def browser(chromium, study, tmp_path_factory):
    page = write_study_report(study, tmp_path_factory.mktemp("report")).page
    chromium.open(page, width=1200)
    return chromium.driver


def _accuracies(browser) -> list[float]:
    return browser.execute_script(
        "return [...document.querySelectorAll('#trials tbody tr')]"
        ".map(row => Number(row.cells[3].dataset.value))"
    )


def _header(browser, title: str):
    return next(
        header
        for header in browser.find_elements("css selector", "#trials th")
        if title in header.text
    )


def test_every_figure_is_drawn(browser):
    boxes = browser.find_elements("css selector", ".chart")

    sizes = [box.find_element("css selector", "svg").size for box in boxes]
    assert len(sizes) == 11
    assert all(size["width"] > 300 and size["height"] > 200 for size in sizes)


def test_the_page_is_no_wider_than_its_window(browser):
    widths = browser.execute_script(
        "return [document.documentElement.scrollWidth, innerWidth]"
    )

    assert widths[0] <= widths[1]


def test_a_header_sorts_by_number_and_then_the_other_way(browser):
    header = _header(browser, "Accuracy")
    button = header.find_element("css selector", "button")

    button.click()
    falling, said = _accuracies(browser), header.get_attribute("aria-sort")
    button.click()
    rising = _accuracies(browser)

    # A screen reader hears the order that the eye sees.
    assert (falling, said) == (sorted(falling, reverse=True), "descending")
    assert (rising, header.get_attribute("aria-sort")) == (sorted(rising), "ascending")


def test_a_header_sorts_from_the_keyboard(browser):
    header = _header(browser, "Trial")

    header.find_element("css selector", "button").send_keys("\n")

    assert header.get_attribute("aria-sort") == "descending"


def test_the_filter_leaves_the_trials_that_match(browser):
    field = browser.find_element("id", "filter")

    field.send_keys("pruned")
    shown = browser.find_elements("css selector", "#trials tbody tr:not([hidden])")
    texts = [row.text for row in shown]
    said = browser.find_element("id", "shown").text
    field.clear()

    assert len(texts) == 6
    assert all("pruned" in text for text in texts)
    assert said == "6 of 106 trials"


def test_the_page_draws_again_when_the_system_turns_dark(browser):
    features = [{"name": "prefers-color-scheme", "value": "dark"}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    browser.execute_async_script("setTimeout(arguments[0], 1500)")

    ink = browser.find_element("css selector", ".role-axis-title text")
    # The dark theme's ink, as `rexpand.report.theme` has it.
    assert ink.get_attribute("fill") == "#e8ebee"


def test_the_console_stays_silent(browser):
    # Last in the file: whatever the tests above did, no script complained.
    assert browser.get_log("browser") == []
