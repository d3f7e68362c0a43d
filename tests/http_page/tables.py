"""Tables of requests and answers."""

import importlib
import json
import pkgutil
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from yarl import URL

from tests.http_page import sections

PAGE = Path(__file__).resolve().parents[2] / 'docs' / 'http.md'
BEGIN, END = '<!-- table: {} -->', '<!-- end: {} -->'
BASE = 'http://localhost:8888'
OPERATION_ID = '79bfcecd-55ba-4f97-b175-b104962cafa2'


@dataclass(frozen=True)
class Row:
    """A request: ``title`` is what it shows, ``request`` the method and the path.

    ``{next}`` and ``{prev}`` in the path stand for the links of the answer before. A body that is neither text nor
    bytes is sent as JSON.
    """

    title: str
    request: str
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Section:
    """A table.

    :param column: the header of the column of the rows' titles.
    :param routes: the project's routes, as the fixture ``serve`` takes them.
    :param rows: the requests, in their order.
    :param models: the project's models.
    :param settings: the project's settings, besides the database.
    :param fill: called with the module of the models, makes rows of theirs.
    :param shown_headers: the headers of answers that are shown.
    """

    column: str
    routes: str
    rows: list[Row]
    models: str
    settings: str = ''
    fill: Any = None
    shown_headers: tuple[str, ...] = ()


def all_sections():
    """Every section by name."""
    names = [module.name for module in pkgutil.iter_modules(sections.__path__)]
    return {name: importlib.import_module(f'{sections.__name__}.{name}').SECTION for name in names}


async def table_of(section, client):
    """The section's table, with the answers that the client gets."""
    lines = [f'| {section.column} | Request | Answer |', '|---|---|---|']
    links = {}
    base = str(client.make_url('/')).rstrip('/')
    for row in section.rows:
        method, _, path = row.request.partition(' ')
        path = path.format(**links) if '{next}' in path or '{prev}' in path else path
        data = row.body if isinstance(row.body, str | bytes | None) else json.dumps(row.body)
        content_type = {'Content-Type': 'application/json'} if data else {}
        headers = {'X-Request-ID': OPERATION_ID, **content_type, **row.headers}
        url = URL(f'{base}{path}', encoded='%z' in path)
        response = await client.session.request(method, url, data=data, headers=headers)
        text = await response.text()
        links = _links(text, base)
        cells = [row.title, _request(row, f'{method} {path}'), _answer(response, text, section, base)]
        lines.append('| ' + ' | '.join(cells) + ' |')
    return '\n'.join(lines)


def read_table(name):
    """The table as the page has it."""
    return _split(name)[1]


def write_table(name, table):
    """Have the page show the table."""
    before, _, after = _split(name)
    PAGE.write_text(f'{before}{table}{after}')


def _split(name):
    text = PAGE.read_text()
    begin, end = BEGIN.format(name) + '\n\n', '\n\n' + END.format(name)
    assert text.count(begin) == text.count(end) == 1, f'docs/http.md needs the lines {begin.strip()} and {end.strip()}'
    start, stop = text.index(begin) + len(begin), text.index(end)
    return text[:start], text[start:stop], text[stop:]


def _links(text, base):
    """The links of an answer, without the host."""
    found = re.findall(r'"(next|prev)":"([^"]+)"', text)
    return {name: url.removeprefix(base) for name, url in found}


def _request(row, line):
    parts = [line, *(f'{name}: {value}' for name, value in row.headers.items())]
    if isinstance(row.body, bytes):
        parts.append(row.body.decode(errors='backslashreplace'))
    elif row.body is not None:
        parts.append(row.body if isinstance(row.body, str) else json.dumps(row.body, ensure_ascii=False))
    return _code(*map(_shortened, parts))


def _answer(response, text, section, base):
    parts = [str(response.status)]
    parts += [f'{name}: {response.headers[name]}' for name in section.shown_headers if name in response.headers]
    if text:
        parts.append(json.dumps(json.loads(text.replace(base, BASE)), ensure_ascii=False))
    return _code(*map(_shortened, parts))


def _shortened(text):
    """A text without the part of a cursor that says nothing to people, and without long repetitions."""
    return re.sub(r'(.)\1{50,}', r'\1…\1', re.sub(r'cursor=[\w-]+', 'cursor=…', text))


def _code(*parts):
    return '<br>'.join('`' + part.replace('|', '\\|').replace('\n', ' ') + '`' for part in parts)
