"""The manual that Sphinx makes of docs/: no warning, no dead link, and pages that read well in a real browser."""

import ast
import functools
import http.server
import pkgutil
import re
import sys
import threading
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support.wait import WebDriverWait

from colibris import middleware
from tests.acceptance.outside import REPOSITORY, run
from tests.acceptance.tour import blocks_of
from tests.test_architecture import FLOORS

PAGES = sorted((REPOSITORY / 'docs').glob('*.md'))
SOURCE = ''.join(path.read_text() for path in (REPOSITORY / 'colibris').rglob('*.py'))
PICTURES = REPOSITORY / 'docs' / 'images'
GUIDE_FOUND = '#search-results li a[href*="guide.html#use-transactions"]'
PHONE = {'width': 390, 'height': 844, 'deviceScaleFactor': 1, 'mobile': True}


class Page(HTMLParser):
    """What a page refers to, and what can be referred to in it."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.links: set[str] = set()
        self.loaded: set[str] = set()
        self.anchors: set[str] = set()
        self.feed(path.read_text())

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        found = {name: value for name, value in attributes if value}
        if 'id' in found:
            self.anchors.add(found['id'])
        if tag == 'a' and 'href' in found:
            self.links.add(found['href'])
        elif tag in ('img', 'link', 'script'):
            self.loaded |= {found[name] for name in ('href', 'src') if name in found}


class Handler(http.server.SimpleHTTPRequestHandler):
    """Serves files, and says nothing."""

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture(scope='session')
def manual(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The manual, built as ``scripts/docs`` does it."""
    directory = tmp_path_factory.mktemp('manual')
    options = ('--quiet', '--fail-on-warning', '--keep-going', '--nitpicky')
    run(sys.executable, '-m', 'sphinx', *options, '-d', directory / 'trees', 'docs', directory / 'html', cwd=REPOSITORY)
    return directory / 'html'


@pytest.fixture(scope='session')
def pages(manual: Path) -> dict[Path, Page]:
    found = {path: Page(path) for path in manual.rglob('*.html')}
    assert {path.stem for path in (REPOSITORY / 'docs').rglob('*.md')} <= {path.stem for path in found}
    return found


@pytest.fixture
def address(manual: Path) -> Iterator[str]:
    """Where the manual is served."""
    handler = functools.partial(Handler, directory=manual)
    with http.server.ThreadingHTTPServer(('127.0.0.1', 0), handler) as server:
        threading.Thread(target=server.serve_forever).start()
        yield f'http://127.0.0.1:{server.server_port}'
        server.shutdown()


def test_script_builds_it_the_same_way() -> None:
    script = (REPOSITORY / 'scripts' / 'docs').read_text()
    assert '-m sphinx --quiet --fail-on-warning --keep-going --nitpicky docs ' in script


@pytest.mark.parametrize('page', PAGES, ids=lambda page: page.stem)
def test_code_compiles(page: Path) -> None:
    for block in blocks_of(page):
        if block.language in ('py', 'python'):
            ast.parse(block.text)


@pytest.mark.parametrize('page', [*PAGES, REPOSITORY / 'README.md'], ids=lambda page: page.stem)
def test_names_exist(page: Path) -> None:
    for name in sorted(set(re.findall(r'(?<![\w/.])colibris(?:\.\w+)+', page.read_text()))):
        assert f"'{name}'" in SOURCE or is_importable(name), name


def is_importable(name: str) -> bool:
    """Whether a dotted path leads to something."""
    try:
        pkgutil.resolve_name(name)
    except (ImportError, AttributeError):
        return False
    return True


def test_every_link_leads_somewhere(pages: dict[Path, Page]) -> None:
    for path, page in pages.items():
        for link in map(urlsplit, page.links | page.loaded):
            if link.scheme:
                continue
            target = (path.parent / unquote(link.path)).resolve() if link.path else path
            assert target.is_file(), f'{path.name} refers to {link.path}'
            if link.fragment and target in pages and path.stem not in ('genindex', 'search'):
                assert unquote(link.fragment) in pages[target].anchors, f'{path.name} refers to {link.geturl()}'


