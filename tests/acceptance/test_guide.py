"""The guide: its examples are executed, and its tables say what the code says."""

import inspect
import re
from pathlib import Path
from typing import Any

import peewee
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from colibris import api, authorization, conf, persist
from colibris.commands import BaseCommand
from colibris.conf.definitions import DEFINITIONS
from colibris.middleware import handle_errors_json
from colibris.schemas import ValidationError
from colibris.views import ListCreateModelView, RetrieveUpdateDestroyModelView, operators
from tests.acceptance.conftest import Environment
from tests.acceptance.outside import REPOSITORY
from tests.acceptance.tour import table_of, take_tour

GUIDE = REPOSITORY / 'docs' / 'guide.md'
TEXT = GUIDE.read_text()
UNCAUGHT: dict[str, list[Exception]] = {
    '`DoesNotExist` of any model': [peewee.DoesNotExist()],
    '`persist.IntegrityError`': [persist.IntegrityError()],
    '`persist.DataError`': [persist.DataError()],
    '`ValidationError` of `colibris.schemas`': [ValidationError('no'), ValidationError({'name': ['no']})],
    '`persist.PoolTimeout`, `persist.DatabaseUnavailable`': [persist.PoolTimeout(), persist.DatabaseUnavailable()],
    '`web.HTTPException` of aiohttp': [web.HTTPGone()],
    'any other': [ValueError()],
}


def test_tour(environment: Environment, tmp_path: Path) -> None:
    tour = take_tour(GUIDE, environment.path / 'bin', tmp_path)
    tour.check()
    assert {block.language for block in tour.blocks} == {'bash', 'diff', 'json', 'log', 'python', 'text'}


def test_links_lead_somewhere() -> None:
    headings = {
        re.sub(r'[^\w -]', '', title.lower()).replace(' ', '-') for title in re.findall(r'^## (.+)$', TEXT, re.M)
    }
    links = re.findall(r'\]\(([^)]+)\)', TEXT)
    assert {link[1:] for link in links if link.startswith('#')} == headings
    assert all((GUIDE.parent / link).exists() for link in links if not link.startswith('#'))


def test_exceptions() -> None:
    rows = {
        row[0].strip('`'): (int(row[1]), row[2].strip('`')) for row in table_of(GUIDE, 'Exception', 'Status', 'Code')
    }
    assert rows == {name: (getattr(api, name).status, getattr(api, name).code) for name in api.__all__}
    assert [status for status, _ in rows.values()] == sorted(status for status, _ in rows.values())


@pytest.mark.parametrize(('name', 'status', 'code'), table_of(GUIDE, 'Uncaught', 'Status', 'Code'))
async def test_uncaught(write_project: Any, name: str, status: str, code: str) -> None:
    conf.setup(write_project())
    if status == 'its own':
        status, code = '410', '`gone`'
    errors = iter(UNCAUGHT[name])

    async def fail(request: web.Request) -> web.Response:
        raise next(errors)

    app = web.Application(middlewares=[handle_errors_json])
    app.router.add_get('/', fail)
    async with TestClient(TestServer(app)) as client:
        for _ in UNCAUGHT[name]:
            response = await client.get('/')
            assert (str(response.status), f'`{(await response.json())["code"]}`') == (status, code)


def test_hooks() -> None:
    rows = table_of(GUIDE, 'Hook', 'By default') + table_of(GUIDE, 'Method', 'By default')
    views = (ListCreateModelView, RetrieveUpdateDestroyModelView)
    for name, parameters in (_read_signature(row[0]) for row in rows):
        hook = next(getattr(view, name) for view in views if hasattr(view, name))
        assert [str(item).partition(':')[0] for item in inspect.signature(hook).parameters.values()][1:] == [
            parameter.partition('=')[0] for parameter in parameters
        ]
    asynchronous = {_read_signature(row[0])[0] for row in table_of(GUIDE, 'Method', 'By default') if 'async' in row[0]}
    assert all(inspect.iscoroutinefunction(getattr(ListCreateModelView, name)) for name in asynchronous)
    assert not inspect.iscoroutinefunction(ListCreateModelView.dump)


def test_operators() -> None:
    rows = table_of(GUIDE, 'Operator', 'Parameter', 'Keeps rows whose value')
    parameters = {row[0].strip('`'): row[1].strip('`').partition('=')[0] for row in rows}
    found = {name: item for name, item in vars(operators).items() if isinstance(item, operators.Operator)}
    assert parameters == {name: item.parameter('field') for name, item in found.items()}


def test_parameters_of_lists() -> None:
    rows = {row[0].strip('`'): ' '.join(row[1:]) for row in table_of(GUIDE, 'Parameter', 'Default', 'Meaning')}
    assert set(rows) == {'ordering', 'page', 'page_size'}
    assert f'`PAGE_SIZE` ({DEFINITIONS["PAGE_SIZE"].default})' in rows['page_size']
    assert f'`MAX_PAGE_SIZE` ({DEFINITIONS["MAX_PAGE_SIZE"].default})' in rows['page_size']


def test_names() -> None:
    explicit = TEXT.partition('Models have ')[2].partition('```')[0]
    of_models, of_database = explicit.split('the database has')
    assert all(inspect.iscoroutinefunction(getattr(persist.Model, name)) for name in re.findall(r'`(a\w+)`', of_models))
    names = re.findall(r'`(\w+)`', of_database)
    assert all(inspect.iscoroutinefunction(getattr(persist.DatabaseBackend, name)) for name in names)
    assert len(names) == 6
    assert {f'require_{kind}' for kind in re.findall(r'`@require_(\w*permissions?)\(', TEXT)} <= set(
        authorization.__all__
    )


def test_names_of_commands() -> None:
    class ImportBooksCommand(BaseCommand):
        def handle(self, options: Any) -> None:
            pass

    assert ImportBooksCommand.get_name() == 'importbooks'


def _read_signature(text: str) -> tuple[str, list[str]]:
    match = re.fullmatch(r'`(?:async )?(\w+)\((.*)\)`', text)
    assert match
    return match[1], match[2].split(', ') if match[2] else []
