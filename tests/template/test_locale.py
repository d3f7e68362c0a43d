"""The current locale."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colibris import template
from colibris.errors import ConfigurationError
from colibris.template import use_locale
from colibris.template.locale import accepted_languages, current_locale, negotiate
from tests.template.catalogs import write_catalog

AVAILABLE = ('en', 'de', 'pt_BR', 'zh_Hans')


@pytest.mark.parametrize(
    ('accepted', 'expected'),
    [
        ('', 'en'),
        ('de', 'de'),
        ('DE-at', 'de'),
        ('de_AT', 'de'),
        ('fr, de', 'de'),
        ('fr', 'en'),
        ('en;q=0.5, de;q=0.8', 'de'),
        ('de;q=0.8,en;q=0.8', 'de'),
        ('de; q=0.1, pt-BR', 'pt_BR'),
        ('pt', 'pt_BR'),
        ('pt-PT', 'pt_BR'),
        ('zh-Hans-CN', 'zh_Hans'),
        ('de;q=0', 'en'),
        ('*', 'en'),
        ('fr, *;q=0.1', 'en'),
        ('*;q=0.1, de;q=0.5', 'de'),
        ('de;q=x', 'en'),
        ('de;q=nan, pt', 'pt_BR'),
        ('de;q=2', 'en'),
        ('de;q=-1', 'en'),
        (';;;,,,q=1', 'en'),
        ('de;level=1', 'de'),
        ('fr,' * 100_000 + 'de', 'en'),
    ],
)
def test_negotiation(accepted, expected):
    assert negotiate(accepted, AVAILABLE) == expected


@given(st.text())
def test_whatever_a_client_sends(accepted):
    assert negotiate(accepted, AVAILABLE) in AVAILABLE


def test_nothing_available():
    assert negotiate('de', ()) is None


@pytest.fixture
def german_client():
    token = accepted_languages.set('de')
    yield
    accepted_languages.reset(token)


def test_chosen_locale(german_client):
    assert current_locale(AVAILABLE) == 'de'
    with use_locale('pt-BR'):
        assert current_locale(AVAILABLE) == 'pt_BR'
        with use_locale('fr'):
            assert current_locale(AVAILABLE) == 'en'
        with use_locale(None):
            assert current_locale(AVAILABLE) == 'de'
        assert current_locale(AVAILABLE) == 'pt_BR'
    assert current_locale(AVAILABLE) == 'de'


async def test_tasks_have_a_locale_each():
    both = asyncio.Barrier(2)

    async def speak(locale):
        with use_locale(locale):
            async with both:
                return current_locale(AVAILABLE)

    assert await asyncio.gather(speak('de'), speak('pt_BR')) == ['de', 'pt_BR']


def test_translations(templates):
    found = templates(translations='gettext')
    found.write(
        page__html='{% trans %}Hello{% endtrans %} {{ _("%(count)s <b>", count=n) }}|{{ ngettext("one", "many", n) }}|'
        '{{ pgettext("month", "May") }}|{% trans %}\n    only\n    here\n{% endtrans %}'
    )
    write_catalog(
        found.package,
        'de',
        {'Hello': 'Hallo', '%(count)s <b>': '<b> %(count)s', ('one', 'many'): ('eins', 'viele'), 'May': 'Mai'},
        context={'May': 'month'},
    )
    write_catalog(found.package, 'de_AT', {'Hello': 'Servus', 'only here': 'nur hier'})
    assert template.get_backend().locales() == ('en', 'de', 'de_AT')
    english = 'Hello 2 &lt;b&gt;|many|May|only here'
    assert template.render('page.html', n=2).replace('<b>', '&lt;b&gt;') == english
    with template.use_locale('de'):
        assert template.render('page.html', n=1) == '<b> 1|eins|Mai|only here'.join(['Hallo ', ''])
        assert template.get_locale() == 'de'
        assert template.gettext('Hello') == 'Hallo'
        assert template.ngettext('one', 'many', 2) == 'viele'
        assert template.render_string('{{ _("Hello") }}') == 'Hallo'
    with template.use_locale('de-AT'):
        assert template.render('page.html', n=1) == '<b> 1|eins|Mai|nur hier'.join(['Servus ', ''])
    with template.use_locale('fr'):
        assert template.get_locale() == 'en'
        assert template.gettext('Hello') == 'Hello'


def test_default_locale(templates):
    found = templates(translations='gettext', default_locale='de')
    write_catalog(found.package, 'en', {'Hallo': 'Hello'})
    assert template.get_locale() == 'de'
    assert template.gettext('Hallo') == 'Hallo'
    with template.use_locale('en'):
        assert template.gettext('Hallo') == 'Hello'


def test_variables_of_translations_are_escaped(templates):
    found = templates(translations='gettext')
    write_catalog(found.package, 'de', {'Hello %(name)s': 'Hallo %(name)s'})
    found.write(page__html='{% trans %}Hello {{ name }}{% endtrans %}{{ _("Hello %(name)s", name=name) }}')
    with template.use_locale('de'):
        assert template.render('page.html', name='<') == 'Hallo &lt;' * 2


def test_broken_catalog(templates):
    found = templates(translations='gettext')
    path = write_catalog(found.package, 'de', {'a': 'b'})
    path.write_bytes(b'nonsense')
    with (
        template.use_locale('de'),
        pytest.raises(ConfigurationError, match=f'{path} cannot be read: .*compilem'),
    ):
        template.gettext('a')


class Reversed:
    """Translations of another kind."""

    @staticmethod
    def gettext(message):
        return message[::-1]

    @staticmethod
    def ngettext(singular, plural, number):
        return f'{number} {plural}'


def test_other_object(templates):
    templates(translations=f'{__name__}.Reversed')
    assert template.render_string('{% trans %}abc{% endtrans %}{{ ngettext("x", "y", 2) }}') == 'cba2 y'
    assert template.gettext('abc') == 'cba'
    assert template.get_locale() is None
