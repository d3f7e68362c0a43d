"""Messages whose texts are templates."""

import pytest

from colibris import template
from colibris.email import EmailMessage, InvalidMessage
from colibris.template import TemplateNotFound, UndefinedVariable
from tests.template.catalogs import write_catalog
from tests.template.conftest import templates

__all__ = ['templates']


def test_all_texts(templates):
    templates().write(
        welcome__subject__txt='\n{# a comment #}\nWelcome, {{ name }}\n\n',
        welcome__txt='Hi {{ name }}',
        welcome__html='<p>{{ name }}</p>',
    )
    message = EmailMessage.from_template('welcome', {'name': '<Ada>'}, to='ada@example.com', headers={'X-Kind': 'new'})
    assert (message.subject, message.body, message.html) == ('Welcome, <Ada>', 'Hi <Ada>', '<p>&lt;Ada&gt;</p>')
    assert (message.to, message.headers) == (['ada@example.com'], {'X-Kind': 'new'})


def test_some_texts(templates):
    templates().write(text__txt='text', page__html='page')
    text = EmailMessage.from_template('text', subject='of text')
    page = EmailMessage.from_template('page', subject='of page')
    assert (text.subject, text.body, text.html) == ('of text', 'text', None)
    assert (page.subject, page.body, page.html) == ('of page', '', 'page')


def test_missing_texts(templates):
    templates().write(text__txt='text', empty__subject__txt='')
    with pytest.raises(TemplateNotFound, match=r"'text\.subject\.txt'"):
        EmailMessage.from_template('text')
    with pytest.raises(TemplateNotFound, match=r"'absent\.txt'"):
        EmailMessage.from_template('absent')
    with pytest.raises(TemplateNotFound, match=r"'empty\.txt'"):
        EmailMessage.from_template('empty')


def test_missing_variable(templates):
    templates().write(text__txt='\n{{ name }}')
    with pytest.raises(UndefinedVariable, match=r"text\.txt, line 2: 'name' is undefined"):
        EmailMessage.from_template('text', subject='s')


def test_names_cannot_leave_the_folders(templates):
    found = templates()
    found.write(a__txt='')
    (found.package / 'secret.txt').write_text('secret')
    with pytest.raises(TemplateNotFound):
        EmailMessage.from_template('../secret', subject='s')


def test_subject_cannot_forge_headers(templates):
    templates().write(text__txt='', text__subject__txt='For {{ name }}')
    with pytest.raises(InvalidMessage, match='subject holds a line break'):
        EmailMessage.from_template('text', {'name': 'a\r\nBcc: victim@example.com'})


def test_locale(templates):
    found = templates(translations='gettext')
    found.write(text__txt='{{ _("Hello") }}', text__subject__txt='{{ _("Hello") }}')
    write_catalog(found.package, 'de', {'Hello': 'Hallo'})
    with template.use_locale('de'):
        message = EmailMessage.from_template('text')
    assert (message.subject, message.body) == ('Hallo', 'Hallo')
