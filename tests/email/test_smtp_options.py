"""What the backend for mail servers can be told."""

import pytest

from colibris.email.smtp import SMTPBackend
from colibris.errors import ConfigurationError
from tests.email.servers import HOST


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
        ({'use_tls': 'false'}, "'use_tls' must be True or False, not 'false'"),
        ({'implicit_tls': 1}, "'implicit_tls' must be True or False, not 1"),
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
