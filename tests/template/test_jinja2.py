"""Rendering with Jinja2."""

import asyncio
import os
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from jinja2.ext import Extension

from colibris import bridge, template
from colibris.conf.backends import BackendNotConfigured
from colibris.errors import ConfigurationError
from colibris.template import TemplateError, TemplateNotFound, TemplateSyntaxError, UndefinedVariable

MARKUP = '<b>&"\''
ESCAPED = '&lt;b&gt;&amp;&#34;&#39;'


class Shout(Extension):
    """Adds a filter."""

    def __init__(self, environment):
        super().__init__(environment)
        environment.filters['shout'] = str.upper


def test_file_and_string(templates):
    templates().write(hello__txt='Hello {{ name }}, {{ source }} and {{ self_ }}.')
    assert template.render('hello.txt', name='Ada', source=1, self_=2.5) == 'Hello Ada, 1 and 2.5.'
    assert template.render_string('{{ name }}/{{ source }}', name='Ada', source='x') == 'Ada/x'
    assert template.render_string('') == ''
    assert template.exists('hello.txt')
    assert not template.exists('hello.html')
    assert not template.exists('../settings.py')


@pytest.mark.parametrize('name', ['a.html', 'A.HTML', 'a.htm', 'a.xhtml', 'a.xml', 'a.svg', 'a.html.j2', 'a.xml.jinja'])
def test_markup_is_escaped(templates, name):
    templates().write(**{name.replace('.', '__'): '{{ value }} {{ value|safe }}'})
    assert template.render(name, value=MARKUP) == f'{ESCAPED} {MARKUP}'


@pytest.mark.parametrize('name', ['a.txt', 'a', 'html', 'a.html.txt', 'a.md', 'a.txt.j2'])
def test_other_text_is_not_escaped(templates, name):
    templates().write(**{name.replace('.', '__'): '{{ value }}'})
    assert template.render(name, value=MARKUP) == MARKUP


def test_strings_are_escaped(templates):
    templates()
    assert template.render_string('{{ value }}', value=MARKUP) == ESCAPED


def test_own_templates_come_first(templates, tmp_path):
    found = templates(folders=['first', 'second'], paths=['first', 'second', str(tmp_path)])
    for folder in ('templates', 'first', 'second'):
        (found.package / folder).mkdir(exist_ok=True)
        (found.package / folder / 'where.txt').write_text(folder)
    (found.package / 'first' / 'other.txt').write_text('first')
    (found.package / 'second' / 'other.txt').write_text('second')
    (tmp_path / 'outside.txt').write_text('{% include "where.txt" %}')
    assert [template.render(name) for name in ('where.txt', 'other.txt', 'outside.txt')] == [
        'templates',
        'first',
        'templates',
    ]


def test_extensions(templates):
    templates(extensions=['jinja2.ext.do', f'{__name__}.Shout', 'jinja2.ext.loopcontrols'])
    assert template.render_string('{% do [].append(1) %}{{ "a"|shout }}') == 'A'


def test_missing_template_says_what_was_looked_for_and_where(templates):
    found = templates(folders=['more'], paths=['more'])
    with pytest.raises(TemplateNotFound) as caught:
        template.render('absent.html')
    assert str(caught.value) == f"there is no template 'absent.html' in {found.folder}, {found.package / 'more'}"


@pytest.mark.parametrize('statement', ['include', 'extends', 'import'])
def test_missing_template_that_another_one_needs(templates, statement):
    found = templates()
    end = ' as x' if statement == 'import' else ''
    found.write(page__html=f'one\ntwo\n{{% {statement} "absent.html"{end} %}}')
    with pytest.raises(TemplateNotFound) as caught:
        template.render('page.html')
    assert (
        str(caught.value) == f"{found.folder}/page.html, line 3: there is no template 'absent.html' in {found.folder}"
    )


def test_several_that_are_missing(templates):
    found = templates()
    found.write(page__html='{% include ["a.html", "b.html"] %}')
    with pytest.raises(TemplateNotFound, match=r"page.html, line 1: there is no template 'a.html' or 'b.html' in"):
        template.render('page.html')


