"""What the database knows about the migrations: the table `colibris_migrations`."""

import datetime
from dataclasses import dataclass
from typing import Any

import peewee

TABLE = 'colibris_migrations'

_REACHED = 'applied'


@dataclass(frozen=True)
class Entry:
    """A migration that is applied, or partly applied or unapplied where the engine cannot do that in one step."""

    name: str
    checksum: str
    applied: datetime.datetime | None
    direction: str | None = None
    steps: int = 0
    in_doubt: bool = False

    @property
    def is_partial(self) -> bool:
        """Whether it was stopped in the middle."""
        return self.direction is not None


class History:
    """The entries in one database."""

    def __init__(self, database: Any) -> None:
        """Look into `database` when asked."""
        self.database = database
        self._model = _model(database)

    def create(self) -> None:
        """Make the table if there is none."""
        self._model.create_table(safe=True)

    def entries(self) -> dict[str, Entry]:
        """All entries by the migration's name; none when there is no table."""
        if not self._model.table_exists():
            return {}
        rows = self._model.select().order_by(self._model.name)
        return {
            row.name: Entry(row.name, row.checksum, _utc(row.applied), row.direction, row.steps, row.in_doubt)
            for row in rows
        }

    def add(self, name: str, checksum: str) -> None:
        """Record `name` as applied, now."""
        self._put(name, checksum, applied=_now(), direction=None, steps=0, in_doubt=False)

    def advance(self, name: str, checksum: str, direction: str, steps: int, *, in_doubt: bool = False) -> None:
        """Record that `steps` steps of `name` are done on the way `direction` (`up` or `down`).

        `checksum` is that of the steps done; `in_doubt` says that one more is about to be executed.
        """
        self._put(name, checksum, applied=None, direction=direction, steps=steps, in_doubt=in_doubt)

    def remove(self, name: str) -> None:
        """Record `name` as not applied."""
        self._model.delete().where(self._model.name == name).execute()

    def _put(self, name: str, checksum: str, **values: Any) -> None:
        values['checksum'] = checksum
        if not self._model.select().where(self._model.name == name).exists():
            self._model.insert(name=name, **values).execute()
        else:
            self._model.update(values).where(self._model.name == name).execute()


def _model(database: Any) -> Any:
    class Meta:
        table_name = TABLE

    fields = {
        'name': peewee.CharField(max_length=255, primary_key=True),
        'checksum': peewee.CharField(max_length=64),
        'applied': peewee.DateTimeField(null=True),
        'direction': peewee.CharField(max_length=4, null=True),
        'steps': peewee.IntegerField(default=0),
        'in_doubt': peewee.BooleanField(default=False),
    }
    Meta.database = database  # type: ignore[attr-defined]  # Peewee reads it
    return type('MigrationEntry', (peewee.Model,), {**fields, 'Meta': Meta})


def _now() -> datetime.datetime:
    # Peewee stores naive moments; this one is always UTC.
    return datetime.datetime.now(datetime.UTC).replace(tzinfo=None)


def _utc(moment: datetime.datetime | None) -> datetime.datetime | None:
    return None if moment is None else moment.replace(tzinfo=datetime.UTC)
