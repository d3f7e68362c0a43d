"""The fixture ``outbox``, and that tests send nothing."""

import pytest

from colibris import email
from colibris.conf import settings
from colibris.email import EmailMessage
from colibris.email.slot import slot
from colibris.email.smtp import SMTPBackend
from colibris.test.outbox import email_is_kept as keep_email
from colibris.test.outbox import outbox
from tests.email.servers import HOST

__all__ = ['outbox']

MESSAGE = EmailMessage('subject', to='a@example.com')


@pytest.fixture
def email_is_kept(configured, request):
    """The plugin's fixture, once the project is there."""
    return keep_email.__wrapped__(request)


@pytest.fixture(autouse=True)
def configured(project, mail_server):
    """A project whose messages would go to the mail server."""
    options = {'backend': 'colibris.email.smtp.SMTPBackend', 'host': HOST, 'port': mail_server.port}
    project(settings=f'EMAIL = {options | {"default_from": "us@example.com"}!r}')


async def test_nothing_is_really_sent(mail_server, outbox):
    email.send(MESSAGE)
    await email.send_now(MESSAGE)
    await email.send_many([MESSAGE, MESSAGE])
    assert [(item.subject, item.from_) for item in outbox] == [('subject', 'us@example.com')] * 4
    assert mail_server.connections == 0


def test_not_even_without_the_fixture(mail_server, email_is_kept):
    email.send(MESSAGE)
    assert mail_server.connections == 0
    assert not isinstance(slot.get(), SMTPBackend)


def test_project_without_email(outbox):
    with settings.override(EMAIL={}):
        email.send(EmailMessage('subject', to='a@example.com', from_='b@example.com'))
    assert len(outbox) == 1