@pytest.mark.parametrize('name', ['../settings.py', '/etc/passwd', 'a/../../settings.py', '', '.', 'x\0y', 'x' * 300])
def test_names_cannot_leave_the_folders(templates, name):
    templates().write(a__txt='')
    with pytest.raises(TemplateNotFound):
        template.render(name)


def test_syntax_error(templates):
    found = templates()
    found.write(page__html='one\n{% if %}', main__html='{% include "page.html" %}')
    for name in ('page.html', 'main.html'):
        with pytest.raises(TemplateSyntaxError) as caught:
            template.render(name)
        assert str(caught.value).startswith(f'{found.folder}/page.html, line 2: ')
    with pytest.raises(TemplateSyntaxError, match=r'^template text, line 2: '):
        template.render_string('one\n{{ }}')
    with pytest.raises(TemplateSyntaxError, match=r"^template text, line 1: No filter named 'absent'"):
        template.render_string('{{ 1|absent }}')


def test_file_that_is_not_utf8(templates):
    found = templates()
    found.write(page__html='')
    (found.folder / 'page.html').write_bytes(b'one\n\xff')
    with pytest.raises(TemplateSyntaxError, match=r'^page.html, line 2: the file is not UTF-8$'):
        template.render('page.html')
    assert template.exists('page.html')


def test_undefined_variable_in_debug(templates):
    found = templates()
    found.write(page__html='one\n{{ user }}', base__html='\n\n{% block b %}{% endblock %}{{ end }}')
    found.write(child__html='{% extends "base.html" %}\n{% block b %}\n{{ name.first }}{% endblock %}')
    with pytest.raises(UndefinedVariable) as caught:
        template.render('page.html')
    assert str(caught.value) == f"{found.folder}/page.html, line 2: 'user' is undefined"
    with pytest.raises(UndefinedVariable) as caught:
        template.render('child.html', name='Ada')
    assert str(caught.value) == f"{found.folder}/child.html, line 3: 'str object' has no attribute 'first'"
    with pytest.raises(UndefinedVariable, match=r"base.html, line 3: 'end' is undefined"):
        template.render('child.html', name={'first': ''})
    with pytest.raises(UndefinedVariable, match=r"^template text, line 1: 'user' is undefined"):
        template.render_string('{{ user }}')


def test_undefined_variable_in_production(templates):
    found = templates(debug=False)
    assert template.render_string('<{{ user }}>') == '<>'
    found.write(page__html='\n{{ user.name }}')
    with pytest.raises(UndefinedVariable) as caught:
        template.render('page.html')
    assert str(caught.value) == f"{found.folder}/page.html, line 2: 'user' is undefined"


def test_other_errors_of_jinja2(templates):
    found = templates()
    found.write(page__html='\n{{ x|map("absent")|list }}')
    with pytest.raises(TemplateError, match=r"page.html, line 2: No filter named 'absent'"):
        template.render('page.html', x=[1])


def test_errors_of_the_application_pass_unchanged(templates):
    found = templates()
    found.write(page__html='one\n{{ f() }}')

    def fail():
        raise KeyError('x')

    with pytest.raises(KeyError) as caught:
        template.render('page.html', f=fail)
    assert any(str(entry.path).endswith('page.html') and entry.lineno == 1 for entry in caught.traceback)


def test_compiled_once(templates, monkeypatch):
    templates(debug=False).write(page__txt='{{ x }}')
    environment = template.get_backend().environment
    compiled = []
    compile_template = environment.compile

    def count(*args, **options):
        compiled.append(args)
        return compile_template(*args, **options)

    monkeypatch.setattr(environment, 'compile', count)
    for number in range(5):
        assert template.render('page.txt', x=number) == str(number)
        assert template.render_string('{{ x }}{{ x }}', x=number) == str(number) * 2
    assert len(compiled) == 2


