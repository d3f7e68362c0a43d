"""The section Email Sending of the reference page, copied letter by letter."""

import pytest

from colibris import bridge
from colibris.app import create_app
from colibris.conf import settings
from colibris.email.slot import slot
from tests.email.servers import HOST, PASSWORD, USERNAME, MailServer, write_ca_file

CONSOLE = """
EMAIL = {
    'backend': 'colibris.email.console.ConsoleBackend'
}
"""
SMTP = """
EMAIL = {
    'backend': 'colibris.email.smtp.SMTPBackend',
    'host': 'smtp.gmail.com',
    'port': 587,
    'use_tls': True,
    'username': 'user@gmail.com',
    'password': 'yourpassword'
}
"""
DEFAULT_FROM = """
EMAIL = {
    'default_from': 'myservice@example.com',
    ...
}
""".replace('...', "'backend': 'colibris.email.console.ConsoleBackend'")  # what the page leaves out
BASIC_USAGE = """
from colibris import email

msg = email.EmailMessage('My Subject', 'my body', to=['email@example.com'])

email.send(msg)
"""
ATTACHMENTS = """
with open('/path/to/myfile.pdf', 'rb') as f:
    msg.attach('myfile.pdf', f.read())
"""
HTML = """
msg = email.EmailMessage('My Subject', 'my text body', html='<p>My HTML content</p>', to=['email@example.com'])
"""
ROUTES = f"""
def plain(request):{BASIC_USAGE.replace(chr(10), chr(10) + '    ')}


async def explicit(request):{BASIC_USAGE.replace(chr(10), chr(10) + '    ')}


ROUTES = [('/plain', plain), ('/explicit', explicit)]
"""


def test_console(project, capsys):
    project(settings=DEFAULT_FROM)
    exec(BASIC_USAGE, {})
    output = capsys.readouterr().out
    for line in ('From: myservice@example.com', 'To: email@example.com', 'Subject: My Subject', 'my body'):
        assert f'\n{line}\n' in output


def test_console_alone(project):
    project(settings=CONSOLE)
    assert slot.check() == []
    assert type(slot.get()).__name__ == 'ConsoleBackend'


def test_disabled_by_default(project, caplog):
    project()
    exec(BASIC_USAGE, {})
    assert 'EMAIL is not set' in caplog.text


def test_attachments_and_html(project, tmp_path, capsys):
    project(settings=DEFAULT_FROM)
    (tmp_path / 'myfile.pdf').write_bytes(b'%PDF')
    names = {}
    exec(BASIC_USAGE, names)
    exec(HTML + ATTACHMENTS.replace('/path/to', str(tmp_path)) + 'email.send(msg)', names)
    output = capsys.readouterr().out
    for line in ('Attachment: myfile.pdf (application/pdf, 4 bytes)', 'my text body', '<p>My HTML content</p>'):
        assert f'\n{line}\n' in output


@pytest.fixture
def mail_server():
    with MailServer(tls='start', auth=True) as server:
        yield server
        assert server.problems == []


@pytest.fixture
def configured(project, mail_server, tmp_path):
    """A project with the page's settings, but for where the server is and what it takes to be let in."""
    project(settings=SMTP, routes=ROUTES)
    assert slot.check() == []
    settings.EMAIL = settings.EMAIL | {
        'host': HOST,
        'port': mail_server.port,
        'username': USERNAME,
        'password': PASSWORD,
        'ca_file': write_ca_file(tmp_path),
        'default_from': 'myservice@example.com',
    }


def check_arrived(mail_server):
    (arrived,) = mail_server.arrived
    assert (arrived.sender, arrived.recipients) == ('myservice@example.com', ['email@example.com'])
    assert (arrived.message['Subject'], arrived.message.get_content().strip()) == ('My Subject', 'my body')


def test_smtp_in_plain_code(configured, mail_server):
    exec(BASIC_USAGE, {})
    check_arrived(mail_server)


async def test_smtp_in_driven_code(configured, mail_server):
    await bridge.run(exec, BASIC_USAGE, {})
    check_arrived(mail_server)


@pytest.mark.parametrize('path', ['plain', 'explicit'])
async def test_smtp_in_handlers(configured, mail_server, aiohttp_client, path):
    client = await aiohttp_client(create_app())
    assert (await client.get(f'/{path}')).ok
    await client.close()
    check_arrived(mail_server)
