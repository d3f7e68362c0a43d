"""The backend for mail servers, with real ones."""

import asyncio
import logging
import ssl

import pytest

from colibris import bridge
from colibris.email import DeliveryError, EmailMessage, ServerUnavailable
from colibris.email.smtp import SMTPBackend
from colibris.errors import ConfigurationError
from tests.email.servers import HOST, PASSWORD, USERNAME, MailServer, SilentServer, write_ca_file

QUICK = {'retry_pause': 0.001}


def message_to(*recipients, subject='subject', **options):
    return EmailMessage(subject, 'body', to=recipients or ['a@example.com'], from_='from@example.com', **options).seal()


@pytest.fixture
async def started(mail_server):
    """A backend that has been started."""
    backend = SMTPBackend(HOST, port=mail_server.port, **QUICK)
    await backend.start()
    yield backend
    await backend.stop()


async def test_envelope(mail_server, started):
    await started.deliver(message_to('A <a@example.com>', 'b@example.com', cc='c@example.com', bcc='a@example.com'))
    (arrived,) = mail_server.arrived
    assert arrived.sender == 'from@example.com'
    assert arrived.recipients == ['a@example.com', 'b@example.com', 'c@example.com']


async def test_connection_is_used_again(mail_server, started):
    for _ in range(5):
        await started.deliver(message_to())
    assert len(mail_server.arrived) == 5
    assert mail_server.connections == 1
    await started.stop()
    assert mail_server.count('QUIT') == 1


async def test_many_over_one_connection(mail_server):
    backend = SMTPBackend(HOST, port=mail_server.port)
    assert await backend.deliver_many([message_to() for _ in range(20)]) == []
    assert len(mail_server.arrived) == 20
    assert mail_server.connections == mail_server.count('QUIT') == 1


def test_many_over_one_connection_without_event_loop(mail_server):
    backend = SMTPBackend(HOST, port=mail_server.port)
    assert bridge.wait(backend.deliver_many([message_to() for _ in range(5)])) == []
    assert (len(mail_server.arrived), mail_server.connections) == (5, 1)


async def test_size_of_the_pool(mail_server):
    backend = SMTPBackend(HOST, port=mail_server.port, pool_size=2)
    await backend.start()
    await asyncio.gather(*(backend.deliver(message_to()) for _ in range(20)))
    assert len(mail_server.arrived) == 20
    assert mail_server.connections == 2
    await backend.stop()
    assert mail_server.count('QUIT') == 2


async def test_idle_connection_is_closed(mail_server):
    backend = SMTPBackend(HOST, port=mail_server.port, idle_timeout=0.05)
    await backend.start()
    await backend.deliver(message_to())
    async with asyncio.timeout(30):
        while mail_server.count('QUIT') == 0:
            await asyncio.sleep(0.01)
    await backend.deliver(message_to())
    assert mail_server.connections == 2
    await backend.stop()


async def test_connection_that_the_server_has_closed(mail_server, started):
    await started.deliver(message_to())
    mail_server.drop_connections()
    await started.deliver(message_to())
    assert (len(mail_server.arrived), mail_server.connections) == (2, 2)


async def test_connection_that_fails_when_it_is_used_again(mail_server, started):
    await started.deliver(message_to())
    mail_server.answers['RSET'] = ['421 too long idle']
    await started.deliver(message_to())
    assert (len(mail_server.arrived), mail_server.connections) == (2, 2)


@pytest.mark.parametrize('command', ['MAIL', 'RCPT', 'DATA', 'content'])
async def test_temporary_answer_then_success(mail_server, started, command, caplog):
    caplog.set_level(logging.INFO)
    mail_server.answers[command] = ['451 4.3.0 later', '450 4.2.0 still later']
    await started.deliver(message_to())
    (arrived,) = mail_server.arrived
    assert arrived.recipients == ['a@example.com']
    assert mail_server.connections == 1
    assert mail_server.count('MAIL') == 3
    assert caplog.text.count('the next attempt follows in') == 2
    assert '451 4.3.0 later' in caplog.text


@pytest.mark.parametrize('command', ['MAIL', 'RCPT', 'DATA', 'EHLO'])
@pytest.mark.parametrize('answer', ['close', '421 closing'])
async def test_connection_lost_then_success(mail_server, started, command, answer):
    mail_server.answers[command] = [answer]
    await started.deliver(message_to())
    assert len(mail_server.arrived) == 1
    assert mail_server.connections >= 2


