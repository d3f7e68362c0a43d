"""E-mail in tests: kept in a list, never sent."""

from collections.abc import Iterator

import pytest

from colibris.conf import settings
from colibris.email import EmailMessage

__all__ = ['email_is_kept', 'outbox']

SENDER = 'tests@example.com'


@pytest.fixture
def outbox() -> Iterator[list[EmailMessage]]:
    """The messages that the test has sent, the oldest first."""
    from colibris.email.memory import MemoryBackend
    from colibris.email.slot import slot

    default_from = settings.EMAIL.get('default_from') if settings.EMAIL else SENDER
    backend = MemoryBackend(default_from=default_from)
    with slot.replace(backend):
        yield backend.outbox


@pytest.fixture(autouse=True)
def email_is_kept(request: pytest.FixtureRequest) -> None:
    """Keep every test of a project that sends e-mail from really sending any."""
    if settings.EMAIL:
        request.getfixturevalue('outbox')
