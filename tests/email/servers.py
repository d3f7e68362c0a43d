"""Real mail servers in a thread of their own, on free loopback ports."""

import asyncio
import contextlib
import datetime
import ipaddress
import logging
import re
import socket
import ssl
import tempfile
import threading
from email import message_from_bytes, policy
from functools import cache

from aiosmtpd.smtp import SMTP, AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HOST = '127.0.0.1'
USERNAME = 'ada'
PASSWORD = 'päss word'  # of a server that lives for seconds

logging.getLogger('mail.log').setLevel(logging.ERROR)  # aiosmtpd tells every step


class MailServer:
    """A strict mail server that remembers what it gets.

    ``answers`` are given to the commands with these names, one after the other, before the server's own:
    ``server.answers['DATA'] = ['451 later']``. The answer ``'hang'`` never comes, ``'close'`` ends the connection, and
    ``None`` leaves the answer to the server. ``hold`` has a command answered only when the test says so.
    """

    def __init__(self, *, tls='', auth=False, utf8=True, hostname=HOST):
        self.arrived = []
        self.commands = []
        self.problems = []
        self.answers = {}
        self.connections = 0
        self._protocols = []
        self._options = {'enable_SMTPUTF8': utf8, 'hostname': 'mail.example.com', 'timeout': 60}
        context = server_context(hostname) if tls else None
        if tls == 'start':
            self._options |= {'tls_context': context, 'require_starttls': True}
        self.needs_login = auth
        if auth:
            is_required = tls == 'start'  # the library knows of no other encryption, and warns of a login without any
            options = {'auth_required': is_required, 'auth_require_tls': is_required}
            self._options |= {'authenticator': self._authenticate, **options}
        self._implicit = context if tls == 'implicit' else None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self):
        self._thread.start()
        self._server = self._call(self._listen(0))
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(self, *exc_info):
        self._call(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def stop(self):
        """Listen no more, and end every connection."""
        self._call(self._close())

    def restart(self):
        """Listen again on the same port."""
        self._server = self._call(self._listen(self.port))

    def drop_connections(self):
        """End every connection."""
        self._call(self._drop())

    def hold(self, command):
        """Have the next of these commands wait until the function that this returns is called."""
        event = asyncio.Event()
        self.answers[command] = [event]
        return lambda: self._loop.call_soon_threadsafe(event.set)

    def count(self, command):
        """How often a command has come."""
        return sum(line.split()[0].upper() == command for line in self.commands)

    async def take_answer(self, command):
        """The answer that the test has planned for a command; ``None`` if there is none."""
        planned = self.answers.get(command)
        answer = planned.pop(0) if planned else None
        if isinstance(answer, asyncio.Event):
            return await answer.wait() and None
        return answer

    async def _listen(self, port):
        return await self._loop.create_server(self._make_protocol, HOST, port, ssl=self._implicit)

    async def _close(self):
        self._server.close()
        await self._drop()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()
            await asyncio.wait([task])

    async def _drop(self):
        for protocol in self._protocols:
            if protocol.transport:
                with contextlib.suppress(AttributeError):  # Python 3.11.2, where the other side has just closed it
                    protocol.transport.abort()
        self._protocols.clear()
        await asyncio.sleep(0)

    def _call(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(60)

    def _make_protocol(self):
        protocol = Protocol(self, Handler(self), loop=self._loop, **self._options)
        self._protocols.append(protocol)
        return protocol

    def _authenticate(self, server, session, envelope, mechanism, data):
        is_right = (data.login.decode(), data.password.decode()) == (USERNAME, PASSWORD)
        return AuthResult(success=is_right, handled=is_right)


class Protocol(SMTP):
    """Gives the answers that the test has planned."""

    def __init__(self, owner, handler, **options):
        self._owner = owner
        self._is_counted = False
        super().__init__(handler, **options)

    def connection_made(self, transport):
        if not self._is_counted:  # STARTTLS makes the connection a second time
            self._owner.connections += 1
            self._is_counted = True
        super().connection_made(transport)

    def __getattribute__(self, name):
        found = super().__getattribute__(name)
        if name.startswith('smtp_'):
            return super().__getattribute__('_planned')(name.removeprefix('smtp_'), found)
        return found

    def _planned(self, command, method):
        async def answer(argument):
            self._owner.commands.append(f'{command} {argument or ""}'.strip())
            reply = await self._owner.take_answer(command)
            if reply == 'hang':
                await asyncio.Event().wait()
            elif reply == 'close':
                self.transport.close()
            elif reply:
                await self.push(reply)
            else:
                await method(argument)

        return answer


class Handler:
    """Checks, and keeps, what arrives."""

    def __init__(self, owner):
        self._owner = owner

    async def handle_DATA(self, server, session, envelope):
        if self._owner.needs_login and not session.authenticated:
            return '530 log in first'
        problems = find_problems(envelope.content, envelope.smtp_utf8)
        self._owner.problems += problems
        if problems:
            return f'554 {problems[0]}'
        reply = await self._owner.take_answer('content') or '250 taken'
        if reply == 'hang':
            await asyncio.Event().wait()
        if reply.startswith('250'):
            self._owner.arrived.append(Arrived(envelope.mail_from, envelope.rcpt_tos, envelope.content))
        return reply


class Arrived:
    """A message that a server has got."""

    def __init__(self, sender, recipients, content):
        self.sender = sender
        self.recipients = recipients
        self.content = content
        self.message = message_from_bytes(content, policy=policy.default)


def find_problems(content, is_utf8=False):
    """What a strict server would not take (RFC 5321, 5322, 2045, 2047)."""
    problems = []
    lines = content.split(b'\r\n')
    if b'\r' in content.replace(b'\r\n', b'') or b'\n' in content.replace(b'\r\n', b''):
        problems.append('a line does not end with CRLF')
    if any(len(line) > 998 for line in lines):
        problems.append('a line is too long')
    if b'\0' in content:
        problems.append('there is a NUL')
    if not is_utf8 and not content.isascii():
        problems.append('there are 8-bit characters')
    head = lines[: lines.index(b'')]
    if re.search(rb'\r\n([!-9;-~]+:)?[ \t]*\r\n[ \t]', b'\r\n'.join([b'', *head])):
        problems.append('a header is folded into a blank line')
    if any(b'=?' in line and len(line) > 76 for line in head):
        problems.append('a line with encoded words is too long')
    names = [line.partition(b':')[0].lower() for line in head if line[:1] not in b' \t']
    once = (b'from', b'date', b'message-id', b'mime-version', b'content-type')
    problems += [f'{name.decode()} is there {names.count(name)} times' for name in once if names.count(name) != 1]
    message = message_from_bytes(content, policy=policy.strict)
    problems += [str(defect) for part in message.walk() for defect in part.defects]
    if not is_utf8:
        problems += [str(defect) for value in message.values() for defect in value.defects]
    return problems


class SilentServer:
    """Accepts connections, and says nothing."""

    def __enter__(self):
        self._socket = socket.create_server((HOST, 0))
        self.port = self._socket.getsockname()[1]
        return self

    def __exit__(self, *exc_info):
        self._socket.close()


@cache
def make_certificate(hostname):
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, 'mail')])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([_name_of(hostname)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return certificate.public_bytes(pem), private


def _name_of(hostname):
    try:
        return x509.IPAddress(ipaddress.ip_address(hostname))
    except ValueError:
        return x509.DNSName(hostname)


def write_ca_file(directory, hostname=HOST):
    """The certificate that clients have to trust; gives its path."""
    path = directory / f'{hostname}.pem'
    path.write_bytes(make_certificate(hostname)[0])
    return path


def server_context(hostname):
    """The server's side of TLS."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    with tempfile.NamedTemporaryFile() as file:
        file.write(b''.join(make_certificate(hostname)))
        file.flush()
        context.load_cert_chain(file.name)
    return context
