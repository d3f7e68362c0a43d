"""The tables of the database. After a change: `manage.py makemigrations`, then `manage.py migrate`."""

from datetime import UTC, datetime
from secrets import token_urlsafe

from colibris import persist

from __packagename__.constants import ROLE_USER, ROLES


def utcnow() -> datetime:
    """The time in UTC, without a time zone as the database stores it."""
    return datetime.now(UTC).replace(tzinfo=None)


class User(persist.Model):
    """A person or a program that uses the API: the key says who it is, the role what it may do."""

    username = persist.CharField(max_length=64, unique=True)
    email = persist.CharField(max_length=254, null=True)
    first_name = persist.CharField(max_length=64, default='')
    last_name = persist.CharField(max_length=64, default='')
    role = persist.CharField(max_length=16, choices=[(role, role) for role in ROLES], default=ROLE_USER)
    api_key = persist.CharField(max_length=64, unique=True, default=token_urlsafe)
    created = persist.DateTimeField(default=utcnow, index=True)