async def test_attempts_come_to_an_end(mail_server):
    backend = SMTPBackend(HOST, port=mail_server.port, retries=2, **QUICK)
    mail_server.answers['DATA'] = ['451 later'] * 10
    with pytest.raises(DeliveryError, match='does not accept the message: 451 later') as caught:
        await backend.deliver(message_to())
    assert caught.value.is_temporary
    assert mail_server.count('MAIL') == 3


@pytest.mark.parametrize('command', ['MAIL', 'DATA', 'content'])
async def test_final_answer(mail_server, started, command):
    mail_server.answers[command] = ['554 5.7.1 spam']
    with pytest.raises(
        DeliveryError, match=r'the mail server 127.0.0.1:\d+ does not accept the message: 554 5.7.1 spam'
    ) as caught:
        await started.deliver(message_to())
    assert not caught.value.is_temporary
    assert mail_server.count('MAIL') == 1
    await started.deliver(message_to())
    assert mail_server.connections == 1


async def test_some_recipients_are_refused(mail_server, started):
    mail_server.answers['RCPT'] = ['550 no such user']
    with pytest.raises(DeliveryError, match=r'refused for a@example.com \(550 no such user\)') as caught:
        await started.deliver(message_to('a@example.com', 'b@example.com'))
    assert caught.value.refused == {'a@example.com': '550 no such user'}
    assert not caught.value.is_temporary
    assert [arrived.recipients for arrived in mail_server.arrived] == [['b@example.com']]


async def test_all_recipients_are_refused(mail_server, started):
    mail_server.answers['RCPT'] = ['550 no such user', '550 none']
    with pytest.raises(DeliveryError) as caught:
        await started.deliver(message_to('a@example.com', 'b@example.com'))
    assert caught.value.refused == {'a@example.com': '550 no such user', 'b@example.com': '550 none'}
    assert (mail_server.arrived, mail_server.count('DATA')) == ([], 0)
    await started.deliver(message_to())
    assert mail_server.connections == 1


async def test_nobody_gets_it_twice(mail_server, started):
    mail_server.answers['RCPT'] = [None, '450 grey', '550 no', '450 still grey']
    with pytest.raises(DeliveryError) as caught:
        await started.deliver(message_to('a@example.com', 'b@example.com', 'c@example.com'))
    assert caught.value.refused == {'c@example.com': '550 no'}
    assert [line for line in mail_server.commands if line.startswith('RCPT')] == [
        'RCPT TO:<a@example.com>',
        'RCPT TO:<b@example.com>',
        'RCPT TO:<c@example.com>',
        'RCPT TO:<b@example.com>',
        'RCPT TO:<b@example.com>',
    ]


async def test_same_message_in_each_attempt(mail_server, started):
    mail_server.answers['content'] = ['451 later']
    message = message_to()
    await started.deliver(message)
    assert mail_server.arrived[0].message['Message-ID'] == message.id


async def test_server_away_then_back(mail_server, caplog):
    caplog.set_level(logging.INFO, 'colibris')
    backend = SMTPBackend(HOST, port=mail_server.port, retries=1000, retry_pause=0.05)
    mail_server.stop()
    task = asyncio.create_task(backend.deliver(message_to()))
    async with asyncio.timeout(30):
        while 'is not available' not in caplog.text:
            await asyncio.sleep(0.01)
        mail_server.restart()
        await task
    assert len(mail_server.arrived) == 1


async def test_server_away(mail_server):
    mail_server.stop()
    backend = SMTPBackend(HOST, port=mail_server.port, retries=2, **QUICK)
    with pytest.raises(ServerUnavailable, match=rf'^the mail server {HOST}:{mail_server.port} is not available: '):
        await backend.deliver(message_to())
    messages = [message_to(), message_to(), message_to()]
    failures = await backend.deliver_many(messages)
    assert [message for message, _ in failures] == messages
    assert len({id(error) for _, error in failures}) == 3


async def test_one_of_many_fails(mail_server, started):
    mail_server.answers['DATA'] = ['554 no']
    messages = [message_to(), message_to(), message_to()]
    failures = await started.deliver_many(messages)
    assert [message for message, _ in failures] == messages[:1]
    assert len(mail_server.arrived) == 2


async def test_unknown_host():
    backend = SMTPBackend('absent.invalid', retries=0)
    with pytest.raises(ServerUnavailable, match=r'the mail server absent.invalid:25 is not available'):
        await backend.deliver(message_to())


