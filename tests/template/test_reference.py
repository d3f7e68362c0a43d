"""The section Templates of the reference page, copied letter by letter."""

import textwrap

from colibris import template
from tests.views.serving import run, serve

__all__ = ['run', 'serve']

SETTINGS = """
TEMPLATE = {
    'backend': 'colibris.template.jinja2.Jinja2Backend',
    'extensions': [...],
    'translations': 'gettext'
}
""".replace('...', "'jinja2.ext.do'")  # the page leaves out which extensions
BASIC_USAGE = """
from colibris import template

result = template.render('my_template.txt', var1='value1', var2=16)

file_result = result

result = template.render_string('Variable var1 is {{ var1 }} and var2 is {{ var2 }}.', var1='value1', var2=16)
"""
VIEW = """
from colibris.shortcuts import html_response_template    

def index(request):
    return html_response_template('index.html', var1='value1')


ROUTES = [('/', index)]
"""  # noqa: W291  # the spaces are the page's


def test_basic_usage(project, tmp_path):
    folder = tmp_path / project(settings=SETTINGS) / 'templates'
    folder.mkdir()
    (folder / 'my_template.txt').write_text('{{ var1 }} {{ var2 }}')
    names = {}
    exec(BASIC_USAGE, names)
    assert names['file_result'] == 'value1 16'
    assert names['result'] == 'Variable var1 is value1 and var2 is 16.'


async def test_rendering_html(serve, tmp_path):
    client = await serve(VIEW, settings=textwrap.dedent(SETTINGS))
    folder = template.get_backend().folders[0]
    folder.mkdir()
    (folder / 'index.html').write_text('<p>{{ var1 }}</p>')
    response = await client.get('/')
    assert (response.content_type, await response.text()) == ('text/html', '<p>value1</p>')
