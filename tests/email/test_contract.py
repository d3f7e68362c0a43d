"""The contract, over every e-mail backend."""

import pytest

from colibris.email.console import ConsoleBackend
from colibris.email.file import FileBackend
from colibris.email.memory import MemoryBackend
from colibris.email.smtp import SMTPBackend
from colibris.test.email import EmailBackendContract
from tests.email.servers import HOST, PASSWORD, USERNAME, MailServer, write_ca_file


class TestMemoryBackend(EmailBackendContract):
    @pytest.fixture
    def backend(self):
        return MemoryBackend()

    @pytest.fixture
    def arrived(self, backend):
        return lambda: [message.subject for message in backend.outbox]


class TestConsoleBackend(EmailBackendContract):
    @pytest.fixture
    def backend(self):
        return ConsoleBackend()

    @pytest.fixture
    def arrived(self, capsys):
        seen = []

        def read():
            seen.append(capsys.readouterr().out)
            return ''.join(seen).split('From: ')[1:]

        return read


class TestFileBackend(EmailBackendContract):
    @pytest.fixture
    def backend(self, project, tmp_path):
        project()
        return FileBackend(tmp_path / 'mail')

    @pytest.fixture
    def arrived(self, tmp_path):
        return lambda: [path.read_text() for path in (tmp_path / 'mail').glob('*.eml')]


class TestSMTPBackend(EmailBackendContract):
    tls = ''

    @pytest.fixture
    def server(self):
        with MailServer(tls=self.tls, auth=bool(self.tls)) as server:
            yield server
            assert server.problems == []

    @pytest.fixture
    def backend(self, server, tmp_path):
        options = {'username': USERNAME, 'password': PASSWORD, 'ca_file': write_ca_file(tmp_path)} if self.tls else {}
        return SMTPBackend(
            HOST, port=server.port, use_tls=bool(self.tls), implicit_tls=self.tls == 'implicit', pool_size=2, **options
        )

    @pytest.fixture
    def arrived(self, server):
        return lambda: [item.content.decode() for item in server.arrived]


class TestSMTPBackendWithSTARTTLS(TestSMTPBackend):
    tls = 'start'


class TestSMTPBackendWithImplicitTLS(TestSMTPBackend):
    tls = 'implicit'