async def test_server_that_says_nothing():
    with SilentServer() as server:
        backend = SMTPBackend(HOST, port=server.port, timeout=0.1, retries=1, **QUICK)
        async with asyncio.timeout(30):
            with pytest.raises(ServerUnavailable, match='Timed out'):
                await backend.deliver(message_to())


@pytest.mark.parametrize('command', ['MAIL', 'RCPT', 'DATA', 'content', 'EHLO'])
async def test_server_that_hangs(mail_server, command):
    backend = SMTPBackend(HOST, port=mail_server.port, timeout=0.3, **QUICK)
    mail_server.answers[command] = ['hang']
    await backend.start()
    async with asyncio.timeout(60):
        await backend.deliver(message_to())
        await backend.stop()
    assert mail_server.connections >= 2
    assert mail_server.arrived


async def test_server_that_hangs_when_a_connection_is_used_again(mail_server):
    backend = SMTPBackend(HOST, port=mail_server.port, timeout=0.3, **QUICK)
    await backend.start()
    await backend.deliver(message_to())
    mail_server.answers['RSET'] = ['hang']
    await backend.deliver(message_to())
    mail_server.answers['QUIT'] = ['hang']
    async with asyncio.timeout(60):
        await backend.stop()
    assert len(mail_server.arrived) == 2


@pytest.mark.parametrize('command', ['EHLO', 'MAIL', 'DATA', 'content', 'RSET'])
async def test_cancelled_while_it_waits(mail_server, started, command):
    await started.deliver(message_to(subject='first'))
    if command == 'EHLO':
        mail_server.drop_connections()
    mail_server.answers[command] = ['hang']
    task = asyncio.create_task(started.deliver(message_to(subject='second')))
    async with asyncio.timeout(30):
        while mail_server.answers[command]:
            await asyncio.sleep(0.001)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await started.deliver(message_to(subject='third'))
    assert [arrived.message['Subject'] for arrived in mail_server.arrived] == ['first', 'third']


async def test_large_message_leaves_the_loop_free(mail_server, started):
    large = message_to(attachments=[('large.bin', bytes(8 * 1024**2))])
    turns = 0

    async def count():
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    counting = asyncio.create_task(count())
    await started.deliver(large)
    counting.cancel()
    assert turns > 100
    (attachment,) = mail_server.arrived[0].message.iter_attachments()
    assert attachment.get_content() == bytes(8 * 1024**2)


async def test_other_scripts_before_the_at():
    with MailServer() as server:
        backend = SMTPBackend(HOST, port=server.port)
        await backend.deliver(message_to('用户@example.com'))
        assert server.arrived[0].recipients == ['用户@example.com']
        assert server.problems == []
    with MailServer(utf8=False) as server:
        backend = SMTPBackend(HOST, port=server.port)
        await backend.start()
        with pytest.raises(DeliveryError, match='accepts no addresses with letters that are not ASCII') as caught:
            await backend.deliver(message_to('用户@example.com'))
        assert not caught.value.is_temporary
        await backend.deliver(message_to())
        assert (len(server.arrived), server.connections) == (1, 1)
        await backend.stop()


class Encrypted:
    """What holds for either kind of encryption."""

    tls = ''

    @pytest.fixture
    def server(self):
        with MailServer(tls=self.tls, auth=True) as server:
            yield server
            assert server.problems == []

    def backend(self, server, tmp_path, **options):
        options = {'username': USERNAME, 'password': PASSWORD, 'ca_file': write_ca_file(tmp_path), **QUICK, **options}
        return SMTPBackend(HOST, port=server.port, use_tls=True, implicit_tls=self.tls == 'implicit', **options)

    async def test_login(self, server, tmp_path):
        await self.backend(server, tmp_path).deliver(message_to())
        assert len(server.arrived) == 1
        assert server.count('AUTH') == 1

    async def test_wrong_password(self, server, tmp_path):
        backend = self.backend(server, tmp_path, password='wrong-secret')
        with pytest.raises(DeliveryError, match=f"refuses to log in '{USERNAME}': 535") as caught:
            await backend.deliver(message_to())
        assert not caught.value.is_temporary
        assert 'wrong-secret' not in str(caught.value) + repr(vars(backend))
        assert server.connections == 1

    async def test_certificate_that_is_not_trusted(self, server, tmp_path):
        with pytest.raises(DeliveryError, match=r'cannot be used: .*certificate') as caught:
            await self.backend(server, tmp_path, ca_file=None).deliver(message_to())
        assert not caught.value.is_temporary
        assert isinstance(caught.value.__cause__, ssl.SSLCertVerificationError | OSError)
        assert server.connections <= 1
        assert server.count('AUTH') == 0

    async def test_certificate_of_another_host(self, tmp_path):
        with MailServer(tls=self.tls, auth=True, hostname='mail.example.com') as server:
            backend = self.backend(server, tmp_path, ca_file=write_ca_file(tmp_path, 'mail.example.com'))
            with pytest.raises(DeliveryError, match=r'cannot be used: .*certificate'):
                await backend.deliver(message_to())
            assert (server.arrived, server.count('AUTH')) == ([], 0)


