"""Every kind of change goes up, down and up again, and ends at the schema that the models would give at once."""

import datetime
import decimal
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import peewee
import pytest
from peewee import SQL, Check

from .workbench import Workbench, make_model

Models = list[type[peewee.Model]]


@dataclass
class Change:
    before: Callable[[], Models]
    after: Callable[[], Models]
    rows: list[str] = field(default_factory=list)
    answers: dict[str, Any] = field(default_factory=dict)
    check: str | None = None
    expected: list[Any] | None = None
    engines: tuple[str, ...] = ('sqlite', 'postgresql', 'mysql')


def user(meta: dict[str, Any] | None = None, /, **fields: Any) -> type[peewee.Model]:
    return make_model('User', meta, name=peewee.CharField(max_length=64), **fields)


def post(target: type[peewee.Model], meta: dict[str, Any] | None = None, **options: Any) -> type[peewee.Model]:
    return make_model('Post', meta, title=peewee.CharField(), owner=peewee.ForeignKeyField(target, **options))


def blog(user_fields: dict[str, Any] | None = None, **options: Any) -> Models:
    target = user(**(user_fields or {}))
    return [target, post(target, **options)]


def keyed(key: type[peewee.Field], **options: Any) -> Models:
    target = make_model('User', id=key(primary_key=True, **options), name=peewee.CharField())
    return [target, post(target, on_delete='CASCADE')]


def plain_and_reference(is_reference: bool) -> Models:
    target = user()
    owner = peewee.ForeignKeyField(target, null=True) if is_reference else peewee.IntegerField(null=True)
    return [target, make_model('Post', title=peewee.CharField(), **{'owner' if is_reference else 'owner_id': owner})]


def circle() -> Models:
    team = make_model('Team', name=peewee.CharField(), captain=peewee.DeferredForeignKey('Player', null=True))
    return [team, make_model('Player', name=peewee.CharField(), team=peewee.ForeignKeyField(team))]


def tree(**options: Any) -> Models:
    return [make_model('Node', name=peewee.CharField(), parent=peewee.ForeignKeyField('self', null=True, **options))]


def pair(**extra: Any) -> Models:
    fields = {'left': peewee.IntegerField(), 'right': peewee.CharField(max_length=10), **extra}
    return [make_model('Pair', {'primary_key': peewee.CompositeKey('left', 'right')}, **fields)]


ANN = """INSERT INTO "user" ("name") VALUES ('ann')"""
BOB = """INSERT INTO "user" ("name") VALUES ('bob')"""
POST = """INSERT INTO "post" ("title", "owner_id") VALUES ('first', 1)"""
NAMES = 'SELECT "name" FROM "user" ORDER BY "id"'
TITLES = 'SELECT "title", "owner_id" FROM "post"'

