"""A server that is told to end while messages are under way."""

import re
import signal
import socket
import urllib.request

import pytest

from tests.commands.conftest import shop
from tests.email.servers import HOST
from tests.taskqueue.processes import wait_until

__all__ = ['shop']

ROUTES = """
from colibris import email


def forget(request):
    email.send(email.EmailMessage('subject', 'the body', to='ada@example.com'))
    return 'sent'


ROUTES = [('/forget', forget)]
"""


class Service:
    """The project, served in a process of its own."""

    def __init__(self, shop):
        with socket.create_server((HOST, 0)) as free:
            self.port = free.getsockname()[1]
        self._log = shop.directory / 'log'
        with self._log.open('w') as file:
            self.process = shop.start('runserver', '--port', str(self.port), stdout=file, stderr=file)
        wait_until(lambda: 'Listening' in self.log)

    @property
    def log(self):
        return self._log.read_text()

    @property
    def is_listening(self):
        with socket.socket() as probe:
            return probe.connect_ex((HOST, self.port)) == 0

    def send(self):
        with urllib.request.urlopen(f'http://{HOST}:{self.port}/forget', timeout=60) as response:
            assert response.read() == b'"sent"'


@pytest.fixture
def serve(shop, mail_server):
    """Serve a project whose messages go to the mail server."""
    services = []

    def start(**options):
        email = {'backend': 'colibris.email.smtp.SMTPBackend', 'host': HOST, 'port': mail_server.port, **options}
        shop.write(settings=f"LISTEN = '{HOST}'\nEMAIL = {email!r}\n", routes=ROUTES)
        services.append(Service(shop))
        return services[0]

    yield start
    for service in services:
        service.process.kill()
        service.process.wait()


def test_messages_under_way_are_finished(serve, mail_server):
    service = serve(default_from='us@example.com', stop_timeout=60)
    release = mail_server.hold('content')
    service.send()
    wait_until(lambda: not mail_server.answers['content'])
    service.process.send_signal(signal.SIGTERM)
    wait_until(lambda: not service.is_listening)
    assert mail_server.arrived == []
    assert service.process.poll() is None
    release()
    assert service.process.wait(60) == 0, service.log
    assert len(mail_server.arrived) == 1
    assert 'ERROR' not in service.log


def test_messages_that_take_too_long_are_logged_as_lost(serve, mail_server):
    service = serve(default_from='us@example.com', stop_timeout=0.2, pool_size=1)
    mail_server.answers['content'] = ['hang']
    for _ in range(3):
        service.send()
    wait_until(lambda: not mail_server.answers['content'])
    service.process.send_signal(signal.SIGTERM)
    assert service.process.wait(60) == 0, service.log
    lost = re.findall('ERROR.* to ada@example.com is lost: everything stopped before it was sent', service.log)
    assert len(lost) == 3, service.log
    assert 'the body' not in service.log
    assert mail_server.arrived == []
