"""A real browser, for tests of pages."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver import Chrome, ChromeOptions, ChromeService

ARGUMENTS = [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--disable-dev-shm-usage',
    '--window-size=1280,1400',
]


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[Chrome]:
    """Chromium, which keeps its log."""
    options = ChromeOptions()
    options.binary_location = shutil.which('chromium') or ''
    for argument in [*ARGUMENTS, f'--user-data-dir={tmp_path / "profile"}']:
        options.add_argument(argument)
    options.set_capability('goog:loggingPrefs', {'browser': 'ALL', 'performance': 'ALL'})
    driver = Chrome(options=options, service=ChromeService(executable_path=shutil.which('chromedriver')))
    yield driver
    driver.quit()
