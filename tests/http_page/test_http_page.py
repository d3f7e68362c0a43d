"""``docs/http.md`` shows what is really answered."""

import importlib
import inspect
import os

import pytest

from colibris import api
from colibris.api import envelope
from colibris.conf import settings
from colibris.views import pagination
from colibris.views.filtering import operators
from tests.http_page.tables import PAGE, all_sections, read_table, table_of, write_table

SECTIONS = all_sections()
ABSTRACT = {'Envelope', 'Paged', 'PlainEnvelope'}


@pytest.mark.parametrize('name', SECTIONS)
async def test_the_page_shows_real_answers(serve, run, name):
    section = SECTIONS[name]
    client = await serve(section.routes, models=section.models, settings=section.settings)
    models = importlib.import_module(f'{settings.PROJECT_PACKAGE_NAME}.models')
    if section.fill:
        await run(section.fill, models)
    table = await table_of(section, client)
    if os.environ.get('UPDATE_HTTP_PAGE'):
        write_table(name, table)
    assert read_table(name) == table


def test_every_operator_is_shown():
    shown = {row.title.strip('`') for row in SECTIONS['filters'].rows}
    assert set(operators.__all__) - {'Operator'} <= shown


def test_every_kind_of_page_is_shown():
    shown = {row.title.strip('`') for row in SECTIONS['pages'].rows}
    assert set(pagination.__all__) - {'Page', 'Pagination'} <= shown


def test_every_envelope_is_shown():
    shown = {row.title.strip('`') for row in SECTIONS['envelopes'].rows}
    assert {name for name in envelope.__all__ if inspect.isclass(getattr(envelope, name))} - ABSTRACT <= shown


def test_every_error_is_shown():
    table = read_table('errors')
    for name in api.__all__:
        error = getattr(api, name)
        assert f'`{error.status}`<br>`{{"code": "{error.code}"' in table, name


def test_the_page_has_no_table_that_nobody_makes():
    named = [line[len('<!-- table: ') : -len(' -->')] for line in PAGE.read_text().splitlines() if '<!-- table' in line]
    assert sorted(named) == sorted(SECTIONS)