class TestSTARTTLS(Encrypted):
    tls = 'start'

    async def test_encryption_is_demanded(self, mail_server):
        backend = SMTPBackend(HOST, port=mail_server.port, use_tls=True, username=USERNAME, password=PASSWORD)
        with pytest.raises(DeliveryError, match='STARTTLS'):
            await backend.deliver(message_to())
        assert (mail_server.arrived, mail_server.count('AUTH')) == ([], 0)

    async def test_server_demands_it(self, server):
        with pytest.raises(DeliveryError, match='530'):
            await SMTPBackend(HOST, port=server.port).deliver(message_to())


class TestImplicitTLS(Encrypted):
    tls = 'implicit'


@pytest.mark.parametrize(
    ('options', 'port', 'tls'),
    [
        ({}, 25, ''),
        ({'use_tls': True}, 587, 'start'),
        ({'use_tls': True, 'port': 2525}, 2525, 'start'),
        ({'use_tls': True, 'port': 465}, 465, 'implicit'),
        ({'implicit_tls': True}, 465, 'implicit'),
        ({'implicit_tls': True, 'port': 2465}, 2465, 'implicit'),
        ({'use_tls': True, 'implicit_tls': False, 'port': 465}, 465, 'start'),
        ({'port': 465}, 465, ''),
    ],
)
def test_ports_and_encryption(options, port, tls):
    server = SMTPBackend('mail.example.com', **options)._server
    assert (server.port, server.tls) == (port, tls)


@pytest.mark.parametrize(
    ('options', 'problem'),
    [
        ({'host': ''}, "'host' must be a text that is not empty"),
        ({'host': None}, "'host' must be a text"),
        ({'host': 'a\nb'}, "'host' must be a text"),
        ({'port': 0}, "'port' must be a whole number from 1 to 65535, not 0"),
        ({'port': '587'}, "'port' must be a whole number from 1 to 65535, not '587'"),
        ({'username': 5}, "'username' must be a text"),
        ({'password': ['secret']}, "'password' must be a text"),
        ({'password': 'secret'}, "'password' is of no use without 'username'"),
        ({'timeout': 0}, "'timeout' must be a number of seconds above 0, not 0"),
        ({'timeout': float('nan')}, "'timeout' must be a number of seconds above 0"),
        ({'retries': -1}, "'retries' must be a whole number from 0, not -1"),
        ({'retries': True}, "'retries' must be a whole number from 0, not True"),
        ({'retry_pause': '1'}, "'retry_pause' must be a number of seconds above 0"),
        ({'pool_size': 0}, "'pool_size' must be a whole number from 1, not 0"),
        ({'idle_timeout': -1}, "'idle_timeout' must be a number of seconds above 0"),
        ({'ca_file': '/absent.pem'}, "'ca_file': there is no file '/absent.pem'"),
        ({'default_from': 'nobody'}, "'default_from': 'nobody' is no address"),
        ({'default_from': 5}, "'default_from' must be a text, not int"),
        ({'stop_timeout': -1}, "'stop_timeout' must be a number of seconds"),
        ({'max_pending': 0}, "'max_pending' must be a whole number from 1, not 0"),
    ],
)
def test_wrong_options(options, problem):
    with pytest.raises(ConfigurationError, match=f'^{problem}') as caught:
        SMTPBackend(**{'host': HOST, **options})
    assert 'secret' not in str(caught.value)


async def test_password_without_encryption_is_worth_a_warning(caplog):
    for host in ('mail.example.com', HOST):
        backend = SMTPBackend(host, username='u', password='secret')
        await backend.start()
        await backend.stop()
    assert [record.message for record in caplog.records] == [
        "the password for the mail server mail.example.com:25 travels unencrypted; set EMAIL['use_tls']"
    ]
