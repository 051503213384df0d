"""Headless Chromium, for the tests marked `browser`."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

_OPTIONS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


class Chromium:
    """Headless Chromium under selenium; `driver` is selenium's."""

    def __init__(self, webdriver: Any, binary: str, driver: str, profile: Path) -> None:
        options = webdriver.ChromeOptions()
        options.binary_location = binary
        for option in (*_OPTIONS, f"--user-data-dir={profile}"):
            options.add_argument(option)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        service = webdriver.ChromeService(executable_path=driver)
        self.driver = webdriver.Chrome(options=options, service=service)

    def open(self, page: Path, width: int) -> None:
        """Open a page in a window of `width` pixels, and wait for its figures."""
        self.show(page.as_uri(), width)
        self.wait("document.documentElement.dataset.drawn === 'true'")

    def show(self, address: str, width: int) -> None:
        """Open an address in a window of `width` pixels."""
        self.driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": 1600, "deviceScaleFactor": 1, "mobile": False},
        )
        self.driver.get(address)

    def wait(self, condition: str) -> None:
        """Wait until an expression of JavaScript is true."""
        from selenium.webdriver.support.ui import WebDriverWait

        WebDriverWait(self.driver, 60).until(
            lambda driver: driver.execute_script(f"return {condition}")
        )

    def ask(self, expression: str) -> Any:
        """The value of an expression of JavaScript."""
        return self.driver.execute_script(f"return {expression.strip()}")


def opened(profile: Path) -> Iterator[Chromium]:
    """A browser; its tests are skipped where Chromium is not installed."""
    binary, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if binary is None or driver is None:
        pytest.skip("chromium and chromedriver are absent; scripts/install-browser.sh")
    webdriver = pytest.importorskip("selenium.webdriver")
    found = Chromium(webdriver, binary, driver, profile)
    try:
        yield found
    finally:
        found.driver.quit()
