"""The tables, which are there already."""

import os
from datetime import UTC, datetime

from playhouse.postgres_ext import DateTimeTZField

from colibris import persist

_KEEPS_ZONES = os.environ['DATABASE_URL'].startswith('postgresql')


def now() -> datetime:
    """The time."""
    return datetime.now(UTC) if _KEEPS_ZONES else datetime.now(UTC).replace(tzinfo=None)


class Account(persist.Model):
    """Whoever asks."""

    name = persist.CharField(64)
    key = persist.CharField(64, unique=True)


class Item(persist.Model):
    """Something to sell."""

    name = persist.CharField(64)
    description = persist.TextField(null=True)
    price = persist.DecimalField(10, 2)
    quantity = persist.IntegerField()
    tag = persist.CharField(32)
    active = persist.BooleanField()
    created_at = (DateTimeTZField if _KEEPS_ZONES else persist.DateTimeField)(default=now)
