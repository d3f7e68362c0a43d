"""The documentation page in a real browser."""

import shutil
from collections.abc import Iterator

import pytest
from selenium.webdriver import Chrome, ChromeOptions, ChromeService
from selenium.webdriver.common.by import By
from selenium.webdriver.support import expected_conditions as expected
from selenium.webdriver.support.wait import WebDriverWait

from tests.acceptance.outside import Client

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
def browser(tmp_path) -> Iterator[Chrome]:
    options = ChromeOptions()
    options.binary_location = shutil.which('chromium') or ''
    for argument in [*ARGUMENTS, f'--user-data-dir={tmp_path / "profile"}']:
        options.add_argument(argument)
    options.set_capability('goog:loggingPrefs', {'browser': 'ALL', 'performance': 'ALL'})
    driver = Chrome(options=options, service=ChromeService(executable_path=shutil.which('chromedriver')))
    yield driver
    driver.quit()


def test_docs_page_shows_and_calls_the_api(browser: Chrome, anonymous: Client, admin_key: str) -> None:
    wait = WebDriverWait(browser, 20)
    browser.get(f'{anonymous.base}/api/docs')
    wait.until(expected.presence_of_element_located((By.CSS_SELECTOR, '.opblock')))
    shown = [element.text for element in browser.find_elements(By.CSS_SELECTOR, '.opblock-summary-path')]
    assert {path.replace('\u200b', '') for path in shown} == {'/', '/health', '/users', '/users/me', '/users/{id}'}

    browser.find_element(By.CSS_SELECTOR, 'button.authorize').click()
    wait.until(expected.presence_of_element_located((By.CSS_SELECTOR, '.auth-container input'))).send_keys(admin_key)
    browser.find_element(By.CSS_SELECTOR, '.auth-container button.authorize').click()
    browser.find_element(By.CSS_SELECTOR, 'button.btn-done').click()

    block = next(
        item
        for item in browser.find_elements(By.CSS_SELECTOR, '.opblock')
        if '/users/me' in item.text.replace('\u200b', '')
    )
    block.find_element(By.CSS_SELECTOR, 'button.opblock-summary-control').click()
    wait.until(lambda _: block.find_elements(By.CSS_SELECTOR, 'button.execute'))
    block.find_element(By.CSS_SELECTOR, 'button.execute').click()
    wait.until(lambda _: block.find_elements(By.CSS_SELECTOR, '.live-responses-table .response-col_status'))
    assert block.find_element(By.CSS_SELECTOR, '.live-responses-table .response .response-col_status').text.startswith(
        '200'
    )
    assert '"username": "admin"' in block.find_element(By.CSS_SELECTOR, '.live-responses-table').text

    assert [entry for entry in browser.get_log('browser') if entry['level'] == 'SEVERE'] == []
