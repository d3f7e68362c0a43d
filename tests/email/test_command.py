"""manage.py sendtestemail."""

import socket

import pytest

from colibris.commands import main
from tests.email.servers import HOST, MailServer


@pytest.fixture
def run(project, capsys, logging_as_before):
    """Run the command with a setting: ``(status, output, errors)``."""

    def call(configuration, *arguments):
        name = project(settings=f'EMAIL = {configuration!r}')
        capsys.readouterr()
        return main(name, ['sendtestemail', *arguments]), *capsys.readouterr()

    return call


def smtp_on(server, **options):
    return {'backend': 'colibris.email.smtp.SMTPBackend', 'host': HOST, 'port': server.port, **options}


def test_sent(run, mail_server):
    configuration = smtp_on(mail_server, default_from='us@example.com')
    status, output, errors = run(configuration, 'a@example.com', 'B <b@example.com>')
    assert (status, errors) == (0, '')
    assert output == 'The message to a@example.com, B <b@example.com> has been handed over.\n'
    (arrived,) = mail_server.arrived
    assert (arrived.sender, arrived.recipients) == ('us@example.com', ['a@example.com', 'b@example.com'])
    assert socket.gethostname() in arrived.message['Subject']


def test_other_sender(run, mail_server):
    assert run(smtp_on(mail_server), 'a@example.com', '--from', 'me@example.com')[0] == 0
    assert mail_server.arrived[0].sender == 'me@example.com'


def test_printed(run):
    configuration = {'backend': 'colibris.email.console.ConsoleBackend', 'default_from': 'us@example.com'}
    status, output, _ = run(configuration, 'a@example.com')
    assert status == 0
    assert '\nTo: a@example.com\nSubject: A test message from ' in output


@pytest.mark.parametrize(
    ('arguments', 'problem'),
    [
        (['nobody'], "to: 'nobody' is no address; it has to look like"),
        (['a@example.com'], "the message has no sender: give it from_, or set EMAIL['default_from']"),
    ],
)
def test_unusable(run, mail_server, arguments, problem):
    status, _, errors = run(smtp_on(mail_server), *arguments)
    assert status == 1
    assert problem in errors
    assert 'Traceback' not in errors


def test_not_configured(run):
    status, _, errors = run({}, 'a@example.com')
    assert status == 1
    assert "EMAIL is not set; {'backend': 'colibris.email.console.ConsoleBackend'} prints messages" in errors


def test_refused(run, mail_server):
    mail_server.answers['content'] = ['554 5.7.1 spam']
    status, _, errors = run(smtp_on(mail_server), 'a@example.com', '--from', 'me@example.com')
    assert status == 1
    assert 'does not accept the message: 554 5.7.1 spam' in errors
    assert 'Traceback' not in errors


def test_wrong_password(run):
    with MailServer(auth=True) as server:
        configuration = smtp_on(server, username='ada', password='hidden-word')
        status, output, errors = run(configuration, 'a@example.com', '--from', 'me@example.com')
    assert status == 1
    assert "refuses to log in 'ada': 535" in errors
    assert 'hidden-word' not in output + errors
