"""The backend for mail servers, with real ones."""

import asyncio
import logging
import re
import threading

import pytest

from colibris import bridge
from colibris.email import DeliveryError, EmailMessage, ServerUnavailable
from colibris.email.smtp import SMTPBackend
from tests.email.servers import HOST, MailServer, SilentServer

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


async def test_server_without_extensions(mail_server, started):
    mail_server.answers['EHLO'] = ['502 unknown']
    await started.deliver(message_to())
    assert len(mail_server.arrived) == mail_server.connections == 1
    assert 'SIZE' not in ''.join(mail_server.commands)


async def test_size_is_announced(mail_server, started):
    for _ in range(2):
        await started.deliver(message_to())
    sizes = [int(line.partition('SIZE=')[2]) for line in mail_server.commands if line.startswith('MAIL')]
    assert len(sizes) == 2
    for size, arrived in zip(sizes, mail_server.arrived, strict=True):
        assert abs(size - len(arrived.content)) <= 2


async def test_answers_of_servers_are_one_line_of_the_log(mail_server, started, caplog):
    caplog.set_level(logging.INFO)
    mail_server.answers['DATA'] = ['451-first\r\n451 \x1b[31msecond\u0085third' + 'x' * 5000]
    await started.deliver(message_to())
    (record,) = [record for record in caplog.records if 'the next attempt' in record.message]
    assert '451 first  [31msecond' in record.message
    assert record.message.isprintable()
    assert len(record.message) < 2000


async def test_connection_that_comes_back_after_the_stop_is_closed(mail_server):
    backend = SMTPBackend(HOST, port=mail_server.port)
    await backend.start()
    release = mail_server.hold('DATA')
    delivery = asyncio.create_task(backend.deliver(message_to()))
    async with asyncio.timeout(30):
        while mail_server.answers['DATA']:
            await asyncio.sleep(0.001)
        pool = backend._pool
        await backend.stop()
        release()
        await delivery
    assert len(mail_server.arrived) == 1
    assert pool._idle == {}


async def test_attempts_come_to_an_end(mail_server):
    backend = SMTPBackend(HOST, port=mail_server.port, retries=2, **QUICK)
    mail_server.answers['DATA'] = ['451 later'] * 10
    with pytest.raises(DeliveryError, match='does not accept the message: 451 later') as caught:
        await backend.deliver(message_to())
    assert caught.value.is_temporary
    assert mail_server.count('MAIL') == 3


async def test_each_pause_is_twice_as_long(mail_server, caplog):
    caplog.set_level(logging.INFO)
    backend = SMTPBackend(HOST, port=mail_server.port, retries=4, retry_pause=0.001)
    mail_server.answers['DATA'] = ['451 later'] * 4
    await backend.deliver(message_to())
    assert re.findall(r'the next attempt follows in (\S+) s', caplog.text) == ['0.001', '0.002', '0.004', '0.008']


@pytest.mark.parametrize('answers', [['421 closing'], [None, '421 closing']])
async def test_connection_that_ends_among_the_recipients(mail_server, started, answers):
    mail_server.answers['RCPT'] = answers
    await started.deliver(message_to('a@example.com', 'b@example.com'))
    recipients = [recipient for arrived in mail_server.arrived for recipient in arrived.recipients]
    assert recipients == ['a@example.com', 'b@example.com']
    assert mail_server.connections == 2


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


async def test_server_away(mail_server, caplog):
    caplog.set_level(logging.INFO)
    mail_server.stop()
    backend = SMTPBackend(HOST, port=mail_server.port, retries=2, **QUICK)
    with pytest.raises(ServerUnavailable, match=rf'^the mail server {HOST}:{mail_server.port} is not available: '):
        await backend.deliver(message_to())
    messages = [message_to(), message_to(), message_to()]
    caplog.clear()
    failures = await backend.deliver_many(messages)
    assert [message for message, _ in failures] == messages
    assert caplog.text.count('the next attempt follows') == 2
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


async def test_large_messages_are_composed_in_threads(started, monkeypatch):
    compose, threads = EmailMessage.as_bytes, []

    def compose_somewhere(message):
        threads.append(threading.current_thread())
        return compose(message)

    monkeypatch.setattr(EmailMessage, 'as_bytes', compose_somewhere)
    for size in (0, 1024**2):
        await started.deliver(message_to(attachments=[('large.bin', bytes(size))]))
    assert [thread is threading.main_thread() for thread in threads] == [True, False]


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
