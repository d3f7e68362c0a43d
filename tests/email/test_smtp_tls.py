"""Encrypted connections to mail servers, and logging in."""

import ssl

import pytest

from colibris.email import DeliveryError
from colibris.email.smtp import SMTPBackend
from tests.email.servers import HOST, PASSWORD, USERNAME, MailServer, write_ca_file
from tests.email.test_smtp import QUICK, message_to


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