def test_changed_file_is_read_anew_in_debug_only(templates):
    for debug, expected in ((True, 'new'), (False, 'old')):
        found = templates(debug=debug)
        found.write(page__txt='old')
        assert template.render('page.txt') == 'old'
        found.write(page__txt='new')
        os.utime(found.folder / 'page.txt', (1, 1))
        assert template.render('page.txt') == expected


@pytest.mark.parametrize(
    ('options', 'problem'),
    [
        ({'extensions': 'jinja2.ext.do'}, "'extensions' must be a list, not 'jinja2.ext.do'"),
        ({'extensions': ['jinja2.ext.absent']}, "module 'jinja2.ext' has no 'absent'"),
        ({'extensions': ['os.path.join']}, "'extensions' holds 'os.path.join', which is no Jinja2 extension"),
        ({'extensions': [...]}, "'extensions' holds Ellipsis, which is no Jinja2 extension"),
        ({'paths': '/tmp'}, "'paths' must be a list, not '/tmp'"),
        ({'paths': ['absent']}, "'paths' names what is no folder: .*absent"),
        ({'translations': 'absent.module'}, "'translations' names 'absent.module', which cannot be imported"),
        ({'translations': 'os'}, "'translations' names 'os', which has no functions gettext and ngettext"),
        ({'folder': 'x'}, "'folder' is not known to Jinja2Backend"),
    ],
)
def test_wrong_options(templates, options, problem):
    templates(**options)
    with pytest.raises(ConfigurationError, match=f'^TEMPLATE = .*: {problem}'):
        template.get_backend()


def test_not_configured(project):
    project()
    with pytest.raises(BackendNotConfigured, match='TEMPLATE'):
        template.render('page.html')
    assert template.get_locale() is None
    assert template.gettext('one') == 'one'
    assert [template.ngettext('one', 'many', number) for number in (0, 1, 2)] == ['many', 'one', 'many']


async def test_what_a_template_calls_may_wait(templates):
    templates().write(page__txt='{% for x in items %}{{ wait(x) }}{% endfor %}')
    both = asyncio.Barrier(2)

    async def meet(value):
        async with both:
            return value

    async def render(name):
        return template.render('page.txt', items=[name] * 3, wait=lambda value: bridge.wait(meet(value)))

    async with asyncio.timeout(30):
        texts = await asyncio.gather(bridge.drive(render('a')), bridge.drive(render('b')))
    assert texts == ['aaa', 'bbb']


async def test_long_rendering_lets_others_run(templates, monkeypatch):
    templates()
    monkeypatch.setattr('colibris.template.jinja2.SLICE_SECONDS', 0)
    seen = []

    async def count():
        while True:
            seen.append(len(seen))
            await asyncio.sleep(0)

    other = asyncio.create_task(count())
    text = await bridge.run(template.render_string, '{% for x in items %}{{ x }}{% endfor %}', items=range(1000))
    other.cancel()
    assert text == ''.join(map(str, range(1000)))
    assert len(seen) > 100


async def test_rendering_without_the_bridge(templates, monkeypatch):
    templates()
    monkeypatch.setattr('colibris.template.jinja2.SLICE_SECONDS', 0)
    assert template.render_string('{% for x in items %}{{ x }}{% endfor %}', items='abc') == 'abc'


async def test_cancelled_rendering(templates, monkeypatch):
    templates()
    monkeypatch.setattr('colibris.template.jinja2.SLICE_SECONDS', 0)
    task = asyncio.create_task(
        bridge.run(template.render_string, '{% for x in items %}{{ x }}{% endfor %}', items=iter(lambda: 1, 2))
    )
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert template.render_string('{{ x }}', x=1) == '1'


def test_threads(templates):
    templates().write(page__html='{% for x in items %}{{ x }}{% endfor %}')
    start = threading.Barrier(8)

    def render(number):
        start.wait(30)
        return [template.render('page.html', items=[number] * 10) for _ in range(50)]

    with ThreadPoolExecutor(8) as pool:
        for number, texts in enumerate(pool.map(render, range(8))):
            assert set(texts) == {str(number) * 10}
