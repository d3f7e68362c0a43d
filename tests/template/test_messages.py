"""manage.py makemessages and compilemessages."""

import re

import pytest

from colibris import template
from colibris.commands import main

SETTINGS = """
TEMPLATE = {
    'backend': 'colibris.template.jinja2.Jinja2Backend', 'translations': 'gettext', 'extensions': ['jinja2.ext.do'],
}
"""
VIEWS = """
from colibris.template import gettext, ngettext

NAME = gettext('from Python')
# Translators: how many
COUNT = ngettext('one thing', 'many things', 2)
NOT = print('not this')
"""
PAGE = """
{% do [].append(1) %}
{% trans %}
    from a
    template
{% endtrans %}
{{ pgettext('month', 'May') }} {{ _('%(x)s of them', x=1) }}
"""


@pytest.fixture
def package(project, tmp_path):
    name = project(settings=SETTINGS, views=VIEWS)
    folder = tmp_path / name / 'templates'
    folder.mkdir()
    (folder / 'page.html').write_text(PAGE)
    (folder / 'picture.png').write_bytes(b'\x89PNG {% if')
    return tmp_path / name


@pytest.fixture
def run(package, capsys, logging_as_before):
    """Run manage.py: ``(status, output, errors)``."""

    def call(*arguments):
        capsys.readouterr()
        status = main(package.name, arguments)
        return status, *capsys.readouterr()

    return call


def po_of(package, locale='de'):
    return package / 'locale' / locale / 'LC_MESSAGES' / 'messages.po'


def translate(path, **translations):
    text = path.read_text()
    for message, translation in translations.items():
        message = message.replace('_', ' ')
        assert f'msgid "{message}"\nmsgstr ""' in text
        text = text.replace(f'msgid "{message}"\nmsgstr ""', f'msgid "{message}"\nmsgstr "{translation}"')
    path.write_text(text)


def test_from_source_to_text(run, package):
    status, output, _ = run('makemessages', 'de')
    assert (status, output) == (0, f'{package.name}/locale/de/LC_MESSAGES/messages.po: 5 texts\n')
    text = po_of(package).read_text()
    assert f'#: {package.name}/templates/page.html:3\nmsgid "from a template"' in text
    assert f'#. how many\n#: {package.name}/views.py:6\n' in text
    assert 'msgctxt "month"\nmsgid "May"' in text
    assert str(package) not in text
    assert 'not this' not in text

    translate(po_of(package), from_Python='aus Python', from_a_template='aus einer Vorlage')
    status, output, _ = run('compilemessages')
    assert (status, output) == (0, f'{package.name}/locale/de/LC_MESSAGES/messages.po: 2 of 5 texts are translated\n')
    with template.use_locale('de'):
        assert template.gettext('from Python') == 'aus Python'
        assert template.render('page.html').split() == ['aus', 'einer', 'Vorlage', 'May', '1', 'of', 'them']


def test_translations_survive_changes(run, package):
    run('makemessages', 'de', 'pt_BR')
    translate(po_of(package), from_Python='aus Python', from_a_template='aus einer Vorlage')
    before = re.sub(
        'POT-Creation-Date: [^\\\\]+', 'POT-Creation-Date: 2001-02-03 04:05+0000', po_of(package).read_text()
    )
    assert '2001-02-03' in before
    po_of(package).write_text(before)
    assert run('makemessages')[0] == 0
    assert po_of(package).read_text() == before
    (package / 'views.py').write_text("NAME = gettext('quite new')")
    status, output, _ = run('makemessages')
    assert status == 0
    assert len(output.splitlines()) == 2
    text = po_of(package).read_text()
    assert '#~ msgid "from Python"\n#~ msgstr "aus Python"' in text
    assert 'msgid "from a template"\nmsgstr "aus einer Vorlage"' in text
    assert 'msgid "quite new"\nmsgstr ""' in text


def test_fuzzy_translations_count_on_demand(run, package):
    run('makemessages', 'de')
    translate(po_of(package), from_Python='aus Python')
    text = po_of(package).read_text()
    po_of(package).write_text(text.replace(f'#: {package.name}/views.py:4', f'#: {package.name}/views.py:4\n#, fuzzy'))
    assert ' 0 of 5 ' in run('compilemessages')[1]
    assert ' 1 of 5 ' in run('compilemessages', '--fuzzy')[1]


def test_nothing_to_do(run):
    status, _, errors = run('makemessages')
    assert status == 1
    assert 'there are no locales yet; name one: makemessages de\n' in errors
    assert run('compilemessages')[0] == 1


def test_no_templates(project, capsys, logging_as_before):
    status = main(project(), ['makemessages', 'de'])
    assert status == 1
    assert 'TEMPLATE is not set' in capsys.readouterr().err


@pytest.mark.parametrize('locale', ['xx', '../de', 'de/..', '', 'de_XX_YY'])
def test_no_locale(run, package, locale):
    status, _, errors = run('makemessages', locale)
    assert status == 1
    assert f"there is no locale '{locale}'" in errors
    assert not (package / 'locale').exists()


def test_broken_sources(run, package):
    (package / 'templates' / 'page.html').write_text('\n{% if')
    status, _, errors = run('makemessages', 'de')
    assert status == 1
    assert f'{package.name}/templates/page.html, line 2: ' in errors
    assert not po_of(package).exists()


def test_broken_translations(run, package):
    run('makemessages', 'de')
    good = po_of(package).read_text()
    for text, problem in (
        (good + '\nmsgid "x', 'line'),
        (good.replace('msgid "%(x)s of them"\nmsgstr ""', 'msgid "%(x)s of them"\nmsgstr "%(y)s davon"'), 'line'),
        ('\0', 'line'),
    ):
        po_of(package).write_text(text)
        status, _, errors = run('compilemessages')
        assert status == 1, text
        assert f'{po_of(package)}, {problem} ' in errors
    po_of(package).write_bytes(b'msgid "\xff"')
    status, _, errors = run('compilemessages')
    assert status == 1
    assert f'{po_of(package)}' in errors
    assert not po_of(package).with_suffix('.mo').exists()