CHANGES = {
    'table_added': Change(lambda: [user()], lambda: blog(), [ANN]),
    'table_dropped': Change(lambda: blog(on_delete='CASCADE'), lambda: [user()], [ANN, POST], {}, NAMES, [('ann',)]),
    'table_renamed': Change(
        lambda: blog(),
        lambda: [
            owner := make_model('Account', name=peewee.CharField(max_length=64)),
            post(owner),
        ],
        [ANN, POST],
        {'table_renames': ['user=account']},
        'SELECT "name" FROM "account"',
        [('ann',)],
    ),
    'tables_in_a_circle_added': Change(list, circle),
    'tables_in_a_circle_dropped': Change(circle, list),
    'table_that_refers_to_itself': Change(list, tree),
    'table_with_composite_key': Change(list, pair),
    'column_added_to_composite_key_table': Change(pair, lambda: pair(note=peewee.TextField(null=True))),
    'column_added_null': Change(lambda: [user()], lambda: [user(age=peewee.IntegerField(null=True))], [ANN]),
    'column_added_with_default': Change(
        lambda: [user()],
        lambda: [user(age=peewee.IntegerField(default=7))],
        [ANN],
        {},
        'SELECT "age" FROM "user"',
        [(7,)],
    ),
    'column_added_with_value': Change(
        lambda: [user()],
        lambda: [user(city=peewee.CharField())],
        [ANN],
        {'defaults': ["L'Aquila"]},
        'SELECT "city" FROM "user"',
        [("L'Aquila",)],
    ),
    'column_added_with_value_for_each_row': Change(
        lambda: [user()],
        lambda: [user(token=peewee.UUIDField(default=uuid.uuid4, unique=True))],
        [ANN, BOB],
        {},
        'SELECT COUNT(DISTINCT "token") FROM "user"',
        [(2,)],
    ),
    'column_added_with_database_default': Change(
        lambda: [user()],
        lambda: [user(age=peewee.IntegerField(constraints=[SQL('DEFAULT 9')]))],
        [ANN],
        {},
        'SELECT "age" FROM "user"',
        [(9,)],
    ),
    'column_added_unique': Change(
        lambda: [user()], lambda: [user(email=peewee.CharField(null=True, unique=True))], [ANN, BOB]
    ),
    'column_dropped': Change(
        lambda: [user(age=peewee.IntegerField(), city=peewee.CharField(null=True))],
        lambda: [user(city=peewee.CharField(null=True))],
        ["""INSERT INTO "user" ("name", "age") VALUES ('ann', 3)"""],
        {},
        NAMES,
        [('ann',)],
    ),
    'column_dropped_with_index': Change(
        lambda: [user(age=peewee.IntegerField(index=True))],
        lambda: [user()],
        ["""INSERT INTO "user" ("name", "age") VALUES ('ann', 3)"""],
    ),
    'column_renamed': Change(
        lambda: [user(age=peewee.IntegerField(index=True, default=1))],
        lambda: [user(years=peewee.IntegerField(index=True, default=1))],
        ["""INSERT INTO "user" ("name", "age") VALUES ('ann', 3)"""],
        {'renames': ['age=years']},
        'SELECT "years" FROM "user"',
        [(3,)],
    ),
    'column_renamed_and_changed': Change(
        lambda: [user(age=peewee.IntegerField())],
        lambda: [user(years=peewee.BigIntegerField(null=True))],
        ["""INSERT INTO "user" ("name", "age") VALUES ('ann', 3)"""],
        {'renames': ['user.age=years']},
        'SELECT "years" FROM "user"',
        [(3,)],
    ),
    'column_renamed_in_indexes': Change(
        lambda: [user({'indexes': ((('name', 'age'), True),)}, age=peewee.IntegerField())],
        lambda: [user({'indexes': ((('name', 'years'), True),)}, years=peewee.IntegerField())],
        ["""INSERT INTO "user" ("name", "age") VALUES ('ann', 3)"""],
        {'renames': ['age=years']},
    ),
    'column_name_changed': Change(
        lambda: [user(age=peewee.IntegerField(null=True))],
        lambda: [user(age=peewee.IntegerField(null=True, column_name='user_age'))],
    ),
    'field_renamed_with_the_same_column': Change(
        lambda: [user(age=peewee.IntegerField(null=True))],
        lambda: [user(years=peewee.IntegerField(null=True, column_name='age'))],
    ),
    'key_renamed': Change(
        lambda: keyed(peewee.AutoField),
        lambda: [
            target := make_model('User', number=peewee.AutoField(), name=peewee.CharField()),
            post(target, on_delete='CASCADE'),
        ],
        [ANN, POST],
        {'renames': ['id=number']},
        TITLES,
        [('first', 1)],
    ),
    'reference_renamed': Change(
        lambda: blog(),
        lambda: [
            target := user(),
            make_model('Post', title=peewee.CharField(), author=peewee.ForeignKeyField(target)),
        ],
        [ANN, POST],
        {'renames': ['owner=author']},
        'SELECT "author_id" FROM "post"',
        [(1,)],
    ),
    'type_changed': Change(
        lambda: [user(age=peewee.CharField())],
        lambda: [user(age=peewee.IntegerField())],
        ["""INSERT INTO "user" ("name", "age") VALUES ('ann', '42')"""],
        {},
        'SELECT "age" FROM "user"',
        [(42,)],
    ),
    'type_widened': Change(
        lambda: [user(age=peewee.SmallIntegerField())],
        lambda: [user(age=peewee.BigIntegerField())],
        ["""INSERT INTO "user" ("name", "age") VALUES ('ann', 42)"""],
    ),
    'text_to_date': Change(
        lambda: [user(born=peewee.CharField(max_length=10, null=True))],
        lambda: [user(born=peewee.DateField(null=True))],
        ["""INSERT INTO "user" ("name", "born") VALUES ('ann', '2001-02-03')"""],
    ),
    'key_type_changed': Change(
        lambda: keyed(peewee.AutoField), lambda: keyed(peewee.BigAutoField), [ANN, POST], {}, TITLES, [('first', 1)]
    ),
    'key_type_changed_to_text': Change(
        lambda: keyed(peewee.IntegerField),
        lambda: keyed(peewee.CharField, max_length=20),
        [
            """INSERT INTO "user" ("id", "name") VALUES (1, 'ann')""",
            """INSERT INTO "post" ("title", "owner_id") VALUES ('first', 1)""",
        ],
        {},
        TITLES,
        [('first', '1')],
    ),
    'key_counts': Change(
        lambda: keyed(peewee.IntegerField),
        lambda: keyed(peewee.AutoField),
        ["""INSERT INTO "user" ("id", "name") VALUES (5, 'ann')"""],
    ),
    'length_changed': Change(
        lambda: [user()], lambda: [make_model('User', name=peewee.CharField(max_length=99))], [ANN]
    ),
    'precision_changed': Change(
        lambda: [user(size=peewee.DecimalField(max_digits=8, decimal_places=2, default=decimal.Decimal('1.5')))],
        lambda: [user(size=peewee.DecimalField(max_digits=12, decimal_places=4, default=decimal.Decimal('1.5')))],
    ),
    'null_allowed': Change(
        lambda: [user(age=peewee.IntegerField())],
        lambda: [user(age=peewee.IntegerField(null=True))],
        ["""INSERT INTO "user" ("name", "age") VALUES ('ann', 3)"""],
    ),
    'null_forbidden': Change(
        lambda: [user(age=peewee.IntegerField(null=True))],
        lambda: [user(age=peewee.IntegerField())],
        [ANN],
        {'defaults': ['age=5']},
        'SELECT "age" FROM "user"',
        [(5,)],
    ),
    'null_forbidden_with_value_for_each_row': Change(
        lambda: [user(token=peewee.UUIDField(null=True, unique=True))],
        lambda: [user(token=peewee.UUIDField(default=uuid.uuid4, unique=True))],
        [ANN, BOB],
        {},
        'SELECT COUNT(DISTINCT "token") FROM "user"',
        [(2,)],
    ),
    'default_changed': Change(
        lambda: [user(age=peewee.IntegerField(default=1))],
        lambda: [user(age=peewee.IntegerField(default=2))],
        [ANN.replace(')', ', "age")', 1).replace("'ann'", "'ann', 1")],
    ),
    'database_default_changed': Change(
        lambda: [user(age=peewee.IntegerField(constraints=[SQL('DEFAULT 1')]))],
        lambda: [user(age=peewee.IntegerField(constraints=[SQL('DEFAULT 2')]))],
        [ANN],
    ),
    'database_default_dropped': Change(
        lambda: [user(age=peewee.IntegerField(constraints=[SQL('DEFAULT 1')]))],
        lambda: [user(age=peewee.IntegerField())],
        [ANN],
    ),
    'check_added': Change(
        lambda: [user(age=peewee.IntegerField(default=3))],
        lambda: [user(age=peewee.IntegerField(default=3, constraints=[Check('age > 0 AND age % 10 < 9')]))],
    ),
    'table_with_check': Change(list, lambda: [user({'constraints': [Check('length(name) > 2')]})]),
    'index_added': Change(
        lambda: [user()], lambda: [make_model('User', name=peewee.CharField(max_length=64, index=True))], [ANN]
    ),
    'index_dropped': Change(
        lambda: [make_model('User', name=peewee.CharField(max_length=64, index=True))], lambda: [user()], [ANN]
    ),
    'unique_added': Change(
        lambda: [user()], lambda: [make_model('User', name=peewee.CharField(max_length=64, unique=True))], [ANN]
    ),
    'unique_dropped': Change(
        lambda: [make_model('User', name=peewee.CharField(max_length=64, unique=True))], lambda: [user()], [ANN]
    ),
    'index_made_unique': Change(
        lambda: [make_model('User', name=peewee.CharField(max_length=64, index=True))],
        lambda: [make_model('User', name=peewee.CharField(max_length=64, unique=True))],
        [ANN],
    ),
    'indexes_over_columns_added': Change(
        lambda: blog(),
        lambda: blog(meta={'indexes': ((('owner', 'title'), True), (('title', 'owner'), False))}),
        [ANN, POST],
    ),
    'indexes_over_columns_dropped': Change(
        lambda: blog(meta={'indexes': ((('owner', 'title'), True), (('title', 'owner'), False))}),
        lambda: blog(),
        [ANN, POST],
    ),
    'foreign_key_index_dropped': Change(lambda: blog(), lambda: blog(index=False), [ANN, POST]),
    'foreign_key_made_unique': Change(lambda: blog(), lambda: blog(unique=True), [ANN, POST]),
    'foreign_key_column_added': Change(
        lambda: [user(), make_model('Post', title=peewee.CharField())], lambda: blog(null=True), [ANN]
    ),
    'foreign_key_column_dropped': Change(
        lambda: blog(null=True), lambda: [user(), make_model('Post', title=peewee.CharField())], [ANN, POST]
    ),
    'foreign_key_added': Change(
        lambda: plain_and_reference(False), lambda: plain_and_reference(True), [ANN, POST], {}, TITLES, [('first', 1)]
    ),
    'foreign_key_dropped': Change(
        lambda: plain_and_reference(True), lambda: plain_and_reference(False), [ANN, POST], {}, TITLES, [('first', 1)]
    ),
    'on_delete_changed': Change(
        lambda: blog(on_delete='CASCADE'), lambda: blog(on_delete='RESTRICT'), [ANN, POST], {}, TITLES, [('first', 1)]
    ),
    'on_delete_added_to_itself': Change(tree, lambda: tree(on_delete='SET NULL')),
    'parent_changed': Change(
        lambda: blog(on_delete='CASCADE'),
        lambda: blog({'age': peewee.IntegerField(default=1)}, on_delete='CASCADE'),
        [ANN, POST],
        {},
        TITLES,
        [('first', 1)],
    ),
    'all_kinds_of_fields': Change(
        list,
        lambda: [
            make_model(
                'Everything',
                id=peewee.BigAutoField(),
                big=peewee.BigIntegerField(default=1),
                small=peewee.SmallIntegerField(null=True),
                flags=peewee.BitField(),
                real=peewee.FloatField(default=0.5),
                double=peewee.DoubleField(null=True),
                fixed=peewee.FixedCharField(max_length=3, null=True),
                text=peewee.TextField(default='it\'s "quoted"\n'),
                blob=peewee.BlobField(null=True),
                uid=peewee.UUIDField(default=uuid.uuid4),
                uid_binary=peewee.BinaryUUIDField(null=True),
                moment=peewee.DateTimeField(default=datetime.datetime.now, index=True),
                day=peewee.DateField(default=datetime.date(2020, 1, 2)),
                hour=peewee.TimeField(null=True),
                stamp=peewee.TimestampField(resolution=1000, utc=True),
                last=peewee.TimestampField(null=True, default=None),
                made=peewee.TimestampField(default=lambda: 1),
                address=peewee.IPField(null=True),
                yes=peewee.BooleanField(default=False),
                document=peewee.JSONField(default=dict, null=True),
            )
        ],
    ),
}


@pytest.mark.parametrize('name', CHANGES)
def test_goes_up_and_down_to_the_same_schema(workbench: Workbench, name: str) -> None:
    change = CHANGES[name]
    if change.before() == []:
        workbench.write('0001_start.py', 'def up(schema):\n    pass\n\n\ndef down(schema):\n    pass\n')
    else:
        workbench.make(*change.before())
    workbench.migrate()
    before = workbench.schema()
    for row in change.rows:
        workbench.execute(row)
    path = workbench.make(*change.after(), **change.answers)
    assert path is not None
    workbench.migrate()
    after = workbench.schema()
    assert after == workbench.fresh_schema(*change.after())
    if change.check:
        assert workbench.rows(change.check) == change.expected
    assert workbench.make(*change.after()) is None
    workbench.migrate('1')
    assert workbench.schema() == before
    workbench.migrate()
    assert workbench.schema() == after
    workbench.migrate('zero')
    assert workbench.schema() == []