def test_nothing_is_loaded_from_elsewhere(pages: dict[Path, Page]) -> None:
    assert not {link for page in pages.values() for link in page.loaded if urlsplit(link).netloc}


def test_reference_has_what_the_facades_offer(manual: Path) -> None:
    text = ''.join(path.read_text() for path in (manual / 'reference').glob('*.html'))
    for name in ('views.APIView', 'cache.get_or_set', 'taskqueue.enqueue', 'test.cache.CacheBackendContract'):
        assert f'id="colibris.{name}"' in text


def test_picture_of_the_house() -> None:
    drawn: dict[int, set[str]] = {}
    for floor, part in texts_of('house.svg', 'data-floor'):
        drawn.setdefault(floor, set()).add(part)
    assert drawn == FLOORS


def test_picture_of_a_requests_way() -> None:
    described = re.findall(r'^(\d+)\. :func:`(?:~[\w.]+\.)?(\w+)`', middleware.__doc__ or '', re.MULTILINE)
    assert texts_of('request.svg', 'data-step') == [(int(number), name) for number, name in described]


def test_on_a_phone(browser: Chrome, address: str, manual: Path) -> None:
    browser.execute_cdp_cmd('Emulation.setDeviceMetricsOverride', PHONE)
    for path in sorted(manual.rglob('*.html')):
        browser.get(f'{address}/{path.relative_to(manual)}')
        width = browser.execute_script('return document.documentElement.scrollWidth')
        assert width <= PHONE['width'], f'{path.name} is {width} wide'
    assert severe_entries(browser) == []


def test_search(browser: Chrome, address: str) -> None:
    browser.get(f'{address}/index.html')
    field = browser.find_element(By.CSS_SELECTOR, '.sidebar-search')
    field.send_keys('transaction')
    field.submit()
    [found, *_] = WebDriverWait(browser, 30).until(lambda _: browser.find_elements(By.CSS_SELECTOR, GUIDE_FOUND))
    browser.get(str(found.get_attribute('href')))
    assert browser.find_element(By.ID, 'use-transactions').is_displayed()
    assert severe_entries(browser) == []


def test_dark_mode(browser: Chrome, address: str) -> None:
    dark = {'features': [{'name': 'prefers-color-scheme', 'value': 'dark'}]}
    browser.execute_cdp_cmd('Emulation.setEmulatedMedia', dark)
    browser.get(f'{address}/architecture.html')
    assert brightness(browser, 'background-color') < 60
    assert brightness(browser, 'color') > 180
    for picture in browser.find_elements(By.CSS_SELECTOR, 'article img'):
        assert browser.execute_script('return arguments[0].naturalWidth', picture) > 0

    browser.execute_cdp_cmd('Emulation.setEmulatedMedia', {'features': []})
    assert brightness(browser, 'background-color') > 240
    button = next(item for item in browser.find_elements(By.CSS_SELECTOR, '.theme-toggle') if item.is_displayed())
    seen = []
    for _ in range(3):
        button.click()
        seen.append(browser.find_element(By.TAG_NAME, 'body').get_attribute('data-theme'))
    assert sorted(map(str, seen)) == ['auto', 'dark', 'light']


def texts_of(picture: str, attribute: str) -> list[tuple[int, str]]:
    """The texts of a picture that have an attribute, with its number."""
    texts = ElementTree.parse(PICTURES / picture).iter('{http://www.w3.org/2000/svg}text')
    return [(int(text.attrib[attribute]), text.text or '') for text in texts if attribute in text.attrib]


def brightness(browser: Chrome, name: str) -> float:
    """How bright a colour of the page is, from 0 to 255."""
    value = browser.find_element(By.TAG_NAME, 'body').value_of_css_property(name)
    red, green, blue = map(int, re.findall(r'\d+', value)[:3])
    return (red + green + blue) / 3


def severe_entries(browser: Chrome) -> list[dict[str, object]]:
    """What the browser has complained about."""
    return [entry for entry in browser.get_log('browser') if entry['level'] == 'SEVERE']
