"""Tests that every authorization backend passes, for people who write their own."""

from typing import Any, ClassVar

import pytest

from colibris import bridge
from colibris.authorization import AuthorizationBackend, Permissions

__all__ = ['AuthorizationBackendContract']


class AuthorizationBackendContract:
    """Subclass this, set ``permission``, and define fixtures.

    ``backend`` is the backend, ``account`` an account that has the permission, and ``stranger`` one that has not, or
    ``None`` where only nobody has not.
    """

    permission: ClassVar[str]

    @pytest.fixture
    async def started(self, backend: AuthorizationBackend) -> AuthorizationBackend:
        """The backend, as it is while the server runs."""
        await bridge.drive(backend.start())
        backend.check_permission(self.permission)
        return backend

    async def test_account_that_has_the_permission(self, started: AuthorizationBackend, account: Any) -> None:
        """It passes, time and again."""
        for _ in range(2):
            await self._expect(started, account, self.permission, True)

    async def test_account_that_has_it_not(self, started: AuthorizationBackend, account: Any, stranger: Any) -> None:
        """It does not pass, though another one has just passed."""
        await self._expect(started, account, self.permission, True)
        await self._expect(started, stranger, self.permission, False)

    async def test_nobody(self, started: AuthorizationBackend) -> None:
        """Who has no account has no permission."""
        await self._expect(started, None, self.permission, False)

    async def test_anything(self, started: AuthorizationBackend, stranger: Any) -> None:
        """Whatever a permission is called, and whatever an account is, asking is no error."""
        for permission in (':', 'x' * 1000, "' OR 1=1 --", '%', self.permission.upper()):
            await self._expect(started, stranger, permission, False)
        await bridge.run(started.has_permission, object(), self.permission)

    async def _expect(self, backend: AuthorizationBackend, account: Any, permission: str, expected: bool) -> None:
        wanted = Permissions((frozenset({permission}),))
        if await bridge.run(wanted.allow, account, backend) is not expected:
            raise AssertionError(f'{account!r} {"lacks" if expected else "has"} {permission!r}')
