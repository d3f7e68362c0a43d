import pytest

from tests.email.servers import MailServer


@pytest.fixture
def mail_server():
    """A mail server without encryption."""
    with MailServer() as server:
        yield server
        assert server.problems == []
