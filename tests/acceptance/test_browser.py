"""The documentation page, and logging in by a cookie, in a real browser."""

import json
import os
import re
from pathlib import Path

from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support import expected_conditions as expected
from selenium.webdriver.support.wait import WebDriverWait

from tests.acceptance.conftest import Environment, Project
from tests.acceptance.outside import REPOSITORY, Client

SCREENSHOT = REPOSITORY / 'docs' / 'images' / 'api-docs-try-out.png'


def test_docs_page_shows_and_calls_the_api(browser: Chrome, admin: Client, admin_key: str) -> None:
    wait = WebDriverWait(browser, 20)
    browser.get(f'{admin.base}/api/docs')
    wait.until(expected.presence_of_element_located((By.CSS_SELECTOR, '.opblock')))
    shown = [element.text for element in browser.find_elements(By.CSS_SELECTOR, '.opblock-summary-path')]
    assert {path.replace('\u200b', '') for path in shown} == {
        '/', '/health', '/live', '/ready', '/status', '/users', '/users/me', '/users/{id}'
    }  # fmt: skip

    browser.find_element(By.CSS_SELECTOR, 'button.authorize').click()
    wait.until(expected.presence_of_element_located((By.CSS_SELECTOR, '.auth-container input'))).send_keys(admin_key)
    browser.find_element(By.CSS_SELECTOR, '.auth-container button.authorize').click()
    browser.find_element(By.CSS_SELECTOR, 'button.btn-done').click()

    status, answer = try_out(browser, 'GET', '/users/me')
    assert status == '200'
    assert '"username": "admin"' in answer

    person = {'username': 'grace', 'email': 'grace@example.com', 'first_name': 'Grace', 'last_name': 'Hopper'}
    status, answer = try_out(browser, 'POST', '/users', json.dumps(person))
    assert status == '201'
    identifier = re.search(r'"id": (\d+)', answer)
    assert identifier
    try:
        status, answer = try_out(browser, 'GET', '/users')
        assert status == '200'
        assert '"username": "grace"' in answer
        keep_screenshot(browser)
    finally:
        assert admin.delete(f'/users/{identifier[1]}').status == 204

    assert [entry for entry in browser.get_log('browser') if entry['level'] == 'SEVERE'] == []


def keep_screenshot(browser: Chrome) -> None:
    """Put a picture of the first answer into the manual, if UPDATE_SCREENSHOT is set, and check that it has one."""
    answer = browser.find_element(By.CSS_SELECTOR, '.live-responses-table')
    browser.execute_script('arguments[0].scrollIntoView()', answer)
    if os.environ.get('UPDATE_SCREENSHOT'):
        browser.save_screenshot(str(SCREENSHOT))
    assert SCREENSHOT.read_bytes().startswith(b'\x89PNG')
    assert browser.get_screenshot_as_png().startswith(b'\x89PNG')


def try_out(browser: Chrome, method: str, path: str, body: str | None = None) -> tuple[str, str]:
    """Send a request from the documentation page that is open: the status and the text of what it then shows."""
    wait = WebDriverWait(browser, 20)
    wait.until(expected.presence_of_element_located((By.CSS_SELECTOR, '.opblock')))
    blocks = browser.find_elements(By.CSS_SELECTOR, '.opblock')
    block = next(item for item in blocks if item.text.replace('\u200b', '').split()[:2] == [method, path])
    block.find_element(By.CSS_SELECTOR, 'button.opblock-summary-control').click()
    wait.until(lambda _: block.find_elements(By.CSS_SELECTOR, 'button.execute'))
    if body is not None:
        block.find_element(By.CSS_SELECTOR, 'textarea.body-param__text').send_keys(Keys.CONTROL, 'a', Keys.NULL, body)
    block.find_element(By.CSS_SELECTOR, 'button.execute').click()
    wait.until(lambda _: block.find_elements(By.CSS_SELECTOR, '.live-responses-table .response-col_status'))
    status = block.find_element(By.CSS_SELECTOR, '.live-responses-table .response .response-col_status').text
    return status[:3], block.find_element(By.CSS_SELECTOR, '.live-responses-table').text


SETTINGS = """
AUTHENTICATION = {
    'backend': 'colibris.authentication.session.SessionBackend',
    'model': 'myproject.models.User',
    'session_model': 'myproject.models.Session',
}
"""
MODELS = """
from colibris import authentication


class Session(authentication.SessionModel):
    pass
"""
VIEWS = """
from colibris import authentication


async def log_in(request):
    user = models.User.get(username=(await request.json())['username'])
    authentication.login(request, user, persistent=True)


def log_out(request):
    authentication.logout(request)
"""
ROUTES = """
ROUTES += [('/login', views.log_in, ['POST']), ('/logout', views.log_out, ['POST'])]
"""
FETCH = """
const [method, path, data, headers, done] = arguments;
const body = data && JSON.stringify(data);
fetch(path, {method, body, headers: {'Content-Type': 'application/json', ...headers}}).then(
    response => done([response.status, response.headers.get('X-CSRF-Token')]), done
);
"""


def test_logging_in_by_a_cookie(browser: Chrome, environment: Environment, tmp_path: Path) -> None:
    project = Project.generate(tmp_path, environment)
    for name, text in {'settings': SETTINGS, 'models': MODELS, 'views': VIEWS, 'routes': ROUTES}.items():
        with (project.path / 'myproject' / f'{name}.py').open('a') as module:
            module.write(text)
    project.manage('makemigrations', 'add_sessions')
    project.manage('migrate')
    project.manage('adduser', 'ada')
    server = project.serve()
    try:
        check_logging_in_and_out(browser, server.client.base)
    finally:
        server.stop()


def check_logging_in_and_out(browser: Chrome, base: str) -> None:
    def ask(method: str, path: str, data: object = None, **headers: str) -> tuple[int, str]:
        return tuple(browser.execute_async_script(FETCH, method, path, data, headers))

    def fetch(method: str, path: str, data: object = None, **headers: str) -> int:
        return ask(method, path, data, **headers)[0]

    browser.get(f'{base}/api/docs')
    assert fetch('GET', '/users/me') == 401
    status, token = ask('POST', '/login', {'username': 'ada'})
    assert status == 200
    cookie = browser.get_cookie('session')
    assert cookie
    assert (cookie['httpOnly'], cookie['sameSite']) == (True, 'Lax')
    assert 'session=' not in browser.execute_script('return document.cookie')
    assert fetch('GET', '/users/me') == 200

    browser.get(f'data:text/html,<form method="post" action="{base}/logout"></form>')
    browser.execute_script('document.forms[0].submit()')
    WebDriverWait(browser, 20).until(lambda _: browser.current_url == f'{base}/logout')
    browser.get(f'{base}/api/docs')
    assert fetch('GET', '/users/me') == 200, 'another page has logged nobody out'

    assert fetch('POST', '/logout') == 403
    assert fetch('POST', '/logout', **{'X-CSRF-Token': token}) == 200
    assert browser.get_cookie('session') is None
    assert fetch('GET', '/users/me') == 401
    browser.add_cookie({'name': 'session', 'value': cookie['value']})
    assert fetch('GET', '/users/me') == 401

    assert fetch('POST', '/login', data={'username': 'ada'}) == 200
    browser.get(f'{base}/api/docs')
    assert try_out(browser, 'POST', '/logout')[0] == '200', 'the page sends the token'
    assert fetch('GET', '/users/me') == 401
