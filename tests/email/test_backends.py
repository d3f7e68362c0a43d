"""What is peculiar to the console, to files and to memory."""

import asyncio
import os
import stat
from email import message_from_bytes, policy

import pytest

from colibris.email import DeliveryError, EmailMessage
from colibris.email.console import ConsoleBackend
from colibris.email.file import FileBackend
from colibris.email.memory import MemoryBackend
from colibris.errors import ConfigurationError


def sealed(subject='Grüße', body='Hällo\n', **options):
    return EmailMessage(subject, body, **{'to': 'Zoë <zoe@example.com>', 'from_': 'us@example.com', **options}).seal()


async def test_console(capsys):
    message = sealed(
        html='<p>Hi</p>',
        cc='cc@example.com',
        bcc='bcc@example.com',
        reply_to='re@example.com',
        headers={'X-Text': 'wörd'},
        attachments=[('ü.txt', b'12345')],
    )
    await ConsoleBackend().deliver(message)
    rule = '-' * 72
    assert capsys.readouterr().out.splitlines() == [
        rule,
        'From: us@example.com',
        'To: Zoë <zoe@example.com>',
        'Cc: cc@example.com',
        'Bcc: bcc@example.com',
        'Reply-To: re@example.com',
        'Subject: Grüße',
        'X-Text: wörd',
        'Attachment: ü.txt (text/plain, 5 bytes)',
        '',
        'Hällo',
        '',
        '<p>Hi</p>',
        rule,
    ]


async def test_console_is_not_steered_by_texts(capsys):
    await ConsoleBackend().deliver(sealed(body='a\x1b[2Jb\x07\r\x85'))
    output = capsys.readouterr().out
    assert output.replace('\n', '').isprintable()
    assert r'a\x1b[2Jb\x07\r\x85' in output


async def test_file(project, tmp_path):
    name = project()
    backend = FileBackend('mail')
    for subject in ('first', 'second', 'third'):
        await backend.deliver(sealed(subject, bcc='bcc@example.com'))
    paths = sorted((tmp_path / name / 'mail').iterdir())
    messages = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in paths]
    assert [message['Subject'] for message in messages] == ['first', 'second', 'third']
    assert messages[0]['Bcc'] == 'bcc@example.com'
    assert {path.suffix for path in paths} == {'.eml'}
    assert {stat.S_IMODE(path.stat().st_mode) for path in paths} == {0o600}


async def test_files_of_several_processes(project, tmp_path):
    project()
    message = sealed()
    await asyncio.gather(*(FileBackend(tmp_path / 'mail').deliver(message) for _ in range(20)))
    assert len(os.listdir(tmp_path / 'mail')) == 20


async def test_folder_that_cannot_be_written(project, tmp_path):
    project()
    (tmp_path / 'file').write_text('')
    with pytest.raises(DeliveryError, match=f'cannot write into {tmp_path}/file/mail: '):
        await FileBackend(tmp_path / 'file' / 'mail').deliver(sealed())


@pytest.mark.parametrize('directory', [None, 5, ''])
def test_wrong_folder(project, directory):
    project()
    with pytest.raises(ConfigurationError, match="'directory' must be the path of a folder"):
        FileBackend(directory)


@pytest.mark.parametrize('backend', [ConsoleBackend, MemoryBackend])
async def test_what_cannot_be_sent_is_an_error_everywhere(backend):
    message = sealed()
    message.attachments.append('no attachment')
    with pytest.raises(AttributeError):
        await backend().deliver(message)
