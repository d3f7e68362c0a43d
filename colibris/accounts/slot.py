"""The place of the accounts' backend."""

from colibris.accounts.backend import AccountsBackend
from colibris.conf.backends import BackendSlot

__all__ = ['slot']

slot: BackendSlot[AccountsBackend] = BackendSlot('ACCOUNTS', AccountsBackend)
